"""HDBSCAN's own hierarchy of dense groups, as a dendrogram that can be cut anywhere. Worker only: imports hdbscan."""

import warnings
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from core.discovery.dendrogram import EXACT_HDBSCAN, MICRO_CLUSTER_HDBSCAN, Dendrogram
from core.discovery.heartbeat import run_with_heartbeat
from core.discovery.linkage import N_MICRO_CLUSTERS, micro_clusters
from core.domain.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from core.domain.progress import NullProgress, Progress

EXACT_LIMIT = 20_000
SMALLEST_GROUP, GROUP_SHARE = 5, 0.01
"""A dense group holds at least this many products, and at least this share of them: 100 groups are the finest cut."""
FEWEST_NEIGHBOURS, MOST_NEIGHBOURS, NEIGHBOUR_SHARE = 5, 10, 0.02
"""Density is told from so many neighbours. On five of them UMAP's knots pass for groups: 603 shoes of the demo gave 42
groups, on ten of them 12, and purer ones at 12 (0.95 against 0.90)."""
AMBIGUOUS = 0.8
"""A product outside of every selected group is between two where the nearest is at least this share of the way to the
next: nearer, it joins the nearest."""
MOST_BETWEEN = 0.1
"""At most this share of the products is left between groups, the most ambiguous first: a curator must not have to sort
by hand what the clustering gave up on."""

OUTSIDE = -1


class DensityTree(NamedTuple):
    """HDBSCAN's tree over all products.

    Attributes:
        dendrogram: Its leaves are the smallest dense groups; -1 for products between groups.
        n_selected: How many groups HDBSCAN itself selects; the cut at this number gives just those.
        ambiguity: Distance to the nearest selected group over that to the next, in [0, 1], for products in no group;
            0 for the others. Shape: (n_products,).
    """

    dendrogram: Dendrogram
    n_selected: int
    ambiguity: FloatArray


class _Condensed(NamedTuple):
    """The condensed tree by rows: `shed_from`, the group each point falls out of; splits as (parent, children)."""

    shed_from: IntArray
    parents: IntArray
    children: IntArray
    heights: DoubleArray
    labels: IntArray


def hdbscan_dendrogram(
    reduced: FloatArray,
    seed: int = 0,
    progress: Progress | None = None,
    exact_limit: int = EXACT_LIMIT,
    n_micro_clusters: int = N_MICRO_CLUSTERS,
) -> DensityTree:
    """Find dense groups at every density, and those that last longest.

    The leaves are HDBSCAN's smallest groups. Products that fall out of a larger group before it splits go to the
    nearest product in a leaf below that group, so that every cut at or above HDBSCAN's selection is HDBSCAN's own.
    Products it calls noise join the nearest selected group, too, but for those about as near to another: these are
    between groups, and outside of the tree.

    Args:
        reduced: Positions in the clustering space. Shape: (n_products, n_components).
        seed: For the micro-clusters; otherwise there is no randomness.
        progress: Told that it works.
        exact_limit: Above this many products HDBSCAN sees the centres of micro-clusters.
        n_micro_clusters: About how many of them.

    Returns:
        The tree. Merges above HDBSCAN's selection come last and, so that heights never fall, may be raised.

    Source:
        Campello et al. 2015; McInnes & Healy 2017, https://arxiv.org/abs/1705.07321
    """
    progress = progress or NullProgress()
    if len(reduced) <= exact_limit:
        ones = np.ones(len(reduced))
        return run_with_heartbeat(
            lambda _: _density_tree(reduced, ones, EXACT_HDBSCAN), progress, "Looking for dense groups"
        )

    def work(_: object) -> DensityTree:
        micro, centres, sizes = micro_clusters(reduced, n_micro_clusters, seed)
        tree = _density_tree(centres.astype(np.float32), sizes, MICRO_CLUSTER_HDBSCAN)
        leaves = tree.dendrogram.leaf_of_product[micro]
        return DensityTree(
            Dendrogram(tree.dendrogram.linkage, leaves, MICRO_CLUSTER_HDBSCAN), tree.n_selected, tree.ambiguity[micro]
        )

    return run_with_heartbeat(work, progress, "Looking for dense groups of micro-clusters")


def density_parameters(n_points: int) -> tuple[int, int]:
    """HDBSCAN's smallest group, and the neighbours that tell density, for so many points."""
    n_neighbours = int(np.clip(NEIGHBOUR_SHARE * n_points, FEWEST_NEIGHBOURS, MOST_NEIGHBOURS))
    return max(SMALLEST_GROUP, int(GROUP_SHARE * n_points)), n_neighbours


def _density_tree(points: FloatArray, weights: DoubleArray, method: str) -> DensityTree:
    condensed = _condense(points) if len(points) >= 2 * SMALLEST_GROUP else None
    if condensed is None or condensed.labels.max() < 0:
        return _one_group(len(points), method)
    leaf_of_point = _nearest_leaves(points, condensed)
    ambiguity = _ambiguities(points, condensed.labels)
    leaf_of_point[_is_between(ambiguity)] = OUTSIDE
    leaves = np.setdiff1d(condensed.children, condensed.parents)  # numbers of the groups that no split parts
    inside = leaf_of_point != OUTSIDE
    positions = np.full(len(points), -1, dtype=np.int64)
    positions[inside] = np.searchsorted(leaves, leaf_of_point[inside])
    linkage = _linkage(condensed, leaves, np.bincount(positions[inside], weights[inside], len(leaves)))
    n_selected = int(condensed.labels.max()) + 1
    return DensityTree(Dendrogram(linkage, positions, method), n_selected, ambiguity.astype(np.float32))


