"""The top of a dendrogram as a picture: a few branches, where each merge stands, and what a cut between two gives."""

from dataclasses import dataclass

import numpy as np

from core.discovery.dendrogram import Dendrogram
from core.domain.arrays import AnyArray, BoolArray, DoubleArray, IntArray
from core.domain.errors import ShapeError

EVEN_SHARE = 0.45
"""Share of the picture's height that goes in even steps: the rest is true to scale, but every cut can be pointed at."""


@dataclass(frozen=True, slots=True, eq=False)
class DendrogramLayout:
    """A dendrogram of which everything below the topmost merges is one branch each.

    Nodes are numbered as in a linkage: branches 0 … n - 1 from one side of the picture to the other, then the merges
    in rising height. Merges at +inf join what must stay apart; no cut keeps them.

    Attributes:
        children: The two nodes of each merge, the one that comes first in the picture first. Shape: (n - 1, 2).
        heights: Of each merge, as in the tree. Shape: (n - 1,).
        places: Where each merge is drawn, in (0, 1], strictly rising. Shape: (n - 1,).
        sizes: Products under each node, branches first. Shape: (2n - 1,).
        middles: Across the picture: branch i at i, a merge between its children. Shape: (2n - 1,).
        branch_of_product: Branch of each product, -1 for one outside the tree. Shape: (n_products,).
    """

    children: IntArray
    heights: DoubleArray
    places: DoubleArray
    sizes: IntArray
    middles: DoubleArray
    branch_of_product: IntArray

    @property
    def n_branches(self) -> int:
        """How many branches are drawn; a cut into more does not show."""
        return len(self.children) + 1

    @property
    def fewest(self) -> int:
        """Clusters of the coarsest cut."""
        return 1 + int(np.isposinf(self.heights).sum())

    def place_of_cut(self, k: int) -> float:
        """Where a line crosses the picture that leaves `k` clusters, or as near to it as the picture reaches.

        Returns:
            In [0, 1.05]: between the lowest merge undone and the highest one kept.
        """
        n_kept = self.n_branches - min(max(k, self.fewest), self.n_branches)
        below = float(self.places[n_kept - 1]) if n_kept else 0.0
        above = float(self.places[n_kept]) if n_kept < len(self.places) else max(below, 1.0) + 0.1
        return (below + above) / 2

    def clusters_at(self, place: float) -> int:
        """How many clusters a line at a place of the picture leaves."""
        return max(1 + int((self.places > place).sum()), self.fewest)


def layout_dendrogram(dendrogram: Dendrogram, n_branches: int) -> DendrogramLayout:
    """Lay out the topmost merges of a tree.

    Args:
        dendrogram: The tree of a run.
        n_branches: How many branches to draw at most. Merges at -inf, which no cut undoes, are never drawn.

    Returns:
        The layout: of two branches the one with more products comes first.

    Raises:
        ShapeError: If `n_branches` is below 1.
    """
    if n_branches < 1:
        raise ShapeError(f"A picture expected at least 1 branch, got {n_branches}.", "Ask for 1 branch or more.")
    linkage, n_leaves = dendrogram.linkage, dendrogram.n_leaves
    n_whole = int(np.isneginf(linkage[:, 2]).sum())
    first = max(len(linkage) - (n_branches - 1), n_whole)
    top = linkage[first:]
    ends = _branch_ends(top, first, n_leaves, n_leaves + len(linkage) - 1)
    inside = _leaf_branches(linkage[:first], n_leaves, ends)  # (n_leaves,) index into `ends`
    leaves = dendrogram.leaf_of_product
    branches = np.where(leaves >= 0, inside[leaves], -1)
    counts = np.bincount(branches[branches >= 0], minlength=len(ends))
    number = {node: at for at, node in enumerate(ends)}
    number |= {n_leaves + first + row: len(ends) + row for row in range(len(top))}
    children = np.array([[number[int(left)], number[int(right)]] for left, right in top[:, :2]], dtype=np.int64)
    return _arranged(children.reshape(-1, 2), top[:, 2], counts, branches)


def _arranged(children: IntArray, heights: DoubleArray, counts: AnyArray, branches: IntArray) -> DendrogramLayout:
    """Put the larger side of every merge first, and number the branches in the order this gives."""
    n = len(counts)
    sizes = np.concatenate([counts, np.zeros(len(children), dtype=np.int64)])
    for row, (left, right) in enumerate(children.tolist()):
        sizes[n + row] = sizes[left] + sizes[right]
    order: list[int] = []
    waiting = [len(sizes) - 1]
    while waiting:
        node = waiting.pop()
        if node < n:
            order.append(node)
            continue
        waiting.extend(sorted(children[node - n].tolist(), key=lambda child: (sizes[child], -child)))
    rank = np.arange(len(sizes))
    rank[order] = np.arange(n)
    drawn = rank[children]
    middles = np.concatenate([np.arange(n, dtype=np.float64), np.zeros(len(children))])
    for row, pair in enumerate(drawn):
        drawn[row] = pair[np.argsort(middles[pair])]
        middles[n + row] = middles[pair].mean()
    sizes = np.concatenate([counts[order], sizes[n:]]).astype(np.int64)
    placed = np.where(branches >= 0, rank[branches], -1)
    return DendrogramLayout(drawn, heights, _places(heights), sizes, middles, placed.astype(np.int64))


def _branch_ends(top: DoubleArray, first: int, n_leaves: int, root: int) -> list[int]:
    """Nodes of the whole tree that the drawn merges join and that are not drawn merges themselves."""
    if not len(top):
        return [root]
    below = top[:, :2].astype(np.int64).ravel()
    return [int(node) for node in below if node < n_leaves + first]


def _leaf_branches(below: DoubleArray, n_leaves: int, ends: list[int]) -> IntArray:
    """For every leaf, which of the branches it is part of."""
    branch = np.full(n_leaves + len(below), -1, dtype=np.int64)
    branch[ends] = np.arange(len(ends))
    pairs = below[:, :2].astype(np.int64).tolist()
    owners = branch.tolist()
    for row in range(len(pairs) - 1, -1, -1):
        owner = owners[n_leaves + row]
        for child in pairs[row]:
            if owner >= 0:
                owners[child] = owner
    return np.array(owners[:n_leaves], dtype=np.int64)


def _places(heights: DoubleArray) -> DoubleArray:
    """Heights on the picture. Square roots keep the low merges, which stand close in most trees, apart."""
    n = len(heights)
    if not n:
        return np.zeros(0)
    is_drawn_to_scale: BoolArray = np.isfinite(heights)
    tallest = max(float(heights[is_drawn_to_scale].max(initial=0.0)), 1e-12)
    scaled = np.sqrt(np.clip(np.where(is_drawn_to_scale, heights, tallest) / tallest, 0.0, 1.0))
    # Rounding must not let a merge fall below the one before it.
    return (1 - EVEN_SHARE) * np.maximum.accumulate(scaled) + EVEN_SHARE * np.arange(1, n + 1) / n
