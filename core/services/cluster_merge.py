"""Merge clusters that are one kind of thing: one transaction and one event with its way back."""

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.discovery.run_file import RunFile
from core.domain.errors import TaxonomyError
from core.services.cluster_description import Describer, describe_again
from core.services.cluster_members import ClusterMembers
from core.services.context import Context
from core.services.history import run_scope
from core.services.journal import Journal
from core.services.review_rows import (
    below,
    cluster_label,
    load_cluster,
    load_open_cluster,
    load_run_file,
    top_of,
    touch,
)
from db.models import ClusterRow, MemberRow, RunRow
from db.repositories import events


def merge_clusters(
    context: Context,
    run_id: int,
    cluster_ids: Sequence[int],
    author: str,
    revisions: Mapping[int, int] | None = None,
    into: int | None = None,
) -> int:
    """Make one cluster of several that stand beside each other.

    The largest stays, with its name if it has one; the others go, and the history keeps them. What lies below any of
    them lies below the one that stays, with the names and decisions it has. Suggestions, keywords and silhouette are
    computed anew from all its products.

    Args:
        context: The open workspace.
        run_id: The run.
        cluster_ids: Open clusters: all of level 1, or all below one cluster.
        author: Who merges.
        revisions: Cluster id → revision as it was seen; those left out are taken as they are.
        into: Which of them stays; None means the only one with a name, else the largest.

    Returns:
        The cluster that stays.

    Raises:
        RunNotFoundError: If one is not part of the run.
        StaleRevisionError: If somebody changed one since.
        TaxonomyError: If they are fewer than two, one is decided already, or they do not stand beside each other.
    """
    file = load_run_file(context, run_id)
    with context.database.write() as session:
        clusters = _chosen(session, run_id, cluster_ids, revisions or {})
        target = _staying(session, clusters, into)
        emptied = [cluster for cluster in clusters if cluster is not target]
        top = top_of(session, target)
        journal = Journal(session)
        journal.keep(ClusterRow, [*(cluster.id for cluster in clusters), top.id])
        _adopt(session, journal, target, emptied)
        _move(session, journal, file, target, emptied)
        for cluster in emptied:
            session.execute(delete(ClusterRow).where(ClusterRow.id == cluster.id))
        labels = [cluster_label(cluster) for cluster in emptied]
        describe_again(Describer.load(context, session, session.get_one(RunRow, run_id), file), session, [target])
        touch(session, run_id, *dict.fromkeys((target, top)))
        summary = f"Merged {', '.join(labels[:3])}{' …' if len(labels) > 3 else ''} into {cluster_label(target)}"
        events.record(session, author, "merge", summary, run_id, scope=run_scope(run_id), journal=journal,
                      details={"clusters": [target.id]})  # fmt: skip
        return target.id


def _chosen(
    session: Session, run_id: int, cluster_ids: Sequence[int], revisions: Mapping[int, int]
) -> list[ClusterRow]:
    wanted = list(dict.fromkeys(cluster_ids))
    if len(wanted) < 2:
        raise TaxonomyError("It takes two clusters to merge.", "Choose another one beside this.")
    clusters = []
    for cluster_id in wanted:
        load_cluster(session, cluster_id, run_id)
        clusters.append(load_open_cluster(session, cluster_id, revisions.get(cluster_id)))
    if len({cluster.parent_id for cluster in clusters}) > 1:
        raise TaxonomyError(
            "These clusters are parts of different ones, so they cannot be merged.",
            "Choose clusters that stand beside each other, or move the products instead.",
        )
    return clusters


def _staying(session: Session, clusters: Sequence[ClusterRow], into: int | None) -> ClusterRow:
    if into is not None:
        found = next((cluster for cluster in clusters if cluster.id == into), None)
        if found is None:
            raise TaxonomyError("The cluster to merge into is not among those chosen.", "Choose one of them.")
        return found
    named = [cluster for cluster in clusters if cluster.name]
    among = named if len(named) == 1 else clusters
    return max(among, key=lambda cluster: (_size(session, cluster), -cluster.number))


def _size(session: Session, cluster: ClusterRow) -> int:
    ids = [cluster.id, *below(session, cluster.run_id, cluster.id)]
    column = MemberRow.cluster_id if cluster.level == 1 else MemberRow.subcluster_id
    return session.scalar(select(func.count()).where(column.in_(ids))) or 0


def _adopt(session: Session, journal: Journal, target: ClusterRow, emptied: Sequence[ClusterRow]) -> None:
    ids = [cluster.id for cluster in emptied]
    children = list(session.scalars(select(ClusterRow).where(ClusterRow.parent_id.in_(ids))))
    journal.keep(ClusterRow, [child.id for child in children])
    for child in children:
        child.parent_id = target.id
        child.revision += 1
    session.flush()


def _move(session: Session, journal: Journal, file: RunFile, target: ClusterRow, emptied: Sequence[ClusterRow]) -> None:
    gone = [cluster.id for cluster in emptied]
    tops = [target.id, *gone] if target.level == 1 else [top_of(session, target).id]
    members = ClusterMembers.load(session, tops)
    cluster_ids = np.where(np.isin(members.cluster_ids, gone), target.id, members.cluster_ids)
    subcluster_ids = np.where(np.isin(members.subcluster_ids, gone), target.id, members.subcluster_ids)
    members.place(session, journal, file, cluster_ids, subcluster_ids)
