"""What a curator does to the clusters of a run; each act is one transaction and one event with its way back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.discovery.run_file import RunFile
from core.domain.arrays import FloatArray
from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, StaleRevisionError, TaxonomyError
from core.domain.taxonomy import AssignmentSource
from core.services.context import Context
from core.taxonomy.operations import check_name
from db.models import ClusterRow, MemberRow, RunRow
from db.repositories import assignments, events
from db.repositories.products import chunks

MEMBER_STATE = ("cluster_id", "subcluster_id", "distance", "is_noise", "is_excluded", "is_moved")


def move_products(context: Context, run_id: int, product_ids: Sequence[int], to_cluster_id: int, author: str) -> None:
    """Move products into another cluster; into an approved one means under its node, too.

    Raises:
        RunNotFoundError: If a product or the cluster is not part of the run.
        TaxonomyError: If a product is in an approved cluster already.
    """
    with context.database.write() as session:
        target = load_cluster(session, to_cluster_id, run_id)
        members = _open_members(session, run_id, product_ids)
        before = {"members": [member_state(member) for member in members], "clusters": [cluster_state(target)]}
        top = target
        while top.parent_id is not None:
            top = load_cluster(session, top.parent_id, run_id)
        if top is not target:
            before["clusters"].append(cluster_state(top))
        file = load_run_file(context, run_id)
        centre = _centre(session, file, top.id)
        for member in members:
            member.cluster_id, member.subcluster_id = top.id, None if top is target else target.id
            member.is_noise, member.is_excluded, member.is_moved = False, False, True
            member.distance = _distance(file, member, centre)
        _touch(session, run_id, target, top)
        node_id = nearest_node(session, target)
        if node_id is not None:
            placements = [(member.product_id, node_id) for member in members]
            before["assignments"] = assignments.assign(session, placements, AssignmentSource.CURATOR, author, run_id)
        summary = f"Moved {count_of(members)} to {cluster_label(target)}"
        events.record(session, author, "move", summary, run_id, before)


def exclude_products(context: Context, run_id: int, product_ids: Sequence[int], author: str) -> None:
    """Set products aside: they belong to no cluster and keep their category.

    Raises:
        RunNotFoundError: If a product is not part of the run.
        TaxonomyError: If a product is in an approved cluster already.
    """
    with context.database.write() as session:
        members = _open_members(session, run_id, product_ids)
        before = {"members": [member_state(member) for member in members]}
        for member in members:
            member.cluster_id = member.subcluster_id = None
            member.is_excluded = True
        _touch(session, run_id)
        events.record(session, author, "exclude", f"Excluded {count_of(members)}", run_id, before)


def send_back(context: Context, run_id: int, product_ids: Sequence[int], author: str) -> None:
    """Put products that are set aside into the open cluster whose centre is nearest.

    Raises:
        RunNotFoundError: If a product is not part of the run.
        TaxonomyError: If no cluster is open.
    """
    with context.database.write() as session:
        members = _open_members(session, run_id, product_ids)
        is_open = (
            (ClusterRow.run_id == run_id) & (ClusterRow.level == 1) & (ClusterRow.status == str(ClusterStatus.OPEN))
        )
        targets = list(session.scalars(select(ClusterRow).where(is_open).order_by(ClusterRow.number)))
        if not targets:
            raise TaxonomyError("No cluster is open to take these products.", "Reopen one, or run a new discovery.")
        before = {"members": [member_state(member) for member in members]}
        file = load_run_file(context, run_id)
        centres = [_centre(session, file, target.id) for target in targets]
        taking: dict[int, ClusterRow] = {}
        for member in members:
            distances = [np.inf if centre is None else _distance(file, member, centre) for centre in centres]
            nearest = int(np.argmin(distances))
            member.cluster_id, member.subcluster_id = targets[nearest].id, None
            member.distance = _distance(file, member, centres[nearest])
            member.is_noise, member.is_excluded, member.is_moved = False, False, True
            taking[targets[nearest].id] = targets[nearest]
        before["clusters"] = [cluster_state(target) for target in taking.values()]
        _touch(session, run_id, *taking.values())
        events.record(session, author, "send_back", f"Sent back {count_of(members)}", run_id, before)


def name_cluster(context: Context, cluster_id: int, name: str, revision: int, author: str) -> None:
    """Name a cluster, or clear its name with ''.

    Raises:
        StaleRevisionError: If somebody changed the cluster since it was read.
        TaxonomyError: If the name cannot be a node's, or the cluster is approved already.
    """
    with context.database.write() as session:
        cluster = load_cluster(session, cluster_id)
        if cluster.revision != revision:
            now = f"is now called '{cluster.name}'" if cluster.name else "has no name now"
            lost = f"; '{name.strip()}' was not kept" if name.strip() else ""
            raise StaleRevisionError(
                f"Cluster {cluster.number} was changed by somebody else meanwhile: it {now}{lost}.",
                "Look at it, then name it again.",
            )
        if cluster.status == str(ClusterStatus.APPROVED):
            raise TaxonomyError(
                f"{cluster_label(cluster)} is approved, under that name in the taxonomy.", "Undo the approval first."
            )
        clean = check_name(name) if name.strip() else ""
        if clean == cluster.name:
            return
        before = {"clusters": [cluster_state(cluster)]}
        cluster.name = clean
        _touch(session, cluster.run_id, cluster)
        summary = (
            f"Named cluster {cluster.number} '{clean}'" if clean else f"Cleared the name of cluster {cluster.number}"
        )
        events.record(session, author, "name", summary, cluster.run_id, before)


def reject_cluster(context: Context, cluster_id: int, author: str) -> None:
    """Say that a cluster is no subcategory; its products keep their category."""
    _set_status(context, cluster_id, ClusterStatus.OPEN, ClusterStatus.REJECTED, author, "Rejected")


def reopen_cluster(context: Context, cluster_id: int, author: str) -> None:
    """Take a rejection back."""
    _set_status(context, cluster_id, ClusterStatus.REJECTED, ClusterStatus.OPEN, author, "Reopened")


def load_cluster(session: Session, cluster_id: int, run_id: int | None = None) -> ClusterRow:
    """A cluster's row, of one run if that is given.

    Raises:
        RunNotFoundError: If it does not exist (any more).
    """
    row = session.get(ClusterRow, cluster_id)
    if row is None or run_id not in (None, row.run_id):
        raise RunNotFoundError(f"There is no cluster {cluster_id} in this run any more.", "Reload the page.")
    return row


def nearest_node(session: Session, cluster: ClusterRow | None) -> str | None:
    """Node of a cluster, or of the nearest one above it that is approved; None where there is none."""
    while cluster is not None and not cluster.node_id:
        cluster = session.get(ClusterRow, cluster.parent_id) if cluster.parent_id else None
    return None if cluster is None else cluster.node_id


def load_run_file(context: Context, run_id: int) -> RunFile:
    """Arrays of a run."""
    return RunFile.load(context.workspace.runs / f"{run_id}.npz")


def member_state(member: MemberRow) -> dict[str, Any]:
    """What undo needs of a member."""
    return {"id": member.id, **{name: getattr(member, name) for name in MEMBER_STATE}}


def cluster_state(cluster: ClusterRow) -> dict[str, Any]:
    """What undo needs of a cluster."""
    return {"id": cluster.id, "status": cluster.status, "name": cluster.name, "node_id": cluster.node_id,
            "is_touched": cluster.is_touched}  # fmt: skip


def cluster_label(cluster: ClusterRow) -> str:
    """A cluster as people call it."""
    return f"'{cluster.name}'" if cluster.name else f"cluster {cluster.number}"


def count_of(members: Sequence[MemberRow]) -> str:
    """`1 product`, `7 products`."""
    return f"{len(members)} product{'' if len(members) == 1 else 's'}"


def _set_status(
    context: Context, cluster_id: int, expected: ClusterStatus, status: ClusterStatus, author: str, verb: str
) -> None:
    with context.database.write() as session:
        cluster = load_cluster(session, cluster_id)
        if cluster.status != str(expected):
            raise TaxonomyError(f"{cluster_label(cluster)} is {cluster.status}, not {expected}.", "Reload the page.")
        before = {"clusters": [cluster_state(cluster)]}
        cluster.status = str(status)
        _touch(session, cluster.run_id, cluster)
        events.record(session, author, str(status), f"{verb} {cluster_label(cluster)}", cluster.run_id, before)


def _open_members(session: Session, run_id: int, product_ids: Sequence[int]) -> list[MemberRow]:
    found: list[MemberRow] = []
    for part in chunks(list(dict.fromkeys(product_ids))):
        query = select(MemberRow).where(MemberRow.run_id == run_id, MemberRow.product_id.in_(part))
        found.extend(session.scalars(query))
    if not found or len(found) != len(set(product_ids)):
        raise RunNotFoundError("Some of these products are not part of the run.", "Reload the page and select again.")
    approved = _approved_ids(session, run_id)
    if any(member.cluster_id in approved or member.subcluster_id in approved for member in found):
        raise TaxonomyError(
            "Some of these products are approved already, under a node of the taxonomy.", "Undo the approval first."
        )
    return found


def _approved_ids(session: Session, run_id: int) -> set[int]:
    """Approved clusters, and those below them."""
    query = select(ClusterRow.id, ClusterRow.parent_id, ClusterRow.status).where(ClusterRow.run_id == run_id)
    approved: set[int] = set()
    for cluster_id, parent_id, status in session.execute(query.order_by(ClusterRow.level)):
        if status == str(ClusterStatus.APPROVED) or parent_id in approved:
            approved.add(cluster_id)
    return approved


def _centre(session: Session, file: RunFile, cluster_id: int) -> FloatArray | None:
    """Mean position of a cluster's products, None where it holds none any more."""
    positions = list(session.scalars(select(MemberRow.position).where(MemberRow.cluster_id == cluster_id)))
    return file.reduced[positions].mean(axis=0) if positions else None


def _distance(file: RunFile, member: MemberRow, centre: FloatArray | None) -> float:
    """Distance of a product to a centre; 0 to that of an empty cluster, whose centre it becomes."""
    return 0.0 if centre is None else float(np.linalg.norm(file.reduced[member.position] - centre))


def _touch(session: Session, run_id: int, *clusters: ClusterRow) -> None:
    for cluster in clusters:
        cluster.is_touched = True
        cluster.revision += 1
    run = session.get(RunRow, run_id)
    if run is not None:
        run.revision += 1
