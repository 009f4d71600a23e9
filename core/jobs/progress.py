"""Progress of a job: kept in memory, written to its row by a thread that also beats the heart and hears of a cancel."""

import threading
import time
from types import TracebackType
from typing import Self

from sqlalchemy.exc import OperationalError

from core.domain.errors import JobCancelledError
from core.services.context import Context
from db.base import utc_now
from db.repositories import jobs as job_rows

WRITE_EVERY_S = 0.5
HEARTBEAT_EVERY_S = 3.0
MAX_LOG_LINES = 400
MAX_CURVE_POINTS = 2_000


class JobProgress:
    """Writes a job's progress at most twice a second and raises when somebody cancelled it.

    Only the thread writes: a step may report from inside its own transaction, which has the database's one writer's
    lock, and a long step without a report is not taken for a dead worker.

    Args:
        context: The open workspace.
        job_id: A running job.
    """

    def __init__(self, context: Context, job_id: int) -> None:
        self._context, self._job_id = context, job_id
        self._fraction, self._message, self._is_new = 0.0, "", False
        self._written_at = time.monotonic()
        self._log: list[str] = []
        self._curve: list[dict[str, float]] = []
        self._cancelled = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    @property
    def fraction(self) -> float:
        """Share of the work done as last reported, in [0, 1]."""
        return self._fraction

    @property
    def log(self) -> list[str]:
        """Messages so far, with the time of each."""
        return list(self._log)

    @property
    def curve(self) -> list[dict[str, float]]:
        """Reported metrics so far."""
        return list(self._curve)

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        """Record progress; see `core.domain.progress.Progress`."""
        if self._cancelled.is_set():
            raise JobCancelledError
        if metrics and len(self._curve) < MAX_CURVE_POINTS:
            self._curve.append({key: float(value) for key, value in metrics.items()})
        self._remember(message)
        self._fraction, self._message, self._is_new = min(max(fraction, 0.0), 1.0), message, True

    def _remember(self, message: str) -> None:
        if message and len(self._log) < MAX_LOG_LINES:
            line = f"{utc_now():%H:%M:%S} {message}"
            if not self._log or self._log[-1][9:] != message:
                self._log.append(line)

    def _beat(self) -> None:
        while not self._stopped.wait(WRITE_EVERY_S):
            if self._is_new or time.monotonic() - self._written_at >= HEARTBEAT_EVERY_S:
                self._write()

    def _write(self) -> None:
        self._is_new = False
        values = {"progress": self._fraction, "message": self._message, "log": self.log, "curve": self.curve}
        try:
            with self._context.database.write() as session:
                job_rows.update_job(session, self._job_id, heartbeat_at=utc_now(), **values)
                job = job_rows.load_job(session, self._job_id)
        except OperationalError:  # a long transaction had the lock: the next beat tries again
            self._is_new = True
            return
        self._written_at = time.monotonic()
        if job is not None and job.cancel_requested:
            self._cancelled.set()
