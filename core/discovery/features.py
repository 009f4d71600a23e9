"""What is clustered: each modality centred, reduced and normalised inside the category, then weighted."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.discovery.cross_smoothing import smooth_across
from core.discovery.reduction import principal_components
from core.domain.arrays import AnyArray, BoolArray, FloatArray
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import ShapeError, TooFewProductsError

SMALLEST_NORM = 1e-6
Modalities = Mapping[str, tuple[AnyArray, float]]
"""Per modality, such as "image" and "text": an embedding, zero where a product lacks it, and its weight."""


def present_rows(embedding: AnyArray) -> BoolArray:
    """Which products have this modality: a finite vector that is not zero. Shape: (n_products,)."""
    norms = np.linalg.norm(np.asarray(embedding, dtype=np.float64), axis=1)
    return np.isfinite(norms) & (norms > SMALLEST_NORM)


def modality_features(embedding: AnyArray, n_components: int, seed: int) -> FloatArray:
    """Features of one modality inside a category: centred, PCA-reduced, L2-normalised.

    Centring inside the category removes what all its products share, so that what remains is what tells them apart.

    Args:
        embedding: One vector per product; a zero vector where the product lacks the modality. Shape: (n, d).
        n_components: Wanted width; fewer where the products allow no more.
        seed: For the PCA of large inputs.

    Returns:
        Unit vectors; zero where the modality is missing, or where a product is exactly average. Shape: (n, k).
    """
    present = present_rows(embedding)
    if not present.any():
        return np.zeros((len(embedding), 0), dtype=np.float32)
    components = principal_components(np.asarray(embedding)[present], n_components, seed)  # (n_present, k)
    norms = np.linalg.norm(components, axis=1, keepdims=True)
    features = np.zeros((len(embedding), components.shape[1]), dtype=np.float32)
    features[present] = np.divide(components, norms, out=np.zeros_like(components), where=norms > SMALLEST_NORM)
    return features


def combine(modalities: Sequence[tuple[FloatArray, float]]) -> FloatArray:
    """Concatenate modality features, each times its weight.

    Args:
        modalities: Pairs of features of shape (n, k) and a weight of 0 or more. A modality that nobody has, or that
            is the same for everybody, is left out.

    Returns:
        Shape: (n, sum of the kept widths).

    Raises:
        ShapeError: If the modalities have different numbers of products.
        TooFewProductsError: If no modality is left: nothing tells the products apart.
    """
    if len({len(features) for features, _ in modalities}) > 1:
        raise ShapeError(
            f"Modalities expected one row per product each, got {[len(features) for features, _ in modalities]} rows.",
            "Encode every modality of the same products again.",
        )
    kept = [features * np.float32(weight) for features, weight in modalities if weight > 0 and features.any()]
    if not kept:
        raise TooFewProductsError(
            "No image and no text tells the products of this category apart.",
            "Import products with titles or images that differ, or choose the parent category.",
        )
    return np.hstack(kept)


def weighted_features(modalities: Modalities, parameters: DiscoveryParameters) -> FloatArray:
    """Features of some products from all their modalities: `modality_features` of each, smoothed across, combined.

    Args:
        modalities: Embeddings of shape (n, d) and weights.
        parameters: Gives the PCA's width and the seed.

    Returns:
        Shape: (n, sum of the kept widths).

    Raises:
        ShapeError: If the modalities have different numbers of products.
        TooFewProductsError: If nothing tells the products apart.
    """
    parts = {
        name: modality_features(embedding, parameters.pca_components, parameters.seed)
        for name, (embedding, _) in modalities.items()
    }
    if parameters.smoothing_neighbors and len({len(rows) for rows in parts.values()}) == 1:
        parts = smooth_across(parts, parameters.smoothing_neighbors)
    return combine([(parts[name], weight) for name, (_, weight) in modalities.items()])
