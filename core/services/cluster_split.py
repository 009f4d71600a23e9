"""Split a cluster at the next cuts of the run's dendrogram, or take selected products out of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.discovery.run_file import RunFile
from core.domain.discovery import ClusterStatus
from core.services.cluster_description import (
    Describer,
    describe_again,
    describe_siblings,
    shown_name,
    sibling_places,
)
from core.services.cluster_members import ClusterMembers
from core.services.context import Context
from core.services.history import run_scope
from core.services.journal import Journal
from core.services.review_acts import bring_in
from core.services.review_rows import (
    centre,
    cluster_label,
    count_of,
    distance,
    leave,
    load_cluster,
    load_open_cluster,
    load_run_file,
    open_members,
    top_of,
    touch,
)
from core.services.split_plan import NONE, SplitPlan, plan_split
from core.taxonomy.operations import check_name
from db.models import ClusterRow, MemberRow, RunRow
from db.repositories import events, runs

DEFAULT_PARTS = 2


@dataclass(frozen=True, slots=True)
class PartPreview:
    """A part that a split would make, the one that stays in the cluster first."""

    size: int
    suggested_name: str


def preview_split(
    context: Context, run_id: int, cluster_id: int, n_parts: int = DEFAULT_PARTS
) -> tuple[PartPreview, ...]:
    """What `split_cluster` would make; writes nothing. See there for what it raises."""
    file = load_run_file(context, run_id)
    with context.database.read() as session:
        cluster = load_open_cluster(session, load_cluster(session, cluster_id, run_id).id)
        members = ClusterMembers.load(session, [top_of(session, cluster).id])
        plan = plan_split(session, file, cluster, members, n_parts)
        siblings = [row for row in runs.cluster_rows(session, run_id) if row.parent_id == cluster.parent_id]
        positions, ids = sibling_places(session, cluster, [row.id for row in siblings])
        part_at = dict(zip(members.positions[plan.members].tolist(), plan.part.tolist(), strict=True))
        parts = np.array([part_at.get(position, NONE) for position in positions.tolist()], dtype=np.int64)
        keys = [NONE - part for part in range(n_parts)]  # no cluster has such an id
        ids = np.where(parts >= 0, NONE - parts, ids)
        taken = [shown_name(row) for row in siblings if row is not cluster] + [cluster.name]
        describer = Describer.load(context, session, session.get_one(RunRow, run_id), file)
        found = describe_siblings(describer, session, cluster, positions, ids, keys, taken)
        names = [found[key].names.names[0] if key in found else "" for key in keys]
        sizes = np.bincount(plan.part, minlength=n_parts).tolist()
        return tuple(map(PartPreview, sizes, [cluster.name or names[0], *names[1:]]))


def split_cluster(
    context: Context,
    run_id: int,
    cluster_id: int,
    author: str,
    n_parts: int | None = None,
    revision: int | None = None,
) -> list[int]:
    """Split a cluster where the run's dendrogram parts its products first.

    The largest part stays in the cluster and keeps its name; the others become clusters beside it, numbered on. A
    re-cut leaves all of them alone. Products without a place in the dendrogram go with the part whose centre is
    nearest; those brought in from outside the run, and those of approved subclusters, stay. A subcluster goes with
    the part that holds it. One that the split divides, or that is a whole part, goes away unless somebody worked on
    it: then it goes with the part that holds most of it.

    Args:
        context: The open workspace.
        run_id: The run.
        cluster_id: An open cluster of any level.
        author: Who splits.
        n_parts: How many parts; None means 2, the next cut.
        revision: Of the cluster as it was seen; None asks nothing.

    Returns:
        The parts, the cluster itself first.

    Raises:
        RunNotFoundError: If the cluster is not part of the run.
        StaleRevisionError: If somebody changed it since.
        TaxonomyError: If it is decided already, or cannot be split into so many parts.
    """
    file = load_run_file(context, run_id)
    with context.database.write() as session:
        cluster = load_open_cluster(session, load_cluster(session, cluster_id, run_id).id, revision)
        journal = Journal(session)
        _, rows = _split(context, session, journal, file, cluster, DEFAULT_PARTS if n_parts is None else n_parts)
        touch(session, run_id, *dict.fromkeys((*rows, top_of(session, cluster))))
        ids = [row.id for row in rows]
        events.record(session, author, "split", f"Split {cluster_label(cluster)} into {len(ids)} parts", run_id,
                      scope=run_scope(run_id), journal=journal, details={"clusters": ids})  # fmt: skip
        return ids


def split_off(
    context: Context,
    run_id: int,
    product_ids: Sequence[int],
    author: str,
    name: str = "",
    seen_in: int | None = None,
) -> int:
    """Make a cluster of level 1 of selected products, wherever they are; those outside the run are brought in.

    Args:
        context: The open workspace.
        run_id: The run.
        product_ids: What to take.
        author: Who does it.
        name: For the new cluster; '' leaves it with suggestions.
        seen_in: The cluster in which they were seen, or `review_rows.ASIDE`; None asks nothing.

    Returns:
        The new cluster.

    Raises:
        RunNotFoundError: If a product does not exist.
        StaleRevisionError: If one was moved out of `seen_in` meanwhile.
        TaxonomyError: If one is in an approved cluster, or the name cannot be a node's.
    """
    clean = check_name(name) if name.strip() else ""
    file = load_run_file(context, run_id)
    with context.database.write() as session:
        journal = Journal(session)
        brought = bring_in(session, run_id, product_ids)
        members = open_members(session, run_id, product_ids, seen_in)
        journal.made(MemberRow, brought)
        journal.keep(MemberRow, [member.id for member in members])
        origins = leave(session, members)
        [row] = _add_rows(session, journal, run_id, 1, None, 1)
        row.name = clean
        for member in members:
            member.cluster_id, member.subcluster_id = row.id, None
            member.is_noise, member.is_excluded, member.is_moved = False, False, True
        session.flush()
        middle = centre(session, file, row.id)
        for member in members:
            member.distance = distance(file, member, middle)
        session.flush()
        describe_again(Describer.load(context, session, session.get_one(RunRow, run_id), file), session, [row])
        touch(session, run_id, row)
        summary = f"Made {cluster_label(row)} of {count_of(members)}"
        events.record(session, author, "split_off", summary, run_id, scope=run_scope(run_id), journal=journal,
                      details={"to": row.id, "homes": origins, "clusters": [row.id]})  # fmt: skip
        return row.id


def _split(
    context: Context, session: Session, journal: Journal, file: RunFile, cluster: ClusterRow, n_parts: int
) -> tuple[SplitPlan, list[ClusterRow]]:
    top = top_of(session, cluster)
    members = ClusterMembers.load(session, [top.id])
    plan = plan_split(session, file, cluster, members, n_parts)
    journal.keep(ClusterRow, [cluster.id, top.id, *plan.homes, *plan.dropped])
    made = _add_rows(session, journal, cluster.run_id, cluster.level, cluster.parent_id, n_parts - 1)
    rows = [cluster, *made]
    for child_id, part in plan.homes.items():
        child = session.get_one(ClusterRow, child_id)
        child.revision += child.parent_id != rows[part].id
        child.parent_id = rows[part].id
    session.flush()
    of_part = np.array([row.id for row in rows])[plan.part]
    inside = plan.members
    cluster_ids, subcluster_ids = members.cluster_ids.copy(), members.subcluster_ids.copy()
    if cluster.level == 1:
        cluster_ids[inside] = of_part
        subcluster_ids[inside[plan.leaves_child]] = NONE
    else:
        alone = plan.leaves_child | (members.subcluster_ids[inside] == cluster.id)
        subcluster_ids[inside[alone]] = of_part[alone]
    members.place(session, journal, file, cluster_ids, subcluster_ids)
    for child_id in reversed(plan.dropped):
        session.execute(delete(ClusterRow).where(ClusterRow.id == child_id))
    describe_again(Describer.load(context, session, session.get_one(RunRow, cluster.run_id), file), session, rows)
    return plan, rows


def _add_rows(
    session: Session, journal: Journal, run_id: int, level: int, parent_id: int | None, n: int
) -> list[ClusterRow]:
    """Empty open clusters with numbers of their own."""
    last = session.scalar(select(func.max(ClusterRow.number)).where(ClusterRow.run_id == run_id)) or 0
    rows = [
        ClusterRow(run_id=run_id, number=last + 1 + place, level=level, parent_id=parent_id,
                   status=str(ClusterStatus.OPEN), suggested_names=[], keywords=[])
        for place in range(n)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    journal.made(ClusterRow, [row.id for row in rows])
    return rows
