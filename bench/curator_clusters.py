"""The clusters that a simulated curator is shown: the product's own, or those of K-Means."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bench.curator_case import Case
from core.discovery.cut import cut, cut_within
from core.domain.arrays import AnyArray, IntArray

N_STARTS = 3


class Clusters(Protocol):
    """Groups of products, and what is below each."""

    def first(self) -> list[IntArray]:
        """Members of each suggested cluster, largest first. Shapes: (n_members,)."""

    def parts(self, members: IntArray) -> list[IntArray]:
        """The next cut below a cluster: two groups, or one where it cannot be parted."""

    def typical_first(self, members: IntArray) -> IntArray:
        """The members of a cluster, most typical first."""


@dataclass(frozen=True, slots=True)
class DiscoveredClusters:
    """What the product found: cuts of the stored dendrogram."""

    case: Case

    def first(self) -> list[IntArray]:
        """The suggested cut; noise is in no cluster."""
        return groups_of(cut(self.case.dendrogram, self.case.n_clusters))

    def parts(self, members: IntArray) -> list[IntArray]:
        """The topmost merge below the cluster, undone."""
        return [members[part] for part in groups_of(cut_within(self.case.dendrogram, members, 2))]

    def typical_first(self, members: IntArray) -> IntArray:
        """By the distance to the cluster's centre in the space that was clustered, as the review page orders them."""
        return nearest_first(self.case.reduced, members)


@dataclass(frozen=True, slots=True)
class KMeansClusters:
    """As many clusters as the product suggests, by K-Means on the features; parted by K-Means again."""

    case: Case

    def first(self) -> list[IntArray]:
        """K-Means on all products."""
        return self._groups(np.arange(len(self.case.truth)), self.case.n_clusters)

    def parts(self, members: IntArray) -> list[IntArray]:
        """2-Means among the members."""
        return self._groups(members, 2) if len(members) > 1 else [members]

    def typical_first(self, members: IntArray) -> IntArray:
        """By the distance to the cluster's centre."""
        return nearest_first(self.case.clustered, members)

    def _groups(self, members: IntArray, k: int) -> list[IntArray]:
        from sklearn.cluster import KMeans

        model = KMeans(k, n_init=N_STARTS, random_state=self.case.seed)
        return [members[part] for part in groups_of(model.fit_predict(self.case.clustered[members]))]


def groups_of(cluster_ids: IntArray) -> list[IntArray]:
    """Positions of each cluster's products, largest first; noise in none. Shapes: (n_members,)."""
    ids, sizes = np.unique(cluster_ids[cluster_ids >= 0], return_counts=True)
    return [np.flatnonzero(cluster_ids == ids[index]) for index in np.argsort(-sizes, kind="stable")]


def nearest_first(points: AnyArray, members: IntArray) -> IntArray:
    """Members by their distance to their own centre."""
    inside = points[members]
    distances = ((inside - inside.mean(axis=0)) ** 2).sum(axis=1)
    return members[np.argsort(distances, kind="stable")]
