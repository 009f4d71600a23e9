"""The paper's image filter: K-Means on the images, and which of its clusters hold together."""

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

from core.domain.arrays import BoolArray, DoubleArray, FloatArray, IntArray

FEWEST_CLUSTERS, MOST_CLUSTERS = 8, 100
SMALLEST_COHERENT = 5
"""K-Means gives odd images clusters of one to a few: so few images say nothing together."""
DIFFUSE_SPREAD = 2.5
"""A cluster whose images lie so many times further from its centre than is usual is a gathering of strangers."""
FAR_DEVIATIONS = 4.0
"""Inside a coherent cluster an image must stand apart this much more clearly than outside of one."""
EXACT_LIMIT = 20_000
"""Above this many images K-Means works in batches."""
SAME_DECIMALS = 5
"""Images this near to one another are the same, and only rounding tells them apart."""


def kmeans_candidates(components: FloatArray, seed: int) -> tuple[BoolArray, DoubleArray]:
    """Find images that K-Means leaves in no coherent cluster, or far from the centre of one.

    A cluster is coherent where it has `SMALLEST_COHERENT` images or more and its root mean square distance to the
    centre is at most `DIFFUSE_SPREAD` times the median one of clusters of that size. How far an image stands apart is
    its distance to the nearest coherent centre over the spread of that cluster, so that an image in a small cluster of
    its own is compared with the others all the same.

    Args:
        components: Positions of the images. Shape: (n, k).
        seed: For the first centres.

    Returns:
        Which images may be set aside, and the distance of each, 1 at the edge of its cluster. Shapes: (n,).

    Source:
        Gross et al. 2025, step 1, https://arxiv.org/abs/2508.20013
    """
    components = np.round(components, SAME_DECIMALS)
    labels, centres = _clusters(components, seed)
    sizes = np.bincount(labels, minlength=len(centres))
    squares = ((components - centres[labels]) ** 2).sum(axis=1).astype(np.float64)
    spreads = np.sqrt(np.bincount(labels, squares, len(centres)) / np.maximum(sizes, 1))
    is_coherent = _coherent(sizes, spreads)
    if not is_coherent.any():
        return np.zeros(len(components), dtype=bool), np.zeros(len(components))
    distances = _relative_distances(components, centres[is_coherent], spreads[is_coherent])
    is_far = distances > _far(distances)
    return ~is_coherent[labels] | is_far, distances


def _clusters(components: FloatArray, seed: int) -> tuple[IntArray, FloatArray]:
    n_distinct = len(np.unique(components, axis=0))
    k = min(int(np.clip(np.sqrt(len(components)), FEWEST_CLUSTERS, MOST_CLUSTERS)), n_distinct)
    if len(components) > EXACT_LIMIT:
        model = MiniBatchKMeans(k, n_init=3, batch_size=4096, random_state=seed)
    else:
        model = KMeans(k, n_init=1, max_iter=50, random_state=seed)
    return model.fit_predict(components).astype(np.int64), model.cluster_centers_


def _coherent(sizes: IntArray, spreads: DoubleArray) -> BoolArray:
    is_large = sizes >= SMALLEST_COHERENT
    if not is_large.any():
        return is_large
    usual = np.median(np.repeat(spreads[is_large], sizes[is_large]))  # the spread that the typical image sees
    return is_large & (spreads <= DIFFUSE_SPREAD * usual)


def _relative_distances(components: FloatArray, centres: FloatArray, spreads: DoubleArray) -> DoubleArray:
    """Distance to the nearest centre over that cluster's spread; tight clusters count as half as wide as usual."""
    width = np.maximum(spreads, 0.5 * np.median(spreads))
    nearest, own_width = np.full(len(components), np.inf), np.ones(len(components))
    for centre, spread in zip(centres, width, strict=True):
        distances = np.sqrt(((components - centre) ** 2).sum(axis=1))
        is_nearer = distances < nearest
        nearest[is_nearer], own_width[is_nearer] = distances[is_nearer], spread
    nearest = np.round(nearest, SAME_DECIMALS)
    return np.divide(nearest, own_width, out=np.zeros_like(nearest), where=own_width > 0)


def _far(distances: DoubleArray) -> float:
    """The distance from which on an image is far: `FAR_DEVIATIONS` robust deviations on a logarithmic scale."""
    apart = distances[distances > 0]
    if len(apart) == 0:
        return np.inf
    usual, higher = np.quantile(apart, [0.5, 0.8413])
    return float(usual * (higher / usual) ** FAR_DEVIATIONS)
