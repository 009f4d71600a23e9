"""Which product of a cluster goes with which part of it, and what becomes of its subclusters."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.discovery.centres import cluster_centres, distances_to_centres
from core.discovery.cut import cut_within
from core.discovery.run_file import RunFile
from core.domain.arrays import BoolArray, IntArray
from core.domain.errors import TaxonomyError
from core.services.cluster_members import ClusterMembers
from core.services.review_rows import approved_ids, below, cluster_label
from db.models import ClusterRow

NONE = -1
BY_HAND = "Select products in the grid and make a cluster of them instead."


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """A split to be made; part 0 stays in the cluster.

    Attributes:
        members: Products of the cluster, as places in its `ClusterMembers`. Shape: (n,).
        part: Part of each. Shape: (n,).
        leaves_child: Whether each leaves the subcluster it is in. Shape: (n,).
        homes: Subcluster → part that it goes with.
        dropped: Subclusters that go away, upper levels first.
    """

    members: IntArray
    part: IntArray
    leaves_child: BoolArray
    homes: dict[int, int]
    dropped: list[int]


def plan_split(
    session: Session, file: RunFile, cluster: ClusterRow, members: ClusterMembers, n_parts: int
) -> SplitPlan:
    """Part the products of a cluster; see `cluster_split.split_cluster` for the rules and what it raises.

    Args:
        session: An open session.
        file: The run's arrays.
        cluster: To be split.
        members: All products of the cluster of level 1 that it is part of.
        n_parts: How many parts.
    """
    child_of = _children(session, cluster)
    around = [cluster.id, *child_of]
    is_inside = np.ones(len(members.ids), dtype=bool)
    if cluster.level > 1:
        is_inside = np.isin(members.subcluster_ids, around)
    inside = np.flatnonzero(is_inside)
    approved = approved_ids(session, cluster.run_id)
    is_fixed = np.isin(members.subcluster_ids[inside], sorted(approved))
    part = np.zeros(len(inside), dtype=np.int64)
    part[~is_fixed] = _parts(file, cluster, members.positions[inside[~is_fixed]], n_parts)
    child = np.array([child_of.get(key, NONE) for key in members.subcluster_ids[inside].tolist()], dtype=np.int64)
    homes, dropped = _homes(session, cluster, child, part, approved)
    stays = np.array([homes.get(key) == place for key, place in zip(child.tolist(), part.tolist(), strict=True)])
    return SplitPlan(inside, part, (child != NONE) & ~stays.astype(bool), homes, dropped)


def _children(session: Session, cluster: ClusterRow) -> dict[int, int]:
    """Each cluster below one, and the child of that one it is in."""
    children = session.scalars(select(ClusterRow.id).where(ClusterRow.parent_id == cluster.id).order_by(ClusterRow.id))
    return {key: child for child in children for key in (child, *below(session, cluster.run_id, child))}


def _parts(file: RunFile, cluster: ClusterRow, positions: IntArray, n_parts: int) -> IntArray:
    """Part of each product, 0 for those that have no position."""
    if n_parts < 2:
        raise TaxonomyError(f"A split makes at least 2 parts, not {n_parts}.", "Ask for 2 or more.")
    leaves = np.where(positions >= 0, file.dendrogram.leaf_of_product[positions], NONE)
    if len(np.unique(leaves[leaves >= 0])) < 2:
        raise TaxonomyError(
            f"{_capital(cluster_label(cluster))} cannot be split: its products are too few or too alike.", BY_HAND
        )
    labels = np.zeros(len(positions), dtype=np.int64)
    in_tree = leaves >= 0
    labels[in_tree] = cut_within(file.dendrogram, positions[in_tree], n_parts)
    k = int(labels.max()) + 1
    if k < n_parts:
        remedy = f"Ask for {k} or fewer." if k > 1 else BY_HAND
        raise TaxonomyError(
            f"{_capital(cluster_label(cluster))} cannot be split into {n_parts} parts: its products are too few or "
            "belong together.",
            remedy,
        )
    stray = np.flatnonzero(~in_tree & (positions >= 0))
    if len(stray):
        centres = cluster_centres(file.reduced[positions[in_tree]], labels[in_tree])
        labels[stray] = distances_to_centres(file.reduced[positions[stray]], centres).argmin(axis=1)
    return labels


def _homes(
    session: Session, cluster: ClusterRow, child: IntArray, part: IntArray, approved: set[int]
) -> tuple[dict[int, int], list[int]]:
    homes: dict[int, int] = {}
    dropped: list[int] = []
    sizes = np.bincount(part)
    query = select(ClusterRow).where(ClusterRow.parent_id == cluster.id).order_by(ClusterRow.id)
    for row in session.scalars(query):
        family = [row.id, *below(session, cluster.run_id, row.id)]
        counts = np.bincount(part[child == row.id], minlength=len(sizes))
        home = int(counts.argmax())
        is_divided = np.count_nonzero(counts) > 1
        if row.id in approved or not counts.any():
            homes[row.id] = 0
        elif (is_divided or counts[home] == sizes[home]) and not _is_worked_on(session, family, approved):
            dropped.extend(family)
        else:
            homes[row.id] = home
    return homes, dropped


def _is_worked_on(session: Session, family: list[int], approved: set[int]) -> bool:
    is_touched = select(ClusterRow.id).where(ClusterRow.id.in_(family), ClusterRow.is_touched.is_(True))
    return bool(approved.intersection(family)) or session.scalar(is_touched.limit(1)) is not None


def _capital(label: str) -> str:
    return label[0].upper() + label[1:]
