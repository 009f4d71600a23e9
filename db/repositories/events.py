"""The audit trail; undo and redo read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from db.base import utc_now
from db.models import EventNodeRow, EventRow


@dataclass(frozen=True, slots=True)
class Entry:
    """An act in a list, without its image: that may be megabytes."""

    id: int
    at: datetime
    author: str
    kind: str
    summary: str
    why: str
    run_id: int | None
    scope: str
    seq: int
    toggles: tuple[int, ...]
    can_be_undone: bool
    undone_at: datetime | None
    is_dropped: bool

    def stood_at(self, seq: int) -> bool:
        """Whether the act stood just after the workspace's `seq`-th step: done, undone and done again in turn."""
        return sum(toggle <= seq for toggle in self.toggles) % 2 == 1


class Journalled(Protocol):
    """Whatever knows the rows that an act changed; see `core.services.journal`."""

    @property
    def image(self) -> dict[str, Any]:
        """The rows as they were."""


def record(
    session: Session,
    author: str,
    kind: str,
    summary: str,
    run_id: int | None = None,
    *,
    scope: str = "",
    why: str = "",
    journal: Journalled | None = None,
    details: dict[str, Any] | None = None,
    nodes: Iterable[str] = (),
) -> int:
    """Write down an act. What its author had taken back in the same scope can no longer be done again.

    Args:
        session: A session that may write.
        author: Who acted.
        kind: What kind of act.
        summary: The act in a line.
        run_id: The discovery run it is about, if any.
        scope: What its undo belongs to; '' for an act without a way back.
        why: The reason given.
        journal: What its undo puts back.
        details: Whatever else others want to know of it.
        nodes: Nodes of the taxonomy it is about.

    Returns:
        The event's id.
    """
    seq = next_seq(session)
    if scope and journal is not None:
        is_taken_back = EventRow.undone_at.is_not(None) & EventRow.is_dropped.is_(False)
        mine = (EventRow.scope == scope) & (EventRow.author == author) & is_taken_back
        session.execute(update(EventRow).where(mine).values(is_dropped=True))
    event = EventRow(author=author, kind=kind, summary=summary, why=why, run_id=run_id, scope=scope, seq=seq,
                     toggles=[seq], image=journal.image if journal else None, details=details or {})  # fmt: skip
    session.add(event)
    session.flush()
    links = [{"event_id": event.id, "node_id": node_id} for node_id in dict.fromkeys(nodes)]
    if links:
        session.execute(insert(EventNodeRow), links)
    return event.id


def next_seq(session: Session) -> int:
    """The number of the workspace's next step."""
    return (session.scalar(select(func.max(EventRow.seq))) or 0) + 1


def entries(session: Session, query: Select[Any] | None = None, limit: int | None = None) -> list[Entry]:
    """Acts that a query over events chooses, newest first."""
    chosen = query if query is not None else select(EventRow)
    columns = (EventRow.id, EventRow.at, EventRow.author, EventRow.kind, EventRow.summary, EventRow.why,
               EventRow.run_id, EventRow.scope, EventRow.seq, EventRow.toggles, EventRow.image.is_not(None),
               EventRow.undone_at, EventRow.is_dropped)  # fmt: skip
    ordered = chosen.with_only_columns(*columns).order_by(EventRow.id.desc()).limit(limit)
    return [Entry(*row[:9], tuple(row[9]), *row[10:]) for row in session.execute(ordered)]


def newest_of_run(session: Session, run_id: int) -> Entry | None:
    """The newest act on a run, taken back or not, that has a way back."""
    found = entries(session, select(EventRow).where(EventRow.run_id == run_id, EventRow.image.is_not(None)), 1)
    return found[0] if found else None


def toggle(session: Session, event: EventRow, image: dict[str, Any], *, is_undone: bool) -> None:
    """Say that an act was taken back, or done again; `image` is now its other side."""
    event.seq = next_seq(session)
    event.toggles = [*event.toggles, event.seq]
    event.image, event.undone_at = image, utc_now() if is_undone else None
    event.is_dropped = event.is_dropped and is_undone
    session.flush()


def recent(session: Session, limit: int = 20) -> list[tuple[Any, ...]]:
    """Time, author, kind and summary of the newest acts, newest first."""
    columns = (EventRow.at, EventRow.author, EventRow.kind, EventRow.summary)
    return [tuple(row) for row in session.execute(select(*columns).order_by(EventRow.id.desc()).limit(limit))]


def about_nodes(node_ids: Sequence[str]) -> Select[Any]:
    """A query over the events that are about any of these nodes."""
    inside = select(EventNodeRow.event_id).where(EventNodeRow.node_id.in_(node_ids))
    return select(EventRow).where(EventRow.id.in_(inside))
