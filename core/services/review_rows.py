"""Rows of a review that its acts share: clusters and members as they are found, counted and called."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.discovery.run_file import RunFile
from core.domain.arrays import FloatArray
from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, StaleRevisionError, TaxonomyError
from core.domain.taxonomy import NodeStatus
from core.services.context import Context
from db.models import ClusterRow, MemberRow, NodeRow, RunRow
from db.repositories.products import chunks

ASIDE = 0
"""Stands for a cluster where products are seen that are in none: what is set aside."""


def load_cluster(session: Session, cluster_id: int, run_id: int | None = None) -> ClusterRow:
    """A cluster, of one run where that is given.

    Raises:
        RunNotFoundError: If it is not there, or not in that run.
    """
    row = session.get(ClusterRow, cluster_id)
    if row is None or run_id not in (None, row.run_id):
        raise RunNotFoundError(f"There is no cluster {cluster_id} in this run any more.", "Reload the page.")
    return row


def load_open_cluster(session: Session, cluster_id: int, revision: int | None = None) -> ClusterRow:
    """A cluster that nobody decided yet.

    Args:
        session: An open session.
        cluster_id: The cluster.
        revision: As the curator saw it; None asks nothing.

    Raises:
        RunNotFoundError: If it is not there.
        StaleRevisionError: If somebody changed it since.
        TaxonomyError: If it is decided.
    """
    cluster = load_cluster(session, cluster_id)
    check_revision(cluster, revision)
    if cluster.status != str(ClusterStatus.OPEN):
        remedy = "Undo the approval" if cluster.status == str(ClusterStatus.APPROVED) else "Reopen it"
        raise TaxonomyError(f"{cluster_label(cluster)} is {cluster.status} already.", f"{remedy} first.")
    return cluster


def check_revision(cluster: ClusterRow, revision: int | None, lost: str = "") -> None:
    """Refuse an act on a cluster that is no longer what its curator saw.

    Args:
        cluster: As it is.
        revision: As it was seen; None asks nothing.
        lost: What is not kept, in words.

    Raises:
        StaleRevisionError: If they differ.
    """
    if revision is not None and cluster.revision != revision:
        now = f"is now called '{cluster.name}'" if cluster.name else "has no name now"
        state = "" if cluster.status == str(ClusterStatus.OPEN) else f" and is {cluster.status}"
        raise StaleRevisionError(
            f"Cluster {cluster.number} was changed by somebody else meanwhile: it {now}{state}{lost}.",
            "Look at it, then do it again.",
        )


def open_members(
    session: Session, run_id: int, product_ids: Sequence[int], seen_in: int | None = None
) -> list[MemberRow]:
    """Members that are in no approved cluster.

    Args:
        session: An open session.
        run_id: Their run.
        product_ids: Their products.
        seen_in: The cluster in which the curator saw them, or `ASIDE`; None asks nothing.

    Raises:
        RunNotFoundError: If one is not part of the run.
        StaleRevisionError: If one was moved out of that cluster meanwhile.
        TaxonomyError: If one is approved already.
    """
    found: list[MemberRow] = []
    for part in chunks(list(dict.fromkeys(product_ids))):
        query = select(MemberRow).where(MemberRow.run_id == run_id, MemberRow.product_id.in_(part))
        found.extend(session.scalars(query))
    if not found or len(found) != len(set(product_ids)):
        raise RunNotFoundError("Some of these products are not part of the run.", "Reload the page and select again.")
    approved = approved_ids(session, run_id)
    if any(member.cluster_id in approved or member.subcluster_id in approved for member in found):
        raise TaxonomyError(
            "Some of these products are approved already, under a node of the taxonomy.", "Undo the approval first."
        )
    if seen_in is not None:
        _check_seen_in(session, run_id, found, seen_in)
    return found


def _check_seen_in(session: Session, run_id: int, members: Sequence[MemberRow], seen_in: int) -> None:
    inside: set[int | None] = {None} if seen_in == ASIDE else {seen_in, *below(session, run_id, seen_in)}
    n_gone = sum(
        member.cluster_id not in inside and (member.subcluster_id is None or member.subcluster_id not in inside)
        for member in members
    )
    if n_gone:
        raise StaleRevisionError(
            f"{n_gone} of these {len(members)} products were moved elsewhere by somebody else meanwhile.",
            "Look at the cluster again, then select again.",
        )


def below(session: Session, run_id: int, cluster_id: int) -> list[int]:
    """Ids of all clusters below one, upper levels first."""
    query = select(ClusterRow.id, ClusterRow.parent_id).where(ClusterRow.run_id == run_id)
    found = [cluster_id]
    for key, parent_id in session.execute(query.order_by(ClusterRow.level, ClusterRow.id)):
        if parent_id in found:
            found.append(key)
    return found[1:]


def top_of(session: Session, cluster: ClusterRow) -> ClusterRow:
    """The level-1 cluster that a cluster is part of."""
    while cluster.parent_id is not None:
        cluster = load_cluster(session, cluster.parent_id, cluster.run_id)
    return cluster


def nearest_node(session: Session, cluster: ClusterRow | None) -> str | None:
    """Node of a cluster, or of the nearest one above it that is approved; None where there is none.

    A node that is deprecated by now stands for the one that replaced it.
    """
    while cluster is not None and not cluster.node_id:
        cluster = session.get(ClusterRow, cluster.parent_id) if cluster.parent_id else None
    if cluster is None or cluster.node_id is None:
        return None
    return live_node(session, cluster.node_id)


def live_node(session: Session, node_id: str) -> str:
    """A node, or the one at the end of its replacements where it is out of use."""
    node = session.get_one(NodeRow, node_id)
    while node.status == str(NodeStatus.DEPRECATED) and node.replaced_by:
        node = session.get_one(NodeRow, node.replaced_by)
    return node.id


def load_run_file(context: Context, run_id: int) -> RunFile:
    """Arrays of a run. They are kept for the next act: nobody may change them.

    Raises:
        RunNotFoundError: If the run's file is missing or cannot be read.
    """
    file_path = context.workspace.runs / f"{run_id}.npz"
    try:
        changed_at = file_path.stat().st_mtime_ns
    except OSError:
        return RunFile.load(file_path)
    return _kept_run_file(file_path, changed_at)


@lru_cache(maxsize=4)
def _kept_run_file(file_path: Path, _changed_at: int) -> RunFile:
    file = RunFile.load(file_path)
    for array in (file.reduced, file.projection, file.dendrogram.linkage, file.dendrogram.leaf_of_product):
        array.flags.writeable = False
    return file


def centre(session: Session, file: RunFile, cluster_id: int) -> FloatArray | None:
    """Mean position of a cluster's products; None where the run placed none of those it holds.

    Shape: (n_components,).
    """
    inside = (MemberRow.cluster_id == cluster_id) & (MemberRow.position >= 0)
    positions = list(session.scalars(select(MemberRow.position).where(inside)))
    return file.reduced[positions].mean(axis=0) if positions else None


def distance(file: RunFile, member: MemberRow, middle: FloatArray | None) -> float:
    """Distance of a product to a centre; 0 where either has no position."""
    if middle is None or member.position < 0:
        return 0.0
    return float(np.linalg.norm(file.reduced[member.position] - middle))


def cluster_label(cluster: ClusterRow) -> str:
    """A cluster as people call it."""
    return f"'{cluster.name}'" if cluster.name else f"cluster {cluster.number}"


def count_of(members: Sequence[object]) -> str:
    """`1 product`, `7 products`."""
    return f"{len(members):,} product{'' if len(members) == 1 else 's'}"


def leave(session: Session, members: Sequence[MemberRow]) -> list[tuple[int, int | None]]:
    """Say that members go from where they are: what others saw of those clusters is stale. Call it before they do.

    Returns:
        (member id, level-1 cluster) as they are: what guidance wants to know of an act that places them.
    """
    make_stale(session, {key for row in members for key in (row.cluster_id, row.subcluster_id) if key is not None})
    return [(member.id, member.cluster_id) for member in members]


def make_stale(session: Session, cluster_ids: Iterable[int]) -> None:
    """Say that products left or joined clusters: what others saw of them is stale. A re-cut may still take them."""
    for part in chunks(sorted(cluster_ids)):
        session.execute(update(ClusterRow).where(ClusterRow.id.in_(part)).values(revision=ClusterRow.revision + 1))


def touch(session: Session, run_id: int, *clusters: ClusterRow) -> None:
    """Say that a person worked on clusters: a re-cut leaves them alone, and what others saw of them is stale."""
    for cluster in clusters:
        cluster.is_touched = True
        cluster.revision += 1
    run = session.get(RunRow, run_id)
    if run is not None:
        run.revision += 1


def approved_ids(session: Session, run_id: int) -> set[int]:
    """Approved clusters of a run, and those below them."""
    query = select(ClusterRow.id, ClusterRow.parent_id, ClusterRow.status).where(ClusterRow.run_id == run_id)
    approved: set[int] = set()
    for cluster_id, parent_id, status in session.execute(query.order_by(ClusterRow.level)):
        if status == str(ClusterStatus.APPROVED) or parent_id in approved:
            approved.add(cluster_id)
    return approved


def revisions_differ(clusters: Mapping[int, ClusterRow], revisions: Mapping[int, int]) -> None:
    """Check the revision of several clusters; see `check_revision`."""
    for cluster_id, revision in revisions.items():
        if cluster_id in clusters:
            check_revision(clusters[cluster_id], revision)
