"""What is told about the clusters of one cut: members, how central each is, names, quality."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from core.discovery.linkage import ward_dendrogram
from core.discovery.medoids import rank_by_centrality
from core.discovery.naming import suggest_names
from core.discovery.quality import cluster_silhouettes, simplified_silhouette
from core.discovery.stability import bootstrap_stability
from core.discovery.tree import TreeBuilder
from core.domain.arrays import DoubleArray, FloatArray, IntArray
from core.domain.discovery import ClusterQuality, NameSuggestion


@dataclass(frozen=True, slots=True)
class FoundCluster:
    """A group of a cascade.

    Attributes:
        number: Unique over all levels of the run, from 1; level 1 first, larger clusters first.
        level: 1 for the first cut below the category.
        parent_number: The cluster it is a part of; None on level 1.
        positions: Positions of its products in the run, rising. Shape: (n_members,).
        distances: Distance of each to the cluster's centre in the space it was cut in, same order.
        suggestions: Names with their evidence, best first; never empty.
        keywords: Words that tell it from its siblings.
        evidence: Share of its titles with each keyword, same order.
        quality: Silhouette and stability.
    """

    number: int
    level: int
    parent_number: int | None
    positions: IntArray
    distances: DoubleArray
    suggestions: tuple[NameSuggestion, ...]
    keywords: tuple[str, ...]
    evidence: tuple[float, ...]
    quality: ClusterQuality

    @property
    def suggested_names(self) -> tuple[str, ...]:
        """The names alone, best first."""
        return tuple(suggestion.name for suggestion in self.suggestions)


def describe_clusters(
    reduced: FloatArray,
    cluster_ids: IntArray,
    counts: csr_matrix,
    vocabulary: tuple[str, ...],
    seed: int,
    positions: IntArray,
    first_number: int = 1,
    level: int = 1,
    parent_number: int | None = None,
    avoid: Collection[str] = (),
    build: TreeBuilder = ward_dendrogram,
) -> list[FoundCluster]:
    """Describe every cluster of one cut.

    Args:
        reduced: The space the cut was made in. Shape: (n, n_components).
        cluster_ids: The cut, 0 to k - 1, -1 for noise. Shape: (n,).
        counts: Terms of the same products. Shape: (n, n_terms).
        vocabulary: The terms.
        seed: For the stability.
        positions: Where these products stand in the whole run, rising. Shape: (n,).
        first_number: Number of cluster 0.
        level: Level of these clusters.
        parent_number: The cluster that was cut.
        avoid: Names not to be given.
        build: Builds the trees of subsets for the stability, as the run's own was built.

    Returns:
        One description per cluster, in order.
    """
    k = int(cluster_ids.max(initial=-1)) + 1
    distances = rank_by_centrality(reduced, cluster_ids)
    silhouettes = cluster_silhouettes(simplified_silhouette(reduced, cluster_ids), cluster_ids)
    stability = bootstrap_stability(reduced, cluster_ids, seed=seed, build=build)
    names = suggest_names(counts, vocabulary, cluster_ids, k, avoid=avoid)
    found = []
    for cluster in range(k):
        members = np.flatnonzero(cluster_ids == cluster)
        found.append(
            FoundCluster(
                number=first_number + cluster,
                level=level,
                parent_number=parent_number,
                positions=positions[members],
                distances=distances[members],
                suggestions=names[cluster].suggestions,
                keywords=names[cluster].keywords,
                evidence=names[cluster].evidence,
                quality=ClusterQuality(float(silhouettes[cluster]), float(stability[cluster])),
            )
        )
    return found
