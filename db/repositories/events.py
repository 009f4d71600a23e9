"""The audit trail; undo reads it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.base import utc_now
from db.models import EventRow


def record(
    session: Session,
    author: str,
    kind: str,
    summary: str,
    run_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write down an act. `before` must hold what its undoing needs."""
    session.add(
        EventRow(author=author, kind=kind, summary=summary, run_id=run_id, before=before or {}, after=after or {})
    )


def last_act(session: Session, run_id: int) -> EventRow | None:
    """The newest act of a run that has not been undone."""
    query = select(EventRow).where(EventRow.run_id == run_id, EventRow.undone_at.is_(None))
    return session.scalars(query.order_by(EventRow.id.desc()).limit(1)).first()


@dataclass(frozen=True, slots=True)
class ActHead:
    """What an act was, without what its undoing needs: that may be megabytes."""

    id: int
    author: str
    kind: str
    summary: str


def last_act_head(session: Session, run_id: int) -> ActHead | None:
    """The newest act of a run that has not been undone, in short."""
    columns = select(EventRow.id, EventRow.author, EventRow.kind, EventRow.summary)
    query = columns.where(EventRow.run_id == run_id, EventRow.undone_at.is_(None))
    row = session.execute(query.order_by(EventRow.id.desc()).limit(1)).first()
    return None if row is None else ActHead(*row)


def amend(session: Session, event_id: int, summary: str, after: dict[str, Any]) -> None:
    """Say anew what an act did."""
    session.execute(update(EventRow).where(EventRow.id == event_id).values(summary=summary, after=after))


def mark_undone(session: Session, event: EventRow) -> None:
    """Say that an act was taken back."""
    event.undone_at = utc_now()


def recent(session: Session, limit: int = 20) -> list[tuple[Any, ...]]:
    """Time, author, kind and summary of the newest acts, newest first."""
    columns = (EventRow.at, EventRow.author, EventRow.kind, EventRow.summary)
    return [tuple(row) for row in session.execute(select(*columns).order_by(EventRow.id.desc()).limit(limit))]
