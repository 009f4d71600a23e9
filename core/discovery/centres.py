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
    sums = np.zeros((k, reduced.shape[1]))
    np.add.at(sums, cluster_ids[inside], reduced[inside])
    sizes = np.bincount(cluster_ids[inside], minlength=k)
    return sums / np.maximum(sizes, 1)[:, None]


def distances_to_centres(reduced: FloatArray, centres: DoubleArray) -> DoubleArray:
    """Euclidean distance of every product to every centre. Shape: (n_products, k)."""
    # One centre at a time keeps the memory at O(n) beyond the result and the rounding exact.
    distances = np.empty((len(reduced), len(centres)))
    for index, centre in enumerate(centres):
        distances[:, index] = np.sqrt(((reduced - centre) ** 2).sum(axis=1))
    return distances
