"""Cuts of a stored dendrogram: what the granularity slider does. Quick enough for every move of it."""

import numpy as np

from core.discovery.dendrogram import Dendrogram
from core.domain.arrays import BoolArray, IntArray
from core.domain.errors import ShapeError

NOISE = -1
"""Cluster id of a product that belongs to no cluster."""


def cut(dendrogram: Dendrogram, k: int) -> IntArray:
    """Cut the tree into `k` clusters.

    Args:
        dendrogram: The tree of a run.
        k: Wanted number of clusters; at most the number of leaves is given. A guided tree allows no fewer than keep
            apart what must be, and no more than leave its groups whole.

    Returns:
        Cluster of each product, 0 the largest; equal sizes keep the order of their first product. -1 for noise.
        Shape: (n_products,).

    Raises:
        ShapeError: If `k` is below 1.
    """
    _check_count(k)
    undone = np.arange(max(len(dendrogram.linkage) - (k - 1), 0), len(dendrogram.linkage))
    return _clusters_of(dendrogram, _without(dendrogram, undone), dendrogram.leaf_of_product)


def cut_within(dendrogram: Dendrogram, product_positions: IntArray, k: int) -> IntArray:
    """Cut only the part of the tree that holds some products: the next cuts below a cluster.

    The tree is narrowed to the given products, wherever they sit, and its topmost k - 1 merges are undone.

    Args:
        dendrogram: The tree of a run.
        product_positions: Positions of the products, for instance of one cluster of a coarser cut. Shape: (n,).
        k: Wanted number of clusters; at most the number of leaves these products sit on is given.

    Returns:
        Cluster of each given product, 0 the largest, -1 for noise. Shape: (n,).

    Raises:
        ShapeError: If `k` is below 1.
    """
    _check_count(k)
    leaves = dendrogram.leaf_of_product[product_positions]
    joins = _rows_that_join(dendrogram, leaves[leaves >= 0])
    undone = joins[max(len(joins) - (k - 1), 0) :]
    return _clusters_of(dendrogram, _without(dendrogram, undone), leaves)


def size_ordered(labels: IntArray) -> IntArray:
    """Renumber arbitrary labels 0, 1, … by falling size; equal sizes keep the order of their first product.

    Args:
        labels: Any label per product; negative ones are noise and become -1. Shape: (n,).

    Returns:
        New cluster ids. Shape: (n,).
    """
    ordered = np.full(len(labels), NOISE, dtype=np.int64)
    inside = labels >= 0
    if not inside.any():
        return ordered
    _, first, inverse, sizes = np.unique(labels[inside], return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    ordered[inside] = rank[inverse]
    return ordered


def _without(dendrogram: Dendrogram, undone: IntArray) -> BoolArray:
    """Merges that stand in a cut: none of those at +inf, which must not be, and all at -inf, which must."""
    heights = dendrogram.linkage[:, 2]
    kept = heights < np.inf
    kept[undone] = False
    return kept | np.isneginf(heights)


def _clusters_of(dendrogram: Dendrogram, kept: BoolArray, leaves: IntArray) -> IntArray:
    top = _topmost_nodes(dendrogram, kept)
    return size_ordered(np.where(leaves >= 0, top[leaves], NOISE))


def _topmost_nodes(dendrogram: Dendrogram, kept: BoolArray) -> IntArray:
    """For every leaf, the highest node reached over kept merges alone."""
    n_leaves = dendrogram.n_leaves
    above = np.arange(n_leaves + len(kept), dtype=np.int64)
    rows = np.flatnonzero(kept)
    children = dendrogram.linkage[rows, :2].astype(np.int64)  # (n_kept, 2)
    above[children[:, 0]] = above[children[:, 1]] = rows + n_leaves
    while True:  # every round doubles the distance climbed, so the depth of the tree costs its logarithm
        higher = above[above]
        if np.array_equal(higher, above):
            return above[:n_leaves]
        above = higher


def _rows_that_join(dendrogram: Dendrogram, leaves: IntArray) -> IntArray:
    """Rows of the linkage that have some of the leaves on either side, in rising height."""
    n_leaves = dendrogram.n_leaves
    held = np.zeros(n_leaves, dtype=bool)
    held[leaves] = True
    holds = [*held.tolist(), *[False] * (n_leaves - 1)]
    joins = []
    for row, (left, right) in enumerate(dendrogram.linkage[:, :2].astype(np.int64).tolist()):
        holds[n_leaves + row] = holds[left] or holds[right]
        if holds[left] and holds[right]:
            joins.append(row)
    return np.array(joins, dtype=np.int64)


def _check_count(k: int) -> None:
    if k < 1:
        raise ShapeError(f"A cut expected at least 1 cluster, got {k}.", "Ask for 1 cluster or more.")
