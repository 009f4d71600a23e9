"""The one huey task: run the job with this id."""

from collections.abc import Callable
from functools import cache
from typing import Any

from huey import Huey


@cache
def make_task(queue: Huey) -> Callable[..., Any]:
    """Register the task on a queue, once.

    Args:
        queue: Where the task is announced and fetched.

    Returns:
        A callable `(home, job_id)` that enqueues.
    """

    @queue.task(name="run_job")
    def run_job(home: str, job_id: int) -> None:
        from core.jobs.runner import run_in_worker

        run_in_worker(job_id)

    return run_job
