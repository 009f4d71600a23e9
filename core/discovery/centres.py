"""Cluster centres and the distances to them, shared by quality and medoids."""

import numpy as np

from core.domain.arrays import DoubleArray, FloatArray, IntArray
from core.domain.errors import ShapeError


def cluster_centres(reduced: FloatArray, cluster_ids: IntArray) -> DoubleArray:
    """Mean position of each cluster's products.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        cluster_ids: Cluster of each product, 0 to k - 1, each used; -1 for noise. Shape: (n_products,).

    Returns:
        Centres. Shape: (k, n_components).

    Raises:
        ShapeError: If the lengths differ.
    """
    if len(reduced) != len(cluster_ids):
        raise ShapeError(
            f"Expected one cluster per product, got {len(cluster_ids)} clusters for {len(reduced)} products.",
            "Pass arrays of the same run.",
        )
    inside = cluster_ids >= 0
    k = int(cluster_ids.max(initial=-1)) + 1
    placed, members = reduced[inside], cluster_ids[inside]
    sums = [np.bincount(members, weights=column, minlength=k) for column in placed.T]
    sizes = np.bincount(members, minlength=k)
    return np.stack(sums, axis=1) / np.maximum(sizes, 1)[:, None]


def distances_to_centres(reduced: FloatArray, centres: DoubleArray) -> DoubleArray:
    """Euclidean distance of every product to every centre. Shape: (n_products, k)."""
    from scipy.spatial.distance import cdist  # by differences, not by a matrix product: the rounding stays exact

    return cdist(reduced, centres)
