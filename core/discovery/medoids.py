"""Which products stand for a cluster: those nearest its centre."""

from itertools import pairwise

import numpy as np

from core.discovery.centres import cluster_centres, distances_to_centres
from core.domain.arrays import DoubleArray, FloatArray, IntArray


def rank_by_centrality(reduced: FloatArray, cluster_ids: IntArray) -> DoubleArray:
    """Distance of each product to the centre of its cluster: sorted rising, the most typical come first.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        cluster_ids: Cluster of each product, -1 for noise. Shape: (n_products,).

    Returns:
        Euclidean distances; for noise, the distance to the nearest centre (0 where there is no cluster at all).
        Shape: (n_products,).

    Raises:
        ShapeError: If the lengths differ.
    """
    centres = cluster_centres(reduced, cluster_ids)
    if len(centres) == 0:
        return np.zeros(len(reduced))
    distances = distances_to_centres(reduced, centres)  # (n_products, k)
    own = distances[np.arange(len(reduced)), np.maximum(cluster_ids, 0)]
    return np.where(cluster_ids >= 0, own, distances.min(axis=1))


def medoids(distances: DoubleArray, cluster_ids: IntArray, n: int) -> list[IntArray]:
    """Positions of the `n` most typical products of each cluster, most typical first.

    Args:
        distances: What `rank_by_centrality` gave. Shape: (n_products,).
        cluster_ids: Cluster of each product, -1 for noise. Shape: (n_products,).
        n: How many per cluster; fewer where a cluster is smaller.

    Returns:
        One array per cluster 0 to k - 1.
    """
    order = np.lexsort((distances, cluster_ids))  # by cluster, then by distance; equal distances keep their order
    bounds = np.searchsorted(cluster_ids[order], np.arange(int(cluster_ids.max(initial=-1)) + 2))
    return [order[start : min(start + n, end)] for start, end in pairwise(bounds)]
