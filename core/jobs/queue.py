"""The queue: huey on a SQLite file in the workspace, or on Redis where `SHELFWISE_QUEUE` names one."""

import os
from functools import cache
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey

from core.domain.errors import AppError, JobNotFoundError
from core.domain.job import Job, JobKind, JobState
from core.services.context import Context
from core.services.jobs import get_job
from db.repositories import jobs as job_rows

TASK_NAME = "run_job"


@cache
def open_queue(queue_path: str, url: str | None = None) -> Huey:
    """The queue in a file, or at a Redis URL."""
    if url:
        return RedisHuey("shelfwise", url=url, results=False)
    return SqliteHuey("shelfwise", filename=queue_path, results=False, fsync=False)


def context_queue(context: Context) -> Huey:
    """The queue of a workspace; `core.jobs.tasks` gives it its one task."""
    return open_queue(str(context.workspace.queue_path), os.environ.get("SHELFWISE_QUEUE"))


def submit(context: Context, kind: JobKind, arguments: dict[str, Any], author: str) -> Job:
    """Queue a job for the worker.

    Args:
        context: The open workspace.
        kind: What to do.
        arguments: JSON-able arguments of that kind; see `core.jobs.handlers`.
        author: Who asked.
    """
    with context.database.write() as session:
        job = job_rows.add_job(session, kind, arguments, author)
    try:
        enqueue(context, job.id)
    except Exception as error:
        with context.database.write() as session:
            job_rows.update_job(session, job.id, state=str(JobState.FAILED), error=str(error))
        raise AppError(f"The job queue cannot be reached: {error}.", "Start the queue's server, or restart.") from error
    return job


def restart_job(context: Context, job_id: int, author: str) -> Job:
    """Queue the work of a job that ended once more, as a new job.

    Raises:
        JobNotFoundError: If there is no such job, or it has not ended.
    """
    job = get_job(context, job_id)
    if not job.state.is_final:
        raise JobNotFoundError(f"Job {job_id} is still {job.state}.", "Cancel it first, or wait for its end.")
    return submit(context, job.kind, job.arguments, author)


def enqueue(context: Context, job_id: int) -> None:
    """Announce a job that is written down to the worker; one announced twice runs once."""
    from core.jobs.tasks import make_task

    make_task(context_queue(context))(str(context.workspace.home), job_id)
