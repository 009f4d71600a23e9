"""What a curator does to the products of a run; each act is one transaction and one event with its way back."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, TaxonomyError
from core.domain.taxonomy import AssignmentSource
from core.services.context import Context
from core.services.history import run_scope
from core.services.journal import Journal
from core.services.review_rows import (
    ASIDE,
    centre,
    cluster_label,
    count_of,
    distance,
    leave,
    load_cluster,
    load_run_file,
    nearest_node,
    open_members,
    top_of,
    touch,
)
from db.models import ClusterRow, MemberRow, ProductRow
from db.repositories import assignments, events, runs
from db.repositories.products import chunks

OUTSIDE = -1
"""Position of a product that was brought in from outside the run: its arrays hold nothing of it."""


def move_products(
    context: Context,
    run_id: int,
    product_ids: Sequence[int],
    to_cluster_id: int,
    author: str,
    seen_in: int | None = None,
) -> None:
    """Move products into another cluster; into an approved one means under its node, too.

    Products that are not part of the run, found elsewhere in the catalogue, are brought in.

    Args:
        context: The open workspace.
        run_id: The run.
        product_ids: What to move.
        to_cluster_id: Where to.
        author: Who moves.
        seen_in: The cluster in which they were seen, or `review_rows.ASIDE`; None asks nothing.

    Raises:
        RunNotFoundError: If a product does not exist or the cluster is not part of the run.
        StaleRevisionError: If one was moved out of `seen_in` meanwhile.
        TaxonomyError: If a product is in an approved cluster already.
    """
    with context.database.write() as session:
        target = load_cluster(session, to_cluster_id, run_id)
        top, journal = top_of(session, target), Journal(session)
        brought = bring_in(session, run_id, product_ids)
        members = open_members(session, run_id, product_ids, seen_in)
        journal.made(MemberRow, brought)
        journal.keep(MemberRow, [member.id for member in members])
        journal.keep(ClusterRow, {target.id, top.id}, is_weak=True)
        origins = leave(session, members)
        file = load_run_file(context, run_id)
        middle = centre(session, file, top.id)
        for member in members:
            member.cluster_id, member.subcluster_id = top.id, None if top is target else target.id
            member.is_noise, member.is_excluded, member.is_moved = False, False, True
            member.distance = distance(file, member, middle)
        touch(session, run_id, *dict.fromkeys((target, top)))
        node_id = nearest_node(session, target)
        if node_id is not None:
            placements = [(member.product_id, node_id) for member in members]
            journal.assigned(assignments.assign(session, placements, AssignmentSource.CURATOR, author, run_id))
        summary = f"Moved {count_of(members)} to {cluster_label(target)}"
        events.record(session, author, "move", summary, run_id, scope=run_scope(run_id), journal=journal,
                      details={"to": target.id, "homes": origins})  # fmt: skip


def exclude_products(
    context: Context, run_id: int, product_ids: Sequence[int], author: str, seen_in: int | None = None
) -> None:
    """Set products aside: they belong to no cluster and keep their category.

    Raises:
        RunNotFoundError: If a product is not part of the run.
        StaleRevisionError: If one was moved out of the cluster `seen_in` meanwhile.
        TaxonomyError: If a product is in an approved cluster already.
    """
    with context.database.write() as session:
        members = open_members(session, run_id, product_ids, seen_in)
        journal = Journal(session)
        journal.keep(MemberRow, [member.id for member in members])
        origins = leave(session, members)
        for member in members:
            member.cluster_id = member.subcluster_id = None
            member.is_excluded = True
        touch(session, run_id)
        events.record(session, author, "exclude", f"Excluded {count_of(members)}", run_id, scope=run_scope(run_id),
                      journal=journal, details={"homes": origins})  # fmt: skip


def send_back(context: Context, run_id: int, product_ids: Sequence[int], author: str) -> None:
    """Put products that are set aside into the open cluster whose centre is nearest.

    One that was brought in from outside the run has no place in it, and goes to the largest.

    Raises:
        RunNotFoundError: If a product is not part of the run.
        StaleRevisionError: If somebody put one into a cluster meanwhile.
        TaxonomyError: If no cluster is open.
    """
    with context.database.write() as session:
        members = open_members(session, run_id, product_ids, seen_in=ASIDE)
        targets = _open_clusters(session, run_id)
        journal = Journal(session)
        journal.keep(MemberRow, [member.id for member in members])
        origins = leave(session, members)
        file = load_run_file(context, run_id)
        centres = [centre(session, file, target.id) for target in targets]
        held = runs.sizes(session, run_id)
        largest = int(np.argmax([held.get(target.id, 0) for target in targets]))
        taking: dict[int, ClusterRow] = {}
        for member in members:
            distances = [np.inf if middle is None else distance(file, member, middle) for middle in centres]
            nearest = int(np.argmin(distances)) if member.position >= 0 else largest
            member.cluster_id, member.subcluster_id = targets[nearest].id, None
            member.distance = distance(file, member, centres[nearest])
            member.is_noise, member.is_excluded, member.is_moved = False, False, True
            taking[targets[nearest].id] = targets[nearest]
        session.flush()
        journal.keep(ClusterRow, taking, is_weak=True)
        touch(session, run_id, *taking.values())
        events.record(session, author, "send_back", f"Sent back {count_of(members)}", run_id, scope=run_scope(run_id),
                      journal=journal, details={"homes": origins})  # fmt: skip


def _open_clusters(session: Session, run_id: int) -> list[ClusterRow]:
    is_open = (ClusterRow.run_id == run_id) & (ClusterRow.level == 1) & (ClusterRow.status == str(ClusterStatus.OPEN))
    targets = list(session.scalars(select(ClusterRow).where(is_open).order_by(ClusterRow.number)))
    if not targets:
        raise TaxonomyError("No cluster is open to take these products.", "Reopen one, or run a new discovery.")
    return targets


def bring_in(session: Session, run_id: int, product_ids: Sequence[int]) -> list[int]:
    """Make members of products that are not part of the run.

    Returns:
        The new members' ids.

    Raises:
        RunNotFoundError: If a product does not exist.
    """
    wanted = list(dict.fromkeys(product_ids))
    known: set[int] = set()
    existing: set[int] = set()
    for part in chunks(wanted):
        inside = (MemberRow.run_id == run_id) & MemberRow.product_id.in_(part)
        known.update(session.scalars(select(MemberRow.product_id).where(inside)))
        existing.update(session.scalars(select(ProductRow.id).where(ProductRow.id.in_(part))))
    if len(existing) != len(wanted):
        raise RunNotFoundError("Some of these products do not exist.", "Reload the page and select again.")
    rows = [
        MemberRow(run_id=run_id, product_id=product_id, position=OUTSIDE, cluster_id=None, subcluster_id=None)
        for product_id in wanted
        if product_id not in known
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]