def _linkage(condensed: _Condensed, leaves: IntArray, sizes: DoubleArray) -> DoubleArray:
    """Splits as merges, those that part selected groups last; within both kinds by rising height."""
    below = _leaves_below(condensed)
    label_of_leaf = {int(leaf): int(condensed.labels[np.argmax(condensed.shed_from == leaf)]) for leaf in leaves}
    is_top = [len({label_of_leaf[leaf] for leaf in below[parent]}) > 1 for parent in condensed.parents.tolist()]
    order = np.lexsort((-condensed.parents, condensed.heights, is_top))  # a group's number is above its parent's
    node = {int(leaf): index for index, leaf in enumerate(leaves)}
    counts = dict(zip(node, sizes.tolist(), strict=True))
    linkage = np.zeros((len(order), 4))
    for row, split in enumerate(order.tolist()):
        parent, (left, right) = int(condensed.parents[split]), condensed.children[split].tolist()
        counts[parent], node[parent] = counts[left] + counts[right], len(leaves) + row
        linkage[row] = [*sorted((node[left], node[right])), condensed.heights[split], counts[parent]]
    linkage[:, 2] = np.maximum.accumulate(linkage[:, 2])
    return linkage


def _one_group(n_points: int, method: str) -> DensityTree:
    """Nothing stands apart: all in one group."""
    dendrogram = Dendrogram(np.zeros((0, 4)), np.zeros(n_points, dtype=np.int64), method)
    return DensityTree(dendrogram, 1, np.zeros(n_points, dtype=np.float32))


def _condense(points: FloatArray) -> _Condensed:
    import hdbscan

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")  # identical positions join at distance 0, which divides by zero inside
        smallest, n_neighbours = density_parameters(len(points))
        model = hdbscan.HDBSCAN(min_cluster_size=smallest, min_samples=n_neighbours, core_dist_n_jobs=1)
        rows = model.fit(points.astype(np.float64)).condensed_tree_.to_numpy()
        is_point = rows["child_size"] == 1
        shed_from = np.zeros(len(points), dtype=np.int64)
        shed_from[rows["child"][is_point]] = rows["parent"][is_point] - len(points)
        splits = rows[~is_point]  # both children of a split stand one after the other
        pairs = splits[np.lexsort((splits["child"], splits["parent"]))]
        return _Condensed(
            shed_from,
            pairs["parent"][::2].astype(np.int64) - len(points),
            pairs["child"].astype(np.int64).reshape(-1, 2) - len(points),
            1.0 / pairs["lambda_val"][::2].astype(np.float64),
            model.labels_.astype(np.int64),
        )


def _leaves_below(condensed: _Condensed) -> dict[int, set[int]]:
    """Group → the leaves in it, for every group."""
    below: dict[int, set[int]] = {}
    leaves = set(condensed.children.ravel().tolist()) - set(condensed.parents.tolist())
    below.update({leaf: {leaf} for leaf in leaves})
    for parent, (left, right) in sorted(
        zip(condensed.parents.tolist(), condensed.children.tolist(), strict=True), reverse=True
    ):  # a group's number is larger than its parent's
        below[parent] = below[left] | below[right]
    return below


def _nearest_leaves(points: FloatArray, condensed: _Condensed) -> IntArray:
    """The leaf of each point: its own, or that of the nearest point in a leaf below the group it fell out of."""
    below = _leaves_below(condensed)
    leaf_of_point = condensed.shed_from.copy()
    for parent in condensed.parents.tolist():
        fallen = np.flatnonzero(condensed.shed_from == parent)
        if len(fallen) == 0:
            continue
        inside = np.flatnonzero(np.isin(condensed.shed_from, list(below[parent])))
        leaf_of_point[fallen] = condensed.shed_from[inside[cKDTree(points[inside]).query(points[fallen])[1]]]
    return leaf_of_point


def _ambiguities(points: FloatArray, labels: IntArray) -> DoubleArray:
    """Distance to the nearest selected group over that to the next, for points in no group. Shape: (n,)."""
    ambiguity = np.zeros(len(points))
    outside = np.flatnonzero(labels < 0)
    if len(outside) == 0 or labels.max() < 1:
        return ambiguity
    distances = np.stack(
        [cKDTree(points[labels == group]).query(points[outside])[0] for group in range(int(labels.max()) + 1)], axis=1
    )  # (n_outside, n_groups)
    nearest = np.partition(distances, 1, axis=1)[:, :2]
    ambiguity[outside] = np.divide(nearest[:, 0], nearest[:, 1], out=np.ones(len(outside)), where=nearest[:, 1] > 0)
    return ambiguity


def _is_between(ambiguity: DoubleArray) -> BoolArray:
    at_most = int(MOST_BETWEEN * len(ambiguity))
    is_between = np.zeros(len(ambiguity), dtype=bool)
    is_between[np.argsort(-ambiguity, kind="stable")[:at_most]] = True
    return is_between & (ambiguity >= AMBIGUOUS)
