"""How long work says how far it is, and learns that it should stop."""

from typing import Protocol


class Progress(Protocol):
    """Receives progress; raises `JobCancelledError` from `report` when the run should stop."""

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        """Record progress.

        Args:
            fraction: Share of the work done, in [0, 1].
            message: What is being done, for people.
            metrics: Figures worth a curve, such as `loss=0.31, epoch=4`.

        Raises:
            JobCancelledError: If somebody asked for the run to stop.
        """


class NullProgress:
    """Keeps nothing and never cancels: for tests and for short work."""

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        """Do nothing."""


class SpanProgress:
    """A stretch of another progress: maps [0, 1] onto [start, end] of the outer one.

    Args:
        outer: The progress to report to.
        start: Outer fraction where this stretch begins.
        end: Outer fraction where it ends.
    """

    def __init__(self, outer: Progress, start: float, end: float) -> None:
        self._outer, self._start, self._end = outer, start, end

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        """Report `fraction` of this stretch to the outer progress."""
        clipped = min(max(fraction, 0.0), 1.0)
        self._outer.report(self._start + (self._end - self._start) * clipped, message, **metrics)
