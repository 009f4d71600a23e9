"""The tree of a run, by the clusterer and the linkage that were asked for. Worker only."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.discovery.choices import check_choices
from core.discovery.dendrogram import Dendrogram
from core.discovery.hdbscan_tree import hdbscan_dendrogram
from core.discovery.linkage import ward_dendrogram
from core.discovery.pairwise_linkage import pairwise_dendrogram
from core.domain.arrays import FloatArray
from core.domain.discovery import DiscoveryParameters
from core.domain.progress import Progress

TreeBuilder = Callable[[FloatArray], Dendrogram]
"""Builds the tree over some positions, for instance over a subset in a test of stability."""


class BuiltTree(NamedTuple):
    """A tree over products.

    Attributes:
        dendrogram: Leaf -1 for products that the clusterer leaves between clusters.
        n_suggested: The clusterer's own number of clusters; None where it has none.
        ambiguity: How surely a product belongs to no cluster, in [0, 1], 0 for those in one. Shape: (n_products,).
    """

    dendrogram: Dendrogram
    n_suggested: int | None
    ambiguity: FloatArray


def build_tree(reduced: FloatArray, parameters: DiscoveryParameters, progress: Progress | None = None) -> BuiltTree:
    """Build the tree of merges that every cut of a run is read from.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        parameters: Give the clusterer, the linkage and the seed.
        progress: Told the share done.

    Returns:
        The tree; its dendrogram's `method` says how it was built.

    Raises:
        ParameterError: If there is no such clusterer or linkage.
    """
    check_choices(parameters)
    if parameters.clusterer == "hdbscan":
        density = hdbscan_dendrogram(reduced, parameters.seed, progress)
        is_outside = density.dendrogram.leaf_of_product < 0
        return BuiltTree(density.dendrogram, density.n_selected, np.where(is_outside, density.ambiguity, 0.0))
    if parameters.linkage == "ward":
        dendrogram = ward_dendrogram(reduced, parameters.seed, progress)
    else:
        dendrogram = pairwise_dendrogram(reduced, parameters.linkage, parameters.seed, progress)
    return BuiltTree(dendrogram, None, np.zeros(len(reduced), dtype=np.float32))


def tree_builder(parameters: DiscoveryParameters) -> TreeBuilder:
    """`build_tree` for subsets, with the same clusterer and linkage."""
    return lambda reduced: build_tree(reduced, parameters).dendrogram
