"""The worker process: one per workspace, holding a lock while it lives."""

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from core.domain.job import JobState
from core.domain.workspace import Workspace
from core.jobs.queue import context_queue, enqueue
from core.jobs.tasks import make_task
from core.jobs.warm_up import start_warm_up
from core.services.context import Context
from db.repositories import jobs as job_rows

logger = logging.getLogger(__name__)

LOST_AFTER = timedelta(seconds=8)
"""A running job without a heartbeat for so long has lost its worker; commands run jobs in their own process, too."""


@contextmanager
def worker_lock(workspace: Workspace) -> Iterator[bool]:
    """Hold the workspace's worker lock; yields False where another process holds it."""
    workspace.home.mkdir(parents=True, exist_ok=True)
    with workspace.worker_lock_path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def worker_is_alive(workspace: Workspace) -> bool:
    """Whether some process holds the worker lock."""
    if not workspace.worker_lock_path.exists():
        return False
    with worker_lock(workspace) as is_mine:
        return not is_mine


def run_worker(context: Context, parent_id: int | None = None) -> bool:
    """Run queued jobs until told to stop.

    Args:
        context: The open workspace.
        parent_id: Process that this worker belongs to: it stops when that one is gone. None: stands alone.

    Returns:
        False if another worker has this workspace, else True after the end.
    """
    with worker_lock(context.workspace) as is_mine:
        if not is_mine:
            return False
        os.nice(10)  # pages come first: the web process shares these cores
        _recover(context)
        if parent_id is not None:
            threading.Thread(target=_follow_parent, args=(parent_id,), daemon=True).start()
        threading.Thread(target=_recover_later, args=(context,), daemon=True).start()
        start_warm_up()
        _consume(context)
        return True


def _recover(context: Context) -> None:
    """Mark jobs of dead workers, and announce waiting ones anew: the worker that had fetched them may be gone.

    A job announced twice runs once: only a queued one is begun.
    """
    with context.database.write() as session:
        lost = job_rows.mark_stale_as_interrupted(session, LOST_AFTER)
        waiting = job_rows.load_jobs(session, 1000, [JobState.QUEUED])
    if lost:
        logger.warning("%d interrupted job(s) found", lost)
    for job in reversed(waiting):
        enqueue(context, job.id)


def _recover_later(context: Context) -> None:
    """Look again once the last heartbeat of a worker that died just before this one began is old."""
    time.sleep(LOST_AFTER.total_seconds())
    with context.database.write() as session:
        job_rows.mark_stale_as_interrupted(session, LOST_AFTER)


def _consume(context: Context) -> None:
    queue = context_queue(context)
    make_task(queue)
    consumer = queue.create_consumer(workers=1, worker_type="thread", periodic=False, initial_delay=0.1, max_delay=0.5,
                                     check_worker_health=True, flush_locks=False)  # fmt: skip
    consumer.run()


def _follow_parent(parent_id: int) -> None:
    while Path(f"/proc/{parent_id}").exists() if Path("/proc").exists() else os.getppid() == parent_id:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
