"""Take back the last act of a review, whichever it was."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus
from core.services.context import Context
from db.models import ClusterRow, EventRow, MemberRow, NodeRow, ProductRow, RunRow
from db.repositories import assignments, events
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.members import Places


def last_act(context: Context, run_id: int) -> str | None:
    """What `undo` would take back; None where there is nothing."""
    with context.database.read() as session:
        act = events.last_act_head(session, run_id)
        return None if act is None else act.summary


def undo(context: Context, run_id: int, author: str) -> str | None:
    """Take back the newest act of a run that still stands.

    An undone approval retracts its assignments, deprecates the nodes it made and writes a new version.

    Returns:
        What was taken back; None where there was nothing.

    Raises:
        TaxonomyError: If nodes of an approval hold products or children from elsewhere by now.
    """
    with context.database.write() as session:
        event = events.last_act(session, run_id)
        if event is None:
            return None
        INVERSES.get(event.kind, _restore)(session, event, author)
        events.mark_undone(session, event)
        events.record(session, author, "undo", f"Undid: {event.summary}", after={"event_id": event.id})
        run = session.get(RunRow, run_id)
        if run is not None:
            run.revision += 1
        return event.summary


def _restore(session: Session, event: EventRow, author: str) -> None:
    """Members and clusters as they were before the act; assignments it made are retracted."""
    members: list[dict[str, Any]] = event.before.get("members", [])
    if members:
        session.execute(update(MemberRow), members)
    for state in event.before.get("clusters", []):
        cluster = session.get(ClusterRow, state["id"])
        if cluster is not None:
            for name, value in state.items():
                setattr(cluster, name, value)
            cluster.revision += 1
    session.flush()
    assignments.retract(session, event.before.get("assignments", []))


def _restore_approval(session: Session, event: EventRow, author: str) -> None:
    _restore(session, event, author)
    replaced = dict.fromkeys(event.before["created"])
    replaced |= {node["id"]: node["replaced_by"] for node in event.before["revived"]}
    for node_id, former in replaced.items():
        parent_id = session.get_one(NodeRow, node_id).parent_id
        taxonomy_rows.update_node(session, node_id, status=str(NodeStatus.DEPRECATED), replaced_by=former or parent_id)
    for node_id in replaced:  # only now: a node that came back may hold one that was new
        _check_empty(session, node_id)
    taxonomy_rows.add_version(session, f"Undid: {event.summary}", author)


def _check_empty(session: Session, node_id: str) -> None:
    held = session.scalar(select(ProductRow.id).where(ProductRow.node_id == node_id).limit(1))
    is_live = (NodeRow.parent_id == node_id) & (NodeRow.status != str(NodeStatus.DEPRECATED))
    child = session.scalar(select(NodeRow.id).where(is_live).limit(1))
    if held is not None or child is not None:
        name = session.get_one(NodeRow, node_id).name
        raise TaxonomyError(
            f"'{name}' holds products or subcategories that came after this approval.", "Move those away first."
        )


def _restore_cut(session: Session, event: EventRow, author: str) -> None:
    """The clusters of the cut before, under their own ids."""
    made: list[int] = event.after["made"]
    former, places = event.before["rows"], Places.from_json(event.before["places"])
    renumbered = update(ClusterRow).where(ClusterRow.id.in_(made)).values(number=-ClusterRow.id)
    session.execute(renumbered.execution_options(synchronize_session=False))  # their numbers are wanted back
    session.execute(insert(ClusterRow), sorted(former, key=lambda row: row["level"]))
    places.save(session)
    session.execute(delete(ClusterRow).where(ClusterRow.id.in_(made), ClusterRow.level > 1))  # re-cuts make two levels
    session.execute(delete(ClusterRow).where(ClusterRow.id.in_(made)))


INVERSES: dict[str, Callable[[Session, EventRow, str], None]] = {
    "approve": _restore_approval,
    "recut": _restore_cut,
}
