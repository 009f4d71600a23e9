"""Long runs as people see and stop them. Queueing them is `core.jobs.queue`'s work."""

from datetime import timedelta

from core.domain.errors import JobNotFoundError
from core.domain.job import Job, JobState
from core.services.context import Context
from db.base import utc_now
from db.repositories import jobs as job_rows

SILENCE = timedelta(seconds=30)
"""A running job whose worker was not heard of for so long is taken for interrupted."""

ACTIVE = (JobState.QUEUED, JobState.RUNNING)


def list_jobs(context: Context, limit: int = 50) -> list[Job]:
    """The newest jobs first; those of dead workers are marked first."""
    _mark_interrupted(context)
    with context.database.read() as session:
        return job_rows.load_jobs(session, limit)


def active_jobs(context: Context) -> list[Job]:
    """Jobs that wait or run, oldest first."""
    _mark_interrupted(context)
    with context.database.read() as session:
        return job_rows.load_jobs(session, 100, ACTIVE)[::-1]


def get_job(context: Context, job_id: int) -> Job:
    """One job.

    Raises:
        JobNotFoundError: If there is none with this id.
    """
    _mark_interrupted(context)
    with context.database.read() as session:
        job = job_rows.load_job(session, job_id)
    if job is None:
        raise JobNotFoundError(f"There is no job {job_id}.", "Choose one from the list of jobs.")
    return job


def cancel_job(context: Context, job_id: int) -> None:
    """Ask a job to stop. One that waits stops at once; one that runs stops at its next report of progress.

    Raises:
        JobNotFoundError: If there is none with this id.
    """
    get_job(context, job_id)
    with context.database.write() as session:
        ended = {"state": str(JobState.CANCELLED), "finished_at": utc_now(), "message": "Cancelled before it began"}
        if not job_rows.change_state(session, job_id, [JobState.QUEUED], cancel_requested=True, **ended):
            job_rows.change_state(session, job_id, [JobState.RUNNING], cancel_requested=True)


def _mark_interrupted(context: Context) -> None:
    with context.database.read() as session:
        running = job_rows.load_jobs(session, 20, [JobState.RUNNING])
    limit = utc_now() - SILENCE
    if any(job.heartbeat_at is None or job.heartbeat_at < limit for job in running):
        with context.database.write() as session:
            job_rows.mark_stale_as_interrupted(session, SILENCE)
