"""What another cut of a run's dendrogram would make of the products nobody worked on: groups, names, distances."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from core.discovery.centres import cluster_centres
from core.discovery.cut import cut, cut_within
from core.discovery.quality import simplified_silhouette
from core.discovery.run_file import RunFile
from core.domain.arrays import BoolArray, DoubleArray, IntArray
from core.services.cluster_description import Describer, Description

MIN_SPLIT = 30
"""Clusters of fewer products are not split further by a re-cut."""
N_PARTS = 3
CLEAR_SILHOUETTE = 0.3
"""Parts of a cluster are shown as its subclusters from this mean silhouette on."""
NONE = -1


@dataclass(frozen=True, slots=True)
class Cut:
    """Groups of level 1 first, largest first, then the parts of each in turn.

    Attributes:
        parents: Group that each is a part of, -1 for those of level 1. Length: n_groups.
        group: Group of level 1 of each product, -1 for those that are not cut. Shape: (n_products,).
        part: Group below it, -1 where there is none. Shape: (n_products,).
        distance: To the centre of the group of level 1; 0 for products that are not cut. Shape: (n_products,).
    """

    parents: list[int]
    group: IntArray
    part: IntArray
    distance: DoubleArray


def plan_cut(file: RunFile, is_free: BoolArray, n_clusters: int) -> Cut:
    """Cut the free products anew.

    Args:
        file: Of the run.
        is_free: Products to be cut. Shape: (n_products,).
        n_clusters: Wanted number of groups of level 1.
    """
    group = _cut_free(file, is_free, n_clusters)
    k = int(group.max()) + 1
    parents, part = [NONE] * k, np.full(len(group), NONE, dtype=np.int64)
    for parent in range(k):
        positions = np.flatnonzero(group == parent)
        found = _clear_parts(_Whole(file, positions)) if len(positions) >= MIN_SPLIT else None
        if found is not None:
            labels, _ = found
            part[positions] = np.where(labels >= 0, labels + len(parents), NONE)
            parents.extend([parent] * (int(labels.max()) + 1))
    distance = np.zeros(len(group))
    distance[is_free] = distances_to_own_centre(file, np.flatnonzero(is_free), group[is_free])
    return Cut(parents, group, part, distance)


def describe_cut(describer: Describer, cut: Cut, kept_ids: IntArray) -> list[Description]:
    """Describe the groups of a cut.

    Args:
        describer: Of the run.
        cut: What `plan_cut` gave.
        kept_ids: Cluster of level 1 that each product stays in that is not cut, -1 for none: names are told from
            those, too. Shape: (n_products,).

    Returns:
        One description per group.
    """
    k = cut.parents.count(NONE)
    descriptions = describer.siblings(*_with_kept(cut.group, k, kept_ids))[:k]
    for parent in range(k):
        if parent not in cut.parents:
            continue
        positions = np.flatnonzero(cut.group == parent)
        found = _clear_parts(_Whole(describer.file, positions))
        if found is not None:
            labels, silhouettes = found
            name = descriptions[parent].names.names[0]
            descriptions += describer.parts(positions, labels, int(labels.max()) + 1, name, silhouettes)
    return descriptions


def distances_to_own_centre(file: RunFile, positions: IntArray, labels: IntArray) -> DoubleArray:
    """Distance of products to the centre of their group.

    Args:
        file: Of the run.
        positions: The products. Shape: (n,).
        labels: Group of each, 0 to k - 1, each used. Shape: (n,).

    Returns:
        Euclidean distances. Shape: (n,).
    """
    reduced = file.reduced[positions]
    return np.linalg.norm(reduced - cluster_centres(reduced, labels)[labels], axis=1)


def _cut_free(file: RunFile, is_free: BoolArray, wanted: int) -> IntArray:
    """The coarsest cut that parts the free products into `wanted` clusters."""
    free = np.flatnonzero(is_free)
    labels = np.full(len(is_free), NONE, dtype=np.int64)
    if np.array_equal(is_free, file.dendrogram.leaf_of_product >= 0):
        labels[:] = cut(file.dendrogram, wanted)
    else:
        labels[free] = cut_within(file.dendrogram, free, wanted)
    stray = free[labels[free] < 0]  # products of the outlier panel that somebody sent back have no leaf in the tree
    labels[stray] = 0
    return labels


def _with_kept(group: IntArray, k: int, kept_ids: IntArray) -> tuple[IntArray, int]:
    """The groups with the clusters that stay after them, numbered on."""
    held = np.unique(kept_ids[kept_ids >= 0])  # a kept cluster may be empty
    stays = (group < 0) & (kept_ids >= 0)
    labels = group.copy()
    labels[stays] = k + np.searchsorted(held, kept_ids[stays])
    return labels, k + len(held)


class _Whole:
    """Some products of a run. Two are equal if they are the same products of the same arrays in memory."""

    def __init__(self, file: RunFile, positions: IntArray) -> None:
        self.file = file
        self._positions = positions
        self._digest = blake2b(np.ascontiguousarray(positions).tobytes(), digest_size=16).digest()

    def __hash__(self) -> int:
        return hash((id(self.file), self._digest))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and (self.file is other.file) and self._digest == other._digest

    def take(self) -> IntArray:
        """The positions; they are let go of, so that what is kept stays small."""
        positions, self._positions = self._positions, self._positions[:0]
        return positions


@lru_cache(maxsize=256)
def _clear_parts(whole: _Whole) -> tuple[IntArray, DoubleArray] | None:
    """Part of each product and its silhouette; None where the parts do not stand apart. Kept for the next cut."""
    file, positions = whole.file, whole.take()
    labels = cut_within(file.dendrogram, positions, N_PARTS)
    if int(labels.max()) < 1:
        return None
    silhouettes = simplified_silhouette(file.reduced[positions], labels)
    return (labels, silhouettes) if silhouettes[labels >= 0].mean() >= CLEAR_SILHOUETTE else None
