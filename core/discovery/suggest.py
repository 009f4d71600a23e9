"""How many clusters to cut: silhouette, stability and a mild wish for detail. Worker only: builds dendrograms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.discovery.cut import cut
from core.discovery.dendrogram import Dendrogram
from core.discovery.linkage import ward_dendrogram
from core.discovery.quality import simplified_silhouette
from core.discovery.stability import Resample, resampled_dendrograms, stability_over
from core.discovery.tree import TreeBuilder
from core.domain.arrays import FloatArray
from core.domain.progress import NullProgress, Progress

FEWEST, MOST = 3, 20
SMALLEST_MEAN_SIZE = 4
"""No cut is tried that would leave fewer products than this per cluster on average."""
DETAIL_PREFERENCE = 0.03
"""Added to the score per doubling of the number of clusters. Merging two groups is one click, finding a hidden one
is an afternoon, so of two cuts that are about as good the finer one is offered. What is finer still, level 2 shows."""
TOLERANCE = 0.015
"""Scores this close are the same within the noise of resampling; the coarsest of such cuts is taken."""
N_BOOTSTRAP = 6


@dataclass(frozen=True, slots=True)
class CutScore:
    """How one number of clusters did. `score` is the mean of silhouette and stability plus the wish for detail."""

    n_clusters: int
    silhouette: float
    stability: float
    score: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The number of clusters to start from, and how every candidate did."""

    n_clusters: int
    curve: tuple[CutScore, ...]

    @property
    def best(self) -> CutScore:
        """The candidate that was chosen."""
        return next(score for score in self.curve if score.n_clusters == self.n_clusters)


def default_candidates(n_products: int, fewest: int = FEWEST, most: int = MOST) -> range:
    """Numbers of clusters worth trying for so many products; at least one."""
    last = max(min(most, n_products // SMALLEST_MEAN_SIZE), 1)
    return range(min(fewest, last), last + 1)


def suggest_n_clusters(
    reduced: FloatArray,
    dendrogram: Dendrogram,
    candidates: Sequence[int] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    build: TreeBuilder = ward_dendrogram,
) -> Suggestion:
    """Suggest a number of clusters.

    Every candidate cut of the dendrogram is scored by its simplified silhouette and by how well subsets of the
    products (at most 3,000) give the same clusters; both are means over products and clusters respectively.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        dendrogram: The tree over the same products; noise (leaf -1) takes no part.
        candidates: Numbers of clusters to try; by default 3 to 20, fewer for few products.
        seed: Decides the subsets.
        progress: Told how far it is.
        build: Builds the trees of subsets, as the run's own was built.

    Returns:
        The smallest number whose score is within `TOLERANCE` of the best, and the whole curve.
    """
    progress = progress or NullProgress()
    inside = np.flatnonzero(dendrogram.leaf_of_product >= 0)
    placed, tree = reduced[inside], Dendrogram(dendrogram.linkage, dendrogram.leaf_of_product[inside])
    tried = list(candidates) if candidates is not None else list(default_candidates(len(inside)))
    resamples = []
    for resample in resampled_dendrograms(placed, N_BOOTSTRAP, seed, build):
        resamples.append(resample)
        progress.report(0.5 * len(resamples) / N_BOOTSTRAP, "Clustering subsets")
    curve = []
    for k in tried:
        curve.append(_score(placed, tree, resamples, k))
        progress.report(0.5 + 0.5 * len(curve) / len(tried), f"Judging {k} clusters")
    return Suggestion(preferred(curve).n_clusters, tuple(curve))


def preferred(curve: Sequence[CutScore]) -> CutScore:
    """The coarsest cut whose score is within `TOLERANCE` of the best."""
    best = max(score.score for score in curve)
    return min((score for score in curve if score.score >= best - TOLERANCE), key=lambda score: score.n_clusters)


def _score(reduced: FloatArray, dendrogram: Dendrogram, resamples: list[Resample], k: int) -> CutScore:
    cluster_ids = cut(dendrogram, k)
    silhouette = float(simplified_silhouette(reduced, cluster_ids).mean())
    stability = float(stability_over(resamples, cluster_ids).mean())
    return CutScore(k, silhouette, stability, (silhouette + stability) / 2 + DETAIL_PREFERENCE * float(np.log2(k)))
