"""Rows of long runs, as the domain's `Job`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.domain.job import Job, JobKind, JobState
from db.base import utc_now
from db.models import JobRow


def to_job(row: JobRow) -> Job:
    """The domain's view of a row."""
    return Job(
        id=row.id, kind=JobKind(row.kind), arguments=row.arguments, state=JobState(row.state), progress=row.progress,
        message=row.message, author=row.author, created_at=row.created_at, started_at=row.started_at,
        finished_at=row.finished_at, heartbeat_at=row.heartbeat_at, cancel_requested=row.cancel_requested,
        result=row.result, error=row.error, remedy=row.remedy, log=tuple(row.log), curve=tuple(row.curve),
    )  # fmt: skip


def add_job(session: Session, kind: JobKind, arguments: dict[str, Any], author: str) -> Job:
    """Write down a queued job."""
    row = JobRow(kind=str(kind), arguments=arguments, state=str(JobState.QUEUED), author=author)
    session.add(row)
    session.flush()
    return to_job(row)


def load_job(session: Session, job_id: int) -> Job | None:
    """One job, None where there is none."""
    row = session.get(JobRow, job_id)
    return None if row is None else to_job(row)


def load_jobs(session: Session, limit: int, states: Sequence[JobState] | None = None) -> list[Job]:
    """Newest jobs first."""
    query = select(JobRow).order_by(JobRow.id.desc()).limit(limit)
    if states is not None:
        query = query.where(JobRow.state.in_([str(state) for state in states]))
    return [to_job(row) for row in session.scalars(query)]


def update_job(session: Session, job_id: int, **values: Any) -> None:
    """Change columns of one job."""
    session.execute(update(JobRow).where(JobRow.id == job_id).values(**values))


def change_state(session: Session, job_id: int, expected: Sequence[JobState], **values: Any) -> bool:
    """Change a job if it is in one of the expected states.

    Returns:
        Whether it was.
    """
    states = [str(state) for state in expected]
    statement = update(JobRow).where(JobRow.id == job_id, JobRow.state.in_(states)).values(**values)
    return bool(session.execute(statement).rowcount)


def mark_stale_as_interrupted(session: Session, silence: timedelta) -> int:
    """Running jobs not heard of for `silence` lost their worker.

    Returns:
        How many there were.
    """
    limit: datetime = utc_now() - silence
    values = {
        "state": str(JobState.INTERRUPTED), "finished_at": utc_now(),
        "error": "The worker stopped before the job was done.", "remedy": "Press Restart to run it again.",
    }  # fmt: skip
    running = JobRow.state == str(JobState.RUNNING)
    return session.execute(update(JobRow).where(running, JobRow.heartbeat_at < limit).values(**values)).rowcount
