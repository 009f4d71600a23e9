"""The whole discovery of a category: filter, features, reduction, tree, cuts, names. Worker only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from core.discovery.choices import check_choices
from core.discovery.clustering_space import clustering_space
from core.discovery.cut import cut
from core.discovery.features import Modalities, weighted_features
from core.discovery.groups import FoundCluster, describe_clusters
from core.discovery.guidance import Guidance
from core.discovery.guided_cut import fewest_clusters, guided_dendrogram
from core.discovery.guided_features import guided_features
from core.discovery.guided_names import continued_suggestions, group_names
from core.discovery.heartbeat import run_with_heartbeat
from core.discovery.image_filter import filter_incoherent_images
from core.discovery.linkage import outside_noise
from core.discovery.medoids import rank_by_centrality
from core.discovery.naming import build_token_counts
from core.discovery.reduction import check_enough_products, neighbourhood, project_for_map, reduce_for_clustering
from core.discovery.run_file import RunFile
from core.discovery.subclusters import find_subclusters
from core.discovery.suggest import CutScore, default_candidates, suggest_n_clusters
from core.discovery.tree import build_tree, tree_builder
from core.domain.arrays import AnyArray, DoubleArray, FloatArray, IntArray
from core.domain.discovery import DiscoveryParameters, OutlierReason
from core.domain.errors import ShapeError
from core.domain.progress import Progress, SpanProgress

SMALL_RUN = 200
"""Below this many products a term may be in two titles only; above, in three at least."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """What a discovery found.

    Attributes:
        run_file: What the review page needs to cut again.
        clusters: Clusters of all levels, by rising number.
        cluster_ids: Level-1 cluster of each product as number - 1; -1 for noise and between clusters.
            Shape: (n_products,).
        distances: Distance of each product to the centre of its level-1 cluster; to the nearest one for noise.
            Shape: (n_products,).
        curve: How each tried number of clusters did; empty where the number was given, or is HDBSCAN's own.
        quality: Figures of the run as a whole.
        details: How the run was made, for people.
    """

    run_file: RunFile
    clusters: tuple[FoundCluster, ...]
    cluster_ids: IntArray
    distances: DoubleArray
    curve: tuple[CutScore, ...]
    quality: dict[str, float]
    details: dict[str, str]


def discover(
    product_ids: IntArray,
    modalities: Modalities,
    image_embedding: AnyArray | None,
    tokens: Sequence[Sequence[str]],
    parameters: DiscoveryParameters,
    progress: Progress,
    taken_names: Collection[str] = (),
    backdrop: FloatArray | None = None,
    guidance: Guidance | None = None,
) -> Cascade:
    """Find the groups that a category's products form.

    Args:
        product_ids: Identities. Shape: (n_products,).
        modalities: Per modality, such as "image" and "text": an embedding of shape (n_products, d), zero rows where a
            product lacks it, and its weight.
        image_embedding: What the image filter looks at; None skips it. Shape: (n_products, d).
        tokens: Lower-case title words of each product, for the names.
        parameters: Everything else that decides the outcome.
        progress: Told what is being done, from 0 to 1.
        taken_names: Names not to be suggested again, such as the category's own.
        backdrop: Cleanliness of each picture's background in [0, 1], NaN where unknown: a further signal for the
            image filter. Shape: (n_products,).
        guidance: What the curator decided before, in the order of `product_ids`; the clusters respect it. None, or one
            that says nothing, changes nothing.

    Returns:
        The groups of all levels and the run's file. The same input and seed give the same result.

    Raises:
        ParameterError: If there is no such image filter, clusterer or linkage.
        TooFewProductsError: If there are too few products, or nothing tells them apart.
        ShapeError: If the inputs differ in length.
        JobCancelledError: If `progress` raised it.

    Source:
        Gross et al. 2025, section IV, https://arxiv.org/abs/2508.20013
    """
    check_choices(parameters)
    _check_lengths(product_ids, modalities, image_embedding, tokens)
    check_enough_products(len(product_ids))
    guidance = None if guidance is None or guidance.says_nothing else guidance
    run_file, n_own, filter_method = _reduced_run(
        product_ids,
        modalities,
        image_embedding,
        tokens,
        parameters,
        backdrop,
        guidance,
        SpanProgress(progress, 0.0, 0.58),
    )
    cluster_ids, curve = _first_cut(run_file, n_own, parameters, SpanProgress(progress, 0.58, 0.66))
    progress.report(0.66, "Naming clusters")
    everything = np.arange(len(product_ids), dtype=np.int64)
    level_1 = describe_clusters(
        run_file.reduced,
        cluster_ids,
        run_file.counts,
        run_file.vocabulary,
        parameters.seed,
        everything,
        avoid=(*taken_names, *group_names(run_file.groups)),
        build=tree_builder(parameters),
    )
    level_1 = [_continued(cluster, run_file) for cluster in level_1]
    below = _deeper_levels(level_1, modalities, run_file, parameters, SpanProgress(progress, 0.7, 1.0))
    clusters = (*level_1, *below)
    progress.report(1.0, f"Found {len(level_1)} clusters and {len(below)} below them")
    return Cascade(
        run_file=run_file,
        clusters=clusters,
        cluster_ids=cluster_ids,
        distances=rank_by_centrality(run_file.reduced, cluster_ids),
        curve=curve,
        quality=_run_quality(level_1, run_file),
        details={
            "image filter": filter_method,
            "linkage": run_file.dendrogram.method,
            "number of clusters": _who_chose(n_own, parameters),
            **({} if guidance is None else {"guidance": guidance.describe()}),
        },
    )


class _Reduced(NamedTuple):
    """What stands before the first cut: the run's file, HDBSCAN's own number of clusters, what the filter did."""

    run_file: RunFile
    n_own: int | None
    filter_method: str


def _reduced_run(
    product_ids: IntArray,
    modalities: Modalities,
    image_embedding: AnyArray | None,
    tokens: Sequence[Sequence[str]],
    parameters: DiscoveryParameters,
    backdrop: FloatArray | None,
    guidance: Guidance | None,
    progress: Progress,
) -> _Reduced:
    """Everything before the first cut: filter, features, both reductions, the tree, the words."""
    filtered = filter_incoherent_images(
        image_embedding,
        len(product_ids),
        parameters.seed,
        progress=SpanProgress(progress, 0.0, 0.14),
        method=parameters.image_filter,
        backdrop=backdrop,
    )
    if guidance is not None:
        filtered.is_noise[:] = guidance.noise_after(filtered.is_noise)
    features = run_with_heartbeat(
        lambda _: guided_features(weighted_features(modalities, parameters), modalities, parameters, guidance),
        SpanProgress(progress, 0.14, 0.18),
        "Weighing the modalities",
    )
    near = run_with_heartbeat(
        lambda _: neighbourhood(features, parameters), SpanProgress(progress, 0.18, 0.22), "Comparing products"
    )
    reduced = reduce_for_clustering(features, parameters, SpanProgress(progress, 0.22, 0.6), near)
    reduced = clustering_space(features, reduced, parameters)
    projection = project_for_map(features, parameters, SpanProgress(progress, 0.6, 0.86), near)
    progress.report(0.86, "Building the dendrogram")
    kept = np.flatnonzero(~filtered.is_noise)
    tree = build_tree(reduced[kept], parameters, SpanProgress(progress, 0.86, 1.0))
    dendrogram = outside_noise(tree.dendrogram, filtered.is_noise)
    is_between = tree.dendrogram.leaf_of_product < 0
    filtered.reasons[kept[is_between]] = OutlierReason.BETWEEN
    filtered.outlier_scores[kept[is_between]] = tree.ambiguity[is_between]
    if guidance is not None:
        if guidance.constrains:
            dendrogram = guided_dendrogram(dendrogram, reduced, guidance)
        filtered.reasons[(guidance.labels >= 0) | guidance.is_set_aside] = OutlierReason.NONE
    counts, vocabulary = build_token_counts(tokens, 2 if len(product_ids) < SMALL_RUN else 3)
    run_file = RunFile(
        np.asarray(product_ids, dtype=np.int64),
        reduced,
        projection,
        dendrogram,
        filtered.is_noise,
        filtered.outlier_scores,
        counts,
        vocabulary,
        filtered.reasons,
        None if guidance is None else guidance.labels,
        () if guidance is None else guidance.groups,
    )
    return _Reduced(run_file, tree.n_suggested, filtered.method)


def _first_cut(
    run_file: RunFile, n_own: int | None, parameters: DiscoveryParameters, progress: Progress
) -> tuple[IntArray, tuple[CutScore, ...]]:
    given = parameters.n_clusters if parameters.n_clusters is not None else n_own
    if given is not None:
        return cut(run_file.dendrogram, given), ()
    suggestion = suggest_n_clusters(
        run_file.reduced,
        run_file.dendrogram,
        _candidates(run_file),
        seed=parameters.seed,
        progress=progress,
        build=tree_builder(parameters),
    )
    return cut(run_file.dendrogram, suggestion.n_clusters), suggestion.curve


def _candidates(run_file: RunFile) -> range | None:
    """Numbers of clusters that keep apart what must be; None where anything goes."""
    fewest = fewest_clusters(run_file.dendrogram)
    if fewest == 1:
        return None
    usual = default_candidates(int((run_file.dendrogram.leaf_of_product >= 0).sum()))
    return range(max(usual.start, fewest), max(usual.stop, fewest + 1))


def _continued(cluster: FoundCluster, run_file: RunFile) -> FoundCluster:
    if run_file.labels is None:
        return cluster
    own = run_file.labels[cluster.positions]
    return replace(cluster, suggestions=continued_suggestions(cluster.suggestions, own, run_file.groups))


def _who_chose(n_own: int | None, parameters: DiscoveryParameters) -> str:
    if parameters.n_clusters is not None:
        return "given"
    return "suggested" if n_own is None else "HDBSCAN's own selection"


def _deeper_levels(
    parents: list[FoundCluster],
    modalities: Modalities,
    run_file: RunFile,
    parameters: DiscoveryParameters,
    progress: Progress,
) -> list[FoundCluster]:
    """Clusters of level 2 and below, level by level, numbered on from their parents."""
    found: list[FoundCluster] = []
    n_levels = max(parameters.levels - 1, 0)
    next_number = len(parents) + 1
    for depth in range(n_levels):
        children: list[FoundCluster] = []
        for index, parent in enumerate(parents):
            start = (depth + index / max(len(parents), 1)) / n_levels
            span = SpanProgress(progress, start, start + 1 / (n_levels * max(len(parents), 1)))
            inside = {name: (embedding[parent.positions], weight) for name, (embedding, weight) in modalities.items()}
            below = find_subclusters(
                parent, inside, run_file.counts[parent.positions], run_file.vocabulary, parameters, next_number, span
            )
            next_number += len(below)
            children += below
        found += children
        parents = children
    return found


def _run_quality(level_1: list[FoundCluster], run_file: RunFile) -> dict[str, float]:
    sizes = np.array([len(cluster.positions) for cluster in level_1], dtype=np.float64)
    silhouettes = np.array([cluster.quality.silhouette for cluster in level_1])
    stabilities = np.array([cluster.quality.stability or 0.0 for cluster in level_1])
    return {
        "silhouette": float((sizes * silhouettes).sum() / sizes.sum()),
        "stability": float(stabilities.mean()),
        "n_noise": float(run_file.is_noise.sum()),
        "n_between": float((run_file.outlier_reasons == OutlierReason.BETWEEN).sum()),
        "n_clusters": float(len(level_1)),
    }


def _check_lengths(
    product_ids: IntArray, modalities: Modalities, image_embedding: AnyArray | None, tokens: Sequence[Sequence[str]]
) -> None:
    lengths = {"product_ids": len(product_ids), "tokens": len(tokens)}
    lengths |= {name: len(embedding) for name, (embedding, _) in modalities.items()}
    if image_embedding is not None:
        lengths["image_embedding"] = len(image_embedding)
    if len(set(lengths.values())) > 1:
        raise ShapeError(
            f"A discovery expected one row per product in every input, got {lengths}.",
            "Encode the products of the category again.",
        )
