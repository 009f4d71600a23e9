"""Ward dendrograms: exact up to 20,000 products, on weighted micro-clusters above. Worker only: imports fastcluster."""

import fastcluster
import numpy as np
from sklearn.cluster import MiniBatchKMeans

from core.discovery.dendrogram import EXACT_WARD, MICRO_CLUSTER_WARD, Dendrogram
from core.discovery.heartbeat import run_with_heartbeat
from core.domain.arrays import AnyArray, BoolArray, DoubleArray, FloatArray, IntArray
from core.domain.errors import ShapeError
from core.domain.progress import NullProgress, Progress, SpanProgress

EXACT_LIMIT = 20_000
N_MICRO_CLUSTERS = 4_000
MERGES_BETWEEN_REPORTS = 500
MICRO_CLUSTERS_DONE = 0.3
"""Share of the work that is done when the micro-clusters stand."""


def ward_dendrogram(
    reduced: FloatArray,
    seed: int = 0,
    progress: Progress | None = None,
    exact_limit: int = EXACT_LIMIT,
    n_micro_clusters: int = N_MICRO_CLUSTERS,
) -> Dendrogram:
    """Build the whole tree of Ward merges.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        seed: For the micro-clusters; the exact tree has no randomness.
        progress: Told the share done.
        exact_limit: Above this many products, micro-clusters of Mini-Batch K-Means become the leaves.
        n_micro_clusters: About how many of them.

    Returns:
        The tree; its `method` says which way was taken.

    Source:
        Müllner 2013, "fastcluster"; Ward 1963.
    """
    progress = progress or NullProgress()
    n_products = len(reduced)
    if n_products <= exact_limit:
        return Dendrogram(_exact_linkage(reduced), np.arange(n_products, dtype=np.int64), EXACT_WARD)
    leaves, centres, sizes = run_with_heartbeat(
        lambda _: micro_clusters(reduced, n_micro_clusters, seed),
        SpanProgress(progress, 0.0, MICRO_CLUSTERS_DONE),
        "Forming micro-clusters",
    )
    progress.report(MICRO_CLUSTERS_DONE, "Merging micro-clusters")
    return Dendrogram(weighted_ward(centres, sizes, progress), leaves, MICRO_CLUSTER_WARD)


def outside_noise(dendrogram: Dendrogram, is_noise: BoolArray) -> Dendrogram:
    """Spread a tree built on the products that are not noise over all products.

    Args:
        dendrogram: Built on `reduced[~is_noise]`.
        is_noise: Shape: (n_products,).

    Returns:
        The same tree, with leaf -1 for noise.
    """
    leaves = np.full(len(is_noise), -1, dtype=np.int64)
    leaves[~is_noise] = dendrogram.leaf_of_product
    return Dendrogram(dendrogram.linkage, leaves, dendrogram.method)


def weighted_ward(points: AnyArray, weights: AnyArray, progress: Progress | None = None) -> DoubleArray:
    """Ward linkage of points that each stand for several products.

    The tree equals the top of the exact one in which every point is repeated `weight` times: two clusters of total
    weights u and v whose centres are d apart merge at height sqrt(2uv / (u + v)) · d.

    Args:
        points: Shape: (m, n_components).
        weights: Number of products of each point, positive. Shape: (m,).
        progress: Told the share done, from `MICRO_CLUSTERS_DONE` on.

    Returns:
        Linkage in SciPy's format, but for column 3 that counts products instead of leaves. Shape: (m - 1, 4).

    Raises:
        ShapeError: If the lengths differ.

    Source:
        Nearest-neighbour chain: Murtagh 1983; exact for Ward, which is reducible. O(m²) time, O(m) memory.
    """
    if len(points) != len(weights):
        raise ShapeError(
            f"Expected one weight per point, got {len(weights)} weights for {len(points)} points.",
            "Pass arrays of the same length.",
        )
    return sorted_linkage(_nearest_neighbour_chain(points, weights, progress or NullProgress()), weights)


def _exact_linkage(reduced: FloatArray) -> DoubleArray:
    if len(reduced) < 2:
        return np.zeros((0, 4))
    return fastcluster.linkage_vector(np.ascontiguousarray(reduced, dtype=np.float64), method="ward")


