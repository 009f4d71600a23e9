"""Figures as people say them."""

from datetime import UTC, datetime

from core.domain.discovery import ClusterQuality
from core.domain.job import JobKind, JobState
from core.domain.shares import percent as percent
from core.domain.shares import sure as sure

JOB_NAMES = {
    JobKind.DEMO: "Loading the demo catalogue",
    JobKind.IMPORT: "Importing",
    JobKind.ENCODE: "Reading titles and images",
    JobKind.DISCOVER: "Discovering subcategories",
    JobKind.TRAIN: "Retraining the classifier",
    JobKind.CLASSIFY: "Classifying",
    JobKind.CLASSIFY_NEW: "Classifying what is new",
    JobKind.DRIFT: "Measuring drift",
    JobKind.CHECK_LABELS: "Checking labels",
    JobKind.EXPERIMENT: "Running an experiment",
}
STATE_NAMES = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "running",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
    JobState.INTERRUPTED: "interrupted",
}
STATE_COLOURS = {
    JobState.QUEUED: "gray",
    JobState.RUNNING: "blue",
    JobState.DONE: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "gray",
    JobState.INTERRUPTED: "orange",
}
TIGHT, CLEAR = 0.5, 0.25
QUALITY_HELP = (
    "How well the cluster holds together: the silhouette of its products, from -1 (mixed up with others) to 1 (apart). "
    f"Tight is {TIGHT} and up, clear is {CLEAR} and up."
)


def count(n: int, one: str, many: str | None = None) -> str:
    """`1 product`, `2,500 products`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def quality_word(quality: ClusterQuality) -> tuple[str, str]:
    """A word for how well a cluster holds together, and its colour."""
    if quality.silhouette >= TIGHT:
        return "tight", "green"
    if quality.silhouette >= CLEAR:
        return "clear", "blue"
    return "mixed", "orange"


def quality_help(quality: ClusterQuality) -> str:
    """The figures behind the word."""
    stability = (
        "" if quality.stability is None else f" Found again in {percent(quality.stability)} of re-drawn samples."
    )
    return f"Silhouette {quality.silhouette:.2f}.{stability} {QUALITY_HELP}"


def ago(moment: datetime | None) -> str:
    """How long ago something was, roughly."""
    if moment is None:
        return ""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = max((datetime.now(UTC) - aware).total_seconds(), 0.0)
    if seconds < 60:
        return "just now"
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{count(int(seconds // size), unit)} ago"
    return "just now"


def duration(started: datetime | None, finished: datetime | None) -> str:
    """How long something took."""
    if started is None or finished is None:
        return ""
    seconds = int((finished - started).total_seconds())
    return f"{seconds} s" if seconds < 90 else f"{seconds // 60} min {seconds % 60:02d} s"


def price(value: float | None, currency: str) -> str:
    """A price with its currency; empty where there is none."""
    return "" if value is None else f"{value:,.2f} {currency}".strip()


def plain(text: str) -> str:
    """Text of a catalogue made safe for Markdown: shown as it is, never as formatting."""
    return "".join(f"\\{mark}" if mark in "\\`*_{}[]()<>#+-.!|~$:&" else mark for mark in text)
