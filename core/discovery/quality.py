"""How good a cut is: without the truth (silhouette) and with it (purity, NMI, ARI)."""

from collections.abc import Sequence

import numpy as np

from core.discovery.centres import cluster_centres, distances_to_centres
from core.domain.arrays import DoubleArray, FloatArray, IntArray
from core.domain.errors import ShapeError


def simplified_silhouette(reduced: FloatArray, cluster_ids: IntArray) -> DoubleArray:
    """Silhouette of each product with cluster centres in place of mean distances, in O(n·k).

    With a the distance to the own centre and b the one to the nearest other centre: (b - a) / max(a, b).

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        cluster_ids: Cluster of each product, -1 for noise. Shape: (n_products,).

    Returns:
        Values in [-1, 1]; 0 for noise and where there are fewer than two clusters. Shape: (n_products,).

    Raises:
        ShapeError: If the lengths differ.

    Source:
        Hruschka et al. 2004, "Evolutionary algorithms for clustering gene-expression data".
    """
    centres = cluster_centres(reduced, cluster_ids)
    silhouettes = np.zeros(len(reduced))
    if len(centres) < 2:
        return silhouettes
    inside = np.flatnonzero(cluster_ids >= 0)
    distances = distances_to_centres(reduced[inside], centres)  # (n_inside, k)
    rows = np.arange(len(inside))
    own = distances[rows, cluster_ids[inside]]
    distances[rows, cluster_ids[inside]] = np.inf
    other = distances.min(axis=1)
    larger = np.maximum(own, other)
    silhouettes[inside] = np.divide(other - own, larger, out=np.zeros_like(own), where=larger > 0)
    return silhouettes


def cluster_silhouettes(silhouettes: DoubleArray, cluster_ids: IntArray) -> DoubleArray:
    """Mean silhouette of each cluster. Shape: (k,)."""
    inside = cluster_ids >= 0
    sizes = np.bincount(cluster_ids[inside])
    return np.bincount(cluster_ids[inside], weights=silhouettes[inside]) / np.maximum(sizes, 1)


def purity(cluster_ids: IntArray, true_labels: Sequence[str]) -> float:
    """Share of products that carry the majority label of their cluster.

    Args:
        cluster_ids: Cluster of each product, -1 for noise. Shape: (n_products,).
        true_labels: Reference label of each product, same order. Shape: (n_products,).

    Returns:
        A fraction in [0, 1]. Noise counts as wrong, so hiding hard products cannot raise it.

    Raises:
        ShapeError: If the lengths differ or there are no products.

    Source:
        Gross et al. 2025, section V-C, https://arxiv.org/abs/2508.20013
    """
    labels = _label_ids(cluster_ids, true_labels)
    inside = cluster_ids >= 0
    if not inside.any():
        return 0.0
    table = np.zeros((int(cluster_ids.max()) + 1, int(labels.max()) + 1), dtype=np.int64)
    np.add.at(table, (cluster_ids[inside], labels[inside]), 1)
    return float(table.max(axis=1).sum() / len(labels))


def nmi(cluster_ids: IntArray, true_labels: Sequence[str]) -> float:
    """Normalised mutual information of clusters and labels, in [0, 1]. Noise counts as one cluster."""
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(_label_ids(cluster_ids, true_labels), cluster_ids))


def ari(cluster_ids: IntArray, true_labels: Sequence[str]) -> float:
    """Adjusted Rand index of clusters and labels: 1 alike, about 0 by chance. Noise counts as one cluster."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(_label_ids(cluster_ids, true_labels), cluster_ids))


def _label_ids(cluster_ids: IntArray, true_labels: Sequence[str]) -> IntArray:
    if len(cluster_ids) != len(true_labels) or len(cluster_ids) == 0:
        raise ShapeError(
            f"Expected one true label per product, got {len(true_labels)} for {len(cluster_ids)} products.",
            "Pass one label per product of the run, and at least one product.",
        )
    return np.unique(np.asarray(true_labels, dtype=str), return_inverse=True)[1].astype(np.int64)
