"""Long runs, as people see them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    """What a job does."""

    DEMO = "demo"
    IMPORT = "import"
    ENCODE = "encode"
    DISCOVER = "discover"
    TRAIN = "train"
    CLASSIFY = "classify"
    CLASSIFY_NEW = "classify_new"
    DRIFT = "drift"
    CHECK_LABELS = "check_labels"
    EXPERIMENT = "experiment"


class JobState(StrEnum):
    """Where a job stands. `interrupted` means its worker died; it can be restarted."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """One long run. `progress` is in [0, 1]; `curve` holds one dict per reported set of metrics."""

    id: int
    kind: JobKind
    arguments: dict[str, Any]
    state: JobState
    progress: float
    message: str
    author: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heartbeat_at: datetime | None = None
    cancel_requested: bool = False
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    remedy: str = ""
    log: tuple[str, ...] = ()
    curve: tuple[dict[str, float], ...] = ()
