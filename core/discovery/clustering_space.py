"""The space that is clustered: UMAP positions beside the leading linear components of the features.

UMAP pulls neighbours together, so that groups stand out, but forgets how far apart they were: two kinds whose
products are linked by a few in between may end side by side. Linear components keep the distances, blurred by
everything that does not matter. Each half makes up for what the other loses.
"""

import numpy as np

from core.discovery.reduction import principal_components
from core.domain.arrays import FloatArray
from core.domain.discovery import DiscoveryParameters

AGGLOMERATIVE = "agglomerative"


def clustering_space(features: FloatArray, reduced: FloatArray, parameters: DiscoveryParameters) -> FloatArray:
    """UMAP positions and linear components side by side, each half with the same total variance, 1.

    Args:
        features: Combined modality features. Shape: (n_products, d).
        reduced: Their UMAP positions. Shape: (n_products, k).
        parameters: `linear_components` says how many, 0 for none. HDBSCAN looks for dense places, which only UMAP
            makes, and gets none.

    Returns:
        Shape: (n_products, k + linear_components), or `reduced` itself where there are no linear components.
    """
    if not parameters.linear_components or parameters.clusterer != AGGLOMERATIVE:
        return reduced
    linear = principal_components(features, parameters.linear_components, parameters.seed)
    return np.hstack([_of_unit_variance(reduced), _of_unit_variance(linear)])


def _of_unit_variance(positions: FloatArray) -> FloatArray:
    centred = positions - positions.mean(axis=0)
    total = np.sqrt(np.square(centred, dtype=np.float64).sum() / len(centred))
    return (centred / max(total, 1e-9)).astype(np.float32)
