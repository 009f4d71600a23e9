"""Rows of who has what open."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import PresenceRow


def row_of(session: Session, session_id: str) -> PresenceRow | None:
    """What a browser tab last said."""
    return session.get(PresenceRow, session_id)


def put(
    session: Session, session_id: str, author: str, run_id: int | None, cluster_id: int | None, seen_at: datetime
) -> None:
    """Write down what a browser tab shows, in the place of what it showed before."""
    session.merge(
        PresenceRow(session_id=session_id, author=author, run_id=run_id, cluster_id=cluster_id, seen_at=seen_at)
    )


def in_run(session: Session, run_id: int, since: datetime) -> Sequence[PresenceRow]:
    """Tabs that show a run and were heard of since then."""
    is_here = (PresenceRow.run_id == run_id) & (PresenceRow.seen_at >= since)
    return session.scalars(select(PresenceRow).where(is_here)).all()


def remove(session: Session, session_id: str) -> None:
    """Forget a tab."""
    session.execute(delete(PresenceRow).where(PresenceRow.session_id == session_id))


def remove_before(session: Session, moment: datetime) -> None:
    """Forget tabs that were not heard of since then."""
    session.execute(delete(PresenceRow).where(PresenceRow.seen_at < moment))
