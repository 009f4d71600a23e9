"""Keeps a run reporting, and cancellable, while one long library call works."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from core.domain.errors import JobCancelledError
from core.domain.progress import Progress

Result = TypeVar("Result")
SECONDS_BETWEEN_BEATS = 0.5


class Pulse:
    """What the long call leaves for the reporter, where it can: its share done, and whether to go on."""

    def __init__(self) -> None:
        self._fraction = 0.0
        self._is_stopped = False

    @property
    def fraction(self) -> float:
        """Share of the call that is done, in [0, 1]."""
        return self._fraction

    def beat(self, fraction: float) -> None:
        """Note the share done.

        Raises:
            JobCancelledError: If the run should stop.
        """
        self._fraction = fraction
        if self._is_stopped:
            raise JobCancelledError

    def stop(self) -> None:
        """Make the next beat raise."""
        self._is_stopped = True


def run_with_heartbeat(work: Callable[[Pulse], Result], progress: Progress, message: str) -> Result:
    """Run a call that blocks, reporting twice a second from the caller's own thread.

    Args:
        work: The call; may `beat` the pulse it gets to say how far it is and to be stopped half-way.
        progress: Told the pulse's fraction. Only ever called from the caller's thread.
        message: What is being done, for people.

    Returns:
        What `work` returned.

    Raises:
        JobCancelledError: If `progress` raised it; the call has ended by then, so nothing keeps computing behind.
    """
    pulse = Pulse()
    progress.report(0.0, message)
    with ThreadPoolExecutor(max_workers=1) as executor:  # leaving the block waits for the call
        future = executor.submit(work, pulse)
        while True:
            try:
                return future.result(timeout=SECONDS_BETWEEN_BEATS)
            except TimeoutError:
                if future.done():
                    raise  # the call itself raised it
            try:
                progress.report(pulse.fraction, message)
            except BaseException:
                pulse.stop()
                raise