def micro_clusters(reduced: FloatArray, wanted: int, seed: int) -> tuple[IntArray, DoubleArray, DoubleArray]:
    """Gather products that lie close together, by Mini-Batch K-Means.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        wanted: About how many micro-clusters; fewer where fewer positions differ.
        seed: For the first centres and the batches.

    Returns:
        Leaf of each product, shape (n_products,); centres, (m, n_components), and sizes, (m,), of the leaves.
    """
    n_distinct = len(np.unique(reduced, axis=0))
    model = MiniBatchKMeans(
        min(wanted, n_distinct), init="k-means++", n_init=1, max_iter=10, batch_size=8192, random_state=seed
    )
    leaves = np.unique(model.fit_predict(reduced), return_inverse=True)[1].astype(np.int64)
    sizes = np.bincount(leaves).astype(np.float64)
    centres = np.zeros((len(sizes), reduced.shape[1]))
    np.add.at(centres, leaves, reduced)
    return leaves, centres / sizes[:, None], sizes


def _nearest_neighbour_chain(points: AnyArray, weights: AnyArray, progress: Progress) -> list[tuple[int, int, float]]:
    """Merges as (kept slot, absorbed slot, height), in the order found; the kept slot holds the merged cluster."""
    centres, sizes = np.array(points, dtype=np.float64), np.array(weights, dtype=np.float64)
    is_alive = np.ones(len(centres), dtype=bool)
    merges: list[tuple[int, int, float]] = []
    chain: list[int] = []
    while len(merges) < len(centres) - 1:
        if not chain:
            chain.append(int(np.argmax(is_alive)))
        last = chain[-1]
        heights = 2 * sizes[last] * sizes / (sizes[last] + sizes) * ((centres - centres[last]) ** 2).sum(axis=1)
        heights[last], heights[~is_alive] = np.inf, np.inf
        nearest = int(np.argmin(heights))
        if len(chain) > 1 and heights[chain[-2]] <= heights[nearest]:  # a tie must not lead the chain in circles
            other = chain[-2]
            del chain[-2:]
            kept, gone = min(last, other), max(last, other)
            total = sizes[kept] + sizes[gone]
            centres[kept] = (sizes[kept] * centres[kept] + sizes[gone] * centres[gone]) / total
            sizes[kept], is_alive[gone] = total, False
            merges.append((kept, gone, float(np.sqrt(heights[other]))))
            if len(merges) % MERGES_BETWEEN_REPORTS == 0:
                progress.report(_share_done(len(merges), len(centres)), "Merging micro-clusters")
        else:
            chain.append(nearest)
    return merges


def _share_done(n_merges: int, n_points: int) -> float:
    return MICRO_CLUSTERS_DONE + (1 - MICRO_CLUSTERS_DONE) * n_merges / n_points


def sorted_linkage(merges: list[tuple[int, int, float]], weights: AnyArray) -> DoubleArray:
    """Number merges by rising height, as SciPy does.

    Args:
        merges: (kept slot, absorbed slot, height) of each; a slot is numbered like the leaf it began as, so a merge
            follows its slot's latest node.
        weights: Products on each leaf. Shape: (m,).

    Returns:
        Linkage whose column 3 counts products. Shape: (m - 1, 4).
    """
    n_leaves = len(weights)
    node_of_slot, slot_above = list(range(n_leaves)), list(range(n_leaves))
    counts = np.asarray(weights, dtype=np.float64).tolist()
    linkage = np.zeros((len(merges), 4))
    for row, (kept, gone, height) in enumerate(sorted(merges, key=lambda merge: merge[2])):
        first, second = _top_slot(slot_above, kept), _top_slot(slot_above, gone)
        nodes = sorted((node_of_slot[first], node_of_slot[second]))
        slot_above[second], node_of_slot[first] = first, n_leaves + row
        counts[first] += counts[second]
        linkage[row] = [*nodes, height, counts[first]]
    return linkage


def _top_slot(slot_above: list[int], slot: int) -> int:
    while slot_above[slot] != slot:
        slot_above[slot] = slot_above[slot_above[slot]]
        slot = slot_above[slot]
    return slot
