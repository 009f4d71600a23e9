"""Runs one job and writes down how it ended: the one place, beside the page's, where any exception is caught."""

import logging
from collections.abc import Callable
from typing import Any

from core.domain.errors import AppError, JobCancelledError
from core.domain.job import Job, JobState
from core.domain.progress import Progress
from core.jobs.handlers import HANDLERS
from core.jobs.progress import JobProgress
from core.services.context import Context, open_context
from db.base import utc_now
from db.repositories import jobs as job_rows

logger = logging.getLogger(__name__)


def run_in_worker(job_id: int) -> None:
    """Run a queued job of the workspace that the environment names."""
    context = open_context()
    try:
        run_job(context, job_id)
    finally:
        context.database.engine.dispose()


def run_job(context: Context, job_id: int, wrap: Callable[[Progress], Progress] | None = None) -> JobState:
    """Run a queued job to its end.

    Args:
        context: The open workspace.
        job_id: A queued job; one in any other state is left alone.
        wrap: Put around the job's progress, for those who watch it elsewhere, too.

    Returns:
        The state it ended in.
    """
    now = utc_now()
    with context.database.write() as session:
        values = {"state": str(JobState.RUNNING), "started_at": now, "heartbeat_at": now}
        is_mine = job_rows.change_state(session, job_id, [JobState.QUEUED], **values)
        job = job_rows.load_job(session, job_id)
    if job is None or not is_mine:
        return JobState.CANCELLED if job is None else job.state
    with JobProgress(context, job_id) as progress:
        ended = _outcome(context, job, wrap(progress) if wrap else progress)
        ended = {"progress": progress.fraction, "log": progress.log, "curve": progress.curve, **ended}
    with context.database.write() as session:
        job_rows.change_state(session, job_id, [JobState.RUNNING, JobState.INTERRUPTED], finished_at=utc_now(), **ended)
    return JobState(ended["state"])


def _outcome(context: Context, job: Job, progress: Progress) -> dict[str, Any]:
    try:
        result = HANDLERS[job.kind](context, job.arguments, job.author, progress)
    except JobCancelledError:
        return {"state": str(JobState.CANCELLED), "message": "Cancelled"}
    except AppError as error:
        logger.warning("job %s: %s", job.id, error)
        fault = {"fault": type(error).__name__}
        return {"state": str(JobState.FAILED), "error": error.message, "remedy": error.remedy, "result": fault}
    except Exception as error:
        logger.exception("job %s failed", job.id)
        remedy = f"Restart it; if it fails again, send the worker's log of job {job.id} to whoever runs Shelfwise."
        return {"state": str(JobState.FAILED), "error": f"{type(error).__name__}: {error}", "remedy": remedy}
    return {"state": str(JobState.DONE), "progress": 1.0, "message": "Done", "result": result,
            "error": "", "remedy": ""}  # fmt: skip
