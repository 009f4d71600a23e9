"""What another cut of a run's dendrogram would make of the products nobody worked on: groups, names, distances."""

from collections.abc import Iterator
from dataclasses import dataclass

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
        descriptions: Of each group. Length: n_groups.
        parents: Group that each is a part of, -1 for those of level 1. Length: n_groups.
        group: Group of level 1 of each product, -1 for those that are not cut. Shape: (n_products,).
        part: Group below it, -1 where there is none. Shape: (n_products,).
        distance: To the centre of the group of level 1; 0 for products that are not cut. Shape: (n_products,).
    """

    descriptions: list[Description]
    parents: list[int]
    group: IntArray
    part: IntArray
    distance: DoubleArray


def plan_cut(describer: Describer, is_free: BoolArray, kept_ids: IntArray, n_clusters: int) -> Cut:
    """Cut the free products anew.

    Args:
        describer: Of the run.
        is_free: Products to be cut. Shape: (n_products,).
        kept_ids: Cluster of level 1 that each other product stays in, -1 for none: names are told from those, too.
            Shape: (n_products,).
        n_clusters: Wanted number of groups of level 1.
    """
    file = describer.file
    group = _cut_free(file, is_free, n_clusters)
    k = int(group.max()) + 1
    descriptions = describer.siblings(*_with_kept(group, k, kept_ids))[:k]
    parents, part = [NONE] * k, np.full(len(group), NONE, dtype=np.int64)
    for parent in range(k):
        positions = np.flatnonzero(group == parent)
        for inside, description in _parts(describer, positions, descriptions[parent].names.names[0]):
            part[inside] = len(descriptions)
            descriptions.append(description)
            parents.append(parent)
    distance = np.zeros(len(group))
    distance[is_free] = distances_to_own_centre(file, np.flatnonzero(is_free), group[is_free])
    return Cut(descriptions, parents, group, part, distance)


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


def _parts(describer: Describer, positions: IntArray, name: str) -> Iterator[tuple[IntArray, Description]]:
    """The next cuts below a group, where they stand apart clearly: products and description of each."""
    if len(positions) < MIN_SPLIT:
        return
    labels = cut_within(describer.file.dendrogram, positions, N_PARTS)
    k = int(labels.max()) + 1
    if k < 2:
        return
    silhouettes = simplified_silhouette(describer.file.reduced[positions], labels)
    if silhouettes[labels >= 0].mean() < CLEAR_SILHOUETTE:
        return
    for part, description in enumerate(describer.parts(positions, labels, k, name, silhouettes)):
        yield positions[labels == part], description
