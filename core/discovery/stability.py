"""Whether a cut survives when some products are missing. Worker only: builds dendrograms."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.discovery.cut import cut
from core.discovery.dendrogram import Dendrogram
from core.discovery.linkage import ward_dendrogram
from core.discovery.tree import TreeBuilder
from core.domain.arrays import DoubleArray, FloatArray, IntArray

MAXIMUM_SAMPLE = 3_000
SAMPLE_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Resample:
    """A dendrogram of some of the products. `positions`, shape (n_sampled,), are theirs."""

    positions: IntArray
    dendrogram: Dendrogram


def resampled_dendrograms(
    reduced: FloatArray, n_bootstrap: int, seed: int, build: TreeBuilder = ward_dendrogram
) -> Iterator[Resample]:
    """Trees of random subsets, drawn without replacement; one set serves every number of clusters.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        n_bootstrap: How many subsets.
        seed: Decides the subsets.
        build: Builds each tree, as the run's own was built.

    Yields:
        Subsets of 70 % of the products, at most 3,000, with their tree.
    """
    generator = np.random.default_rng(seed)
    n_sampled = max(2, min(int(SAMPLE_SHARE * len(reduced)), MAXIMUM_SAMPLE))
    for _ in range(n_bootstrap):
        positions = np.sort(generator.choice(len(reduced), n_sampled, replace=False))
        yield Resample(positions, build(reduced[positions]))


def bootstrap_stability(
    reduced: FloatArray,
    cluster_ids: IntArray,
    n_bootstrap: int = 10,
    seed: int = 0,
    build: TreeBuilder = ward_dendrogram,
) -> DoubleArray:
    """How well each cluster is found again in subsets: mean of the best Jaccard overlaps.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        cluster_ids: The cut to judge, -1 for noise. Shape: (n_products,).
        n_bootstrap: How many subsets.
        seed: Decides the subsets.
        build: Builds the tree of each subset.

    Returns:
        Stability of each cluster, in [0, 1]. Shape: (k,).

    Source:
        Hennig 2007, "Cluster-wise assessment of cluster stability".
    """
    inside = np.flatnonzero(cluster_ids >= 0)
    if len(inside) < 2:
        return np.ones(int(cluster_ids.max(initial=-1)) + 1)
    resamples = list(resampled_dendrograms(reduced[inside], n_bootstrap, seed, build))
    return stability_over(resamples, cluster_ids[inside])


def stability_over(resamples: list[Resample], cluster_ids: IntArray) -> DoubleArray:
    """`bootstrap_stability` on dendrograms that exist already. No noise here. Shape: (k,)."""
    k = int(cluster_ids.max()) + 1
    found = np.stack([_best_jaccard(cluster_ids[r.positions], cut(r.dendrogram, k), k) for r in resamples])
    counts = np.isfinite(found).sum(axis=0)  # a small cluster may miss a subset altogether
    return np.nansum(found, axis=0) / np.maximum(counts, 1)


def _best_jaccard(original: IntArray, again: IntArray, k: int) -> DoubleArray:
    """Best overlap of each original cluster with any new one; NaN where the subset holds none of it. Shape: (k,)."""
    is_placed = again >= 0  # a subset's tree may leave products between its clusters
    table = np.zeros((k, int(again.max(initial=0)) + 1))
    np.add.at(table, (original[is_placed], again[is_placed]), 1)
    sizes = np.bincount(original, minlength=k).astype(np.float64)
    union = sizes[:, None] + table.sum(axis=0)[None, :] - table
    return np.where(sizes > 0, (table / np.maximum(union, 1)).max(axis=1), np.nan)
