"""Run a job in this process, for the command line: the same row, the same handler, a progress bar on standard error."""

import sys
import time
from typing import Any

from tqdm import tqdm

from core.domain.job import Job, JobKind, JobState
from core.domain.progress import Progress
from core.jobs.runner import run_job
from core.services.context import Context
from core.services.jobs import cancel_job, get_job
from db.base import utc_now
from db.repositories import jobs as job_rows

TERMINAL_EVERY_S = 0.2
LOG_EVERY_S = 5.0
WIDTH = 48


class BarProgress:
    """Shows progress as a bar on standard error and hands it on.

    Args:
        inner: Where it goes on to.
        title: Shown before the bar.
    """

    def __init__(self, inner: Progress, title: str) -> None:
        self._inner, self._title = inner, title
        self._drawn_at = 0.0
        self._every_s = TERMINAL_EVERY_S if sys.stderr.isatty() else LOG_EVERY_S
        self._bar = tqdm(total=100, desc=title, file=sys.stderr, leave=False,
                         bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed}")  # fmt: skip

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        """Move the bar to `fraction`, then report to the inner progress."""
        now = time.monotonic()
        if now - self._drawn_at >= self._every_s:
            self._drawn_at = now
            self._bar.n = round(100 * min(max(fraction, 0.0), 1.0))
            self._bar.set_description_str(f"{(message or self._title)[:WIDTH]:{WIDTH}}", refresh=False)
            self._bar.refresh()
        self._inner.report(fraction, message, **metrics)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()


def run_inline(context: Context, kind: JobKind, arguments: dict[str, Any], author: str, title: str) -> Job:
    """Run a job to its end in this process.

    Args:
        context: The open workspace.
        kind: What to do.
        arguments: As for `core.jobs.queue.submit`.
        author: Who asked.
        title: Shown before the bar.

    Returns:
        The job as it ended.
    """
    with context.database.write() as session:
        job = job_rows.add_job(session, kind, arguments, author)
    bars: list[BarProgress] = []

    def with_bar(inner: Progress) -> Progress:
        bars.append(BarProgress(inner, title))
        return bars[-1]

    try:
        run_job(context, job.id, with_bar)
    except KeyboardInterrupt:
        cancel_job(context, job.id)
        with context.database.write() as session:
            ended = {"state": str(JobState.CANCELLED), "message": "Cancelled", "finished_at": utc_now()}
            job_rows.change_state(session, job.id, [JobState.RUNNING], **ended)
        raise
    finally:
        for bar in bars:
            bar.close()
    return get_job(context, job.id)
