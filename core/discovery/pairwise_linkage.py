"""Average and complete linkage: exact on all pairs of distances up to 12,000 products, on micro-clusters above."""

import fastcluster
import numpy as np
from scipy.spatial.distance import pdist, squareform

from core.discovery.dendrogram import (
    EXACT_AVERAGE,
    EXACT_COMPLETE,
    MICRO_CLUSTER_AVERAGE,
    MICRO_CLUSTER_COMPLETE,
    Dendrogram,
)
from core.discovery.heartbeat import run_with_heartbeat
from core.discovery.linkage import N_MICRO_CLUSTERS, micro_clusters, sorted_linkage
from core.domain.arrays import AnyArray, DoubleArray, FloatArray
from core.domain.errors import ShapeError
from core.domain.progress import NullProgress, Progress, SpanProgress

PAIRWISE_LIMIT = 12_000
"""Products whose pairs are all held at once. Measured: 1.1 GB and 9 s at 12,000, twice 8 bytes a pair."""
MICRO_CLUSTERS_DONE = 0.5
METHODS = {
    "average": (EXACT_AVERAGE, MICRO_CLUSTER_AVERAGE),
    "complete": (EXACT_COMPLETE, MICRO_CLUSTER_COMPLETE),
}


def pairwise_dendrogram(
    reduced: FloatArray,
    linkage: str,
    seed: int = 0,
    progress: Progress | None = None,
    exact_limit: int = PAIRWISE_LIMIT,
    n_micro_clusters: int = N_MICRO_CLUSTERS,
) -> Dendrogram:
    """Build the whole tree of average- or complete-linkage merges.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        linkage: "average" or "complete".
        seed: For the micro-clusters; the exact tree has no randomness.
        progress: Told that it works.
        exact_limit: Above this many products, micro-clusters of Mini-Batch K-Means become the leaves.
        n_micro_clusters: About how many of them.

    Returns:
        The tree; its `method` says which way was taken.

    Source:
        Müllner 2013, "fastcluster"; Sokal & Michener 1958 (average); Sørensen 1948 (complete).
    """
    progress = progress or NullProgress()
    n_products, (exact, approximate) = len(reduced), METHODS[linkage]
    if n_products <= exact_limit:
        merges = run_with_heartbeat(lambda _: _exact(reduced, linkage), progress, "Building the dendrogram")
        return Dendrogram(merges, np.arange(n_products, dtype=np.int64), exact)
    leaves, centres, sizes = run_with_heartbeat(
        lambda _: micro_clusters(reduced, n_micro_clusters, seed),
        SpanProgress(progress, 0.0, MICRO_CLUSTERS_DONE),
        "Forming micro-clusters",
    )
    merges = run_with_heartbeat(
        lambda _: weighted_linkage(centres, sizes, linkage),
        SpanProgress(progress, MICRO_CLUSTERS_DONE, 1.0),
        "Merging micro-clusters",
    )
    return Dendrogram(merges, leaves, approximate)


def weighted_linkage(points: AnyArray, weights: AnyArray, linkage: str) -> DoubleArray:
    """Average or complete linkage of points that each stand for several products.

    With `average` the tree equals the top of the exact one in which every point is repeated `weight` times. Complete
    linkage looks at the furthest pair alone, so there weights only count products.

    Args:
        points: Shape: (m, n_components).
        weights: Number of products of each point, positive. Shape: (m,).
        linkage: "average" or "complete".

    Returns:
        Linkage in SciPy's format, but for column 3 that counts products instead of leaves. Shape: (m - 1, 4).

    Raises:
        ShapeError: If the lengths differ.

    Source:
        Lance & Williams 1967; nearest-neighbour chain: Murtagh 1983, exact as both are reducible. O(m²) time, memory.
    """
    if len(points) != len(weights):
        raise ShapeError(
            f"Expected one weight per point, got {len(weights)} weights for {len(points)} points.",
            "Pass arrays of the same length.",
        )
    return sorted_linkage(_chain(points, weights, linkage), weights)


def _exact(reduced: FloatArray, linkage: str) -> DoubleArray:
    if len(reduced) < 2:
        return np.zeros((0, 4))
    return fastcluster.linkage(pdist(reduced.astype(np.float64)), method=linkage, preserve_input=False)


def _chain(points: AnyArray, weights: AnyArray, linkage: str) -> list[tuple[int, int, float]]:
    """Merges as (kept slot, absorbed slot, height), in the order found; the kept slot holds the merged cluster."""
    distances = squareform(pdist(np.asarray(points, dtype=np.float64)))  # (m, m)
    np.fill_diagonal(distances, np.inf)
    sizes = np.array(weights, dtype=np.float64)
    is_alive = np.ones(len(sizes), dtype=bool)
    merges: list[tuple[int, int, float]] = []
    chain: list[int] = []
    while len(merges) < len(sizes) - 1:
        if not chain:
            chain.append(int(np.argmax(is_alive)))
        last = chain[-1]
        nearest = int(np.argmin(distances[last]))
        if len(chain) > 1 and distances[last, chain[-2]] <= distances[last, nearest]:  # ties must not go in circles
            other = chain[-2]
            del chain[-2:]
            merges.append((min(last, other), max(last, other), float(distances[last, other])))
            _join(distances, sizes, is_alive, *merges[-1][:2], linkage)
        else:
            chain.append(nearest)
    return merges


def _join(distances: DoubleArray, sizes: DoubleArray, is_alive: AnyArray, kept: int, gone: int, linkage: str) -> None:
    """Put the cluster of slot `gone` into that of slot `kept`."""
    if linkage == "average":
        total = sizes[kept] + sizes[gone]
        joined = (sizes[kept] * distances[kept] + sizes[gone] * distances[gone]) / total
    else:
        joined = np.maximum(distances[kept], distances[gone])
    sizes[kept] += sizes[gone]
    is_alive[gone] = False
    joined[[kept, gone]] = np.inf
    distances[kept], distances[:, kept] = joined, joined
    distances[gone], distances[:, gone] = np.inf, np.inf
