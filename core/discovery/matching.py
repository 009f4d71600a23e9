"""Which cluster of an earlier run a cluster continues, and what moved between the two runs."""

from dataclasses import dataclass

import numpy as np

from core.domain.arrays import AnyArray, IntArray
from core.domain.errors import ShapeError

LEAST_JACCARD = 0.1
"""Below this overlap a cluster is new, not the continuation of another: a few strays do not make an heir."""


@dataclass(frozen=True, slots=True)
class ClusterMatch:
    """A cluster of the later run beside the one it continues.

    Attributes:
        after: The later cluster.
        before: The earlier cluster it continues; None for a new one.
        main_source: The earlier cluster most of its products come from, whether it continues that one or not; None
            where none came from a cluster.
        jaccard: Overlap with `before` over the union of both, in [0, 1]; 0 for a new cluster.
        n_kept: Products in both.
        n_arrived: Products that came from elsewhere, out of the noise too.
        n_left: Products of `before` that went elsewhere; 0 for a new cluster.
    """

    after: int
    before: int | None
    main_source: int | None
    jaccard: float
    n_kept: int
    n_arrived: int
    n_left: int


@dataclass(frozen=True, slots=True)
class Matching:
    """How the clusters of two runs correspond.

    Attributes:
        matches: One per later cluster, in order.
        vanished: Earlier clusters that none continues, rising.
        n_products: Products compared.
        n_stayed: Those whose cluster continues the one they were in, and those that are noise in both runs.
        ari: Adjusted Rand index over the products that are in clusters of both runs.
    """

    matches: tuple[ClusterMatch, ...]
    vanished: tuple[int, ...]
    n_products: int
    n_stayed: int
    ari: float

    @property
    def n_moved(self) -> int:
        """Products that did not stay."""
        return self.n_products - self.n_stayed

    @property
    def share_stayed(self) -> float:
        """Share of the products that stayed, in [0, 1]; 1 where there are none."""
        return self.n_stayed / self.n_products if self.n_products else 1.0


def match_clusters(
    before_ids: IntArray, after_ids: IntArray, n_before: int | None = None, n_after: int | None = None
) -> Matching:
    """Pair the clusters of two runs one to one, so that as many products as possible stay where they were.

    Args:
        before_ids: Cluster of each product in the earlier run, 0 to n_before - 1, -1 for noise. Shape: (n_products,).
        after_ids: The same for the later run, same products in the same order. Shape: (n_products,).
        n_before: Number of earlier clusters, where some may hold none of these products.
        n_after: Number of later clusters.

    Returns:
        The pairs; those that overlap by less than `LEAST_JACCARD` count as one new and one vanished cluster.

    Raises:
        ShapeError: If the lengths differ.

    Source:
        Kuhn 1955, "The Hungarian method for the assignment problem"; Hubert and Arabie 1985 for the Rand index.
    """
    if len(before_ids) != len(after_ids):
        raise ShapeError(
            f"Expected the same products in both runs, got {len(before_ids)} and {len(after_ids)}.",
            "Pass only products that both runs hold.",
        )
    table = _contingency(before_ids, after_ids, n_before, n_after)  # (n_before + 1, n_after + 1), noise last
    overlaps = table[:-1, :-1]
    unions = table[:-1].sum(axis=1)[:, None] + table[:, :-1].sum(axis=0)[None, :] - overlaps
    jaccards = overlaps / np.maximum(unions, 1)
    heirs = _assigned(overlaps, jaccards)
    matches = tuple(_match(table, jaccards, after, heirs.get(after)) for after in range(overlaps.shape[1]))
    vanished = tuple(sorted(set(range(overlaps.shape[0])) - set(heirs.values())))
    n_stayed = sum(match.n_kept for match in matches) + int(table[-1, -1])
    return Matching(matches, vanished, len(before_ids), n_stayed, adjusted_rand_index(overlaps))


def adjusted_rand_index(table: AnyArray) -> float:
    """Agreement of two partitions, corrected for chance: 1 alike, about 0 by chance.

    Args:
        table: Number of products in each pair of clusters. Shape: (n_before, n_after).

    Returns:
        At most 1; 1 where both partitions are trivial.
    """

    def pairs(sizes: AnyArray) -> float:
        counts = sizes.astype(np.float64)
        return float((counts * (counts - 1)).sum() / 2)

    together, first, second = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    everything = pairs(table.sum(keepdims=True))
    by_chance = first * second / everything if everything else 0.0
    most = (first + second) / 2
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


def _contingency(before_ids: IntArray, after_ids: IntArray, n_before: int | None, n_after: int | None) -> IntArray:
    rows = int(before_ids.max(initial=-1)) + 1 if n_before is None else n_before
    columns = int(after_ids.max(initial=-1)) + 1 if n_after is None else n_after
    # -1 wraps to the last row and column: what is noise in either run.
    cells = np.mod(before_ids, rows + 1) * (columns + 1) + np.mod(after_ids, columns + 1)
    return np.bincount(cells, minlength=(rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)


def _assigned(overlaps: IntArray, jaccards: AnyArray) -> dict[int, int]:
    """Later cluster → the earlier one it continues. Between equal overlaps the closer fit wins."""
    from scipy.optimize import linear_sum_assignment  # pages that compare nothing need not wait for it

    # Each Jaccard is at most 1, so all together stay below one product of overlap.
    tie_break = jaccards / (min(overlaps.shape) + 1) if overlaps.size else jaccards
    before, after = linear_sum_assignment(overlaps + tie_break, maximize=True)
    pairs = zip(before.tolist(), after.tolist(), strict=True)
    return {new: old for old, new in pairs if jaccards[old, new] >= LEAST_JACCARD}


def _match(table: IntArray, jaccards: AnyArray, after: int, before: int | None) -> ClusterMatch:
    column = table[:-1, after]
    main_source = int(column.argmax()) if column.any() else None
    size = int(table[:, after].sum())
    if before is None:
        return ClusterMatch(after, None, main_source, 0.0, 0, size, 0)
    n_kept = int(table[before, after])
    n_left = int(table[before].sum()) - n_kept
    return ClusterMatch(after, before, main_source, float(jaccards[before, after]), n_kept, size - n_kept, n_left)
