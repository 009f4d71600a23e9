"""The next level of the cascade: whether a cluster has groups of its own, and which. Worker only."""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from core.discovery.cut import cut
from core.discovery.features import Modalities, weighted_features
from core.discovery.groups import FoundCluster, describe_clusters
from core.discovery.heartbeat import run_with_heartbeat
from core.discovery.quality import simplified_silhouette
from core.discovery.reduction import neighbourhood, reduce_for_clustering
from core.discovery.suggest import CutScore, default_candidates, preferred, suggest_n_clusters
from core.discovery.tree import build_tree, tree_builder
from core.domain.arrays import FloatArray, IntArray
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import TooFewProductsError
from core.domain.progress import Progress, SpanProgress

SMALLEST_PARENT = 30
"""A cluster of fewer products is not cut again."""
MOST_CHILDREN = 6
N_LANDMARKS = 2_500
"""Enough to see at most six groups; a run of 100,000 products has clusters of 20,000."""
SMALLEST_NEIGHBOURHOOD = 5
SMALLEST_CHILD = 8
LEAST_SILHOUETTE = 0.6
LEAST_STABILITY = 0.85
LEAST_FEATURE_SILHOUETTE = 0.35
"""All must be reached, or the cluster stays whole. UMAP draws gaps into any cloud, so the split must also show in the
features before the reduction: there a cloud without groups stays below 0.27 (40 to 1,000 products, flat and decaying
spectra), and groups that overlap a little reach 0.3 to 0.5."""


def find_subclusters(
    parent: FoundCluster,
    modalities: Modalities,
    counts: csr_matrix,
    vocabulary: tuple[str, ...],
    parameters: DiscoveryParameters,
    first_number: int,
    progress: Progress,
) -> list[FoundCluster]:
    """Reduce and cut the products of one cluster on their own.

    Args:
        parent: The cluster.
        modalities: Embeddings and weights of its products only, in the order of `parent.positions`.
        counts: Terms of its products, same order.
        vocabulary: The terms.
        parameters: Of the run.
        first_number: Number of the first cluster found.
        progress: Told how far it is.

    Returns:
        2 to 6 clusters; none where the parent is small or holds no clear groups.
    """
    name = parent.suggested_names[0]
    progress.report(0.0, f"Looking inside {name}")
    n_products = len(parent.positions)
    if n_products < SMALLEST_PARENT:
        return []
    try:
        features = run_with_heartbeat(
            lambda _: weighted_features(modalities, parameters),
            SpanProgress(progress, 0.0, 0.1),
            f"Looking inside {name}",
        )
    except TooFewProductsError:  # all its products look alike: a whole cluster, not a fault
        return []
    local = replace(parameters, n_neighbors=min(parameters.n_neighbors, max(SMALLEST_NEIGHBOURHOOD, n_products // 3)))
    near = neighbourhood(features, local, N_LANDMARKS)
    reduced = reduce_for_clustering(features, local, SpanProgress(progress, 0.1, 0.7), near)
    merging = replace(parameters, clusterer="agglomerative")  # HDBSCAN found the parent whole already
    tree, build = build_tree(reduced, merging).dendrogram, tree_builder(merging)
    candidates = default_candidates(n_products, 2, MOST_CHILDREN)
    suggestion = suggest_n_clusters(reduced, tree, candidates, parameters.seed, SpanProgress(progress, 0.7, 0.9), build)
    progress.report(0.9, f"Looking inside {name}")
    clear = [score for score in suggestion.curve if _is_clear(score, cut(tree, score.n_clusters), features)]
    if not clear:
        return []
    return describe_clusters(
        reduced,
        cut(tree, preferred(clear).n_clusters),
        counts,
        vocabulary,
        parameters.seed,
        parent.positions,
        first_number,
        parent.level + 1,
        parent.number,
        avoid=(name,),
        build=build,
    )


def _is_clear(score: CutScore, cluster_ids: IntArray, features: FloatArray) -> bool:
    return (
        score.silhouette >= LEAST_SILHOUETTE
        and score.stability >= LEAST_STABILITY
        and int(np.bincount(cluster_ids).min()) >= SMALLEST_CHILD
        and float(simplified_silhouette(features, cluster_ids).mean()) >= LEAST_FEATURE_SILHOUETTE
    )
