"""The plan of a batch: which rows make which partition, and what must be the same for a run to go on where it was.

A run's folder holds `plan.json`, written last; `staged/` the partitions as they were read; `done/` those that are
classified; `attempts/` marks of who began what (`core.inference.batch_attempts`); `run.log`.
"""

import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from core.domain.errors import ParameterError

FORMAT_VERSION = 1
HASHED_BYTES = 64 * 1024**2
"""Files up to this size are known by their content, larger ones by size and time of change."""
_PLAN_FILE, _LOG_FILE, _LOCK_FILE, _STOP_FILE = "plan.json", "run.log", "run.lock", "stop"


@dataclass(frozen=True, slots=True)
class Partition:
    """Rows that are classified together: `n_rows` of them from row `first`, which counts from 1."""

    number: int
    first: int
    n_rows: int

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.number:06d}.parquet"


@dataclass(frozen=True, slots=True)
class PartitionOutcome:
    """What came of a partition; `fault` says why the run cannot go on, '' otherwise."""

    number: int
    n_rows: int = 0
    n_failed: int = 0
    n_escalated: int = 0
    fault: str = ""
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As Daft carries it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a run does. Equal fingerprints give equal results.

    Attributes:
        fingerprint: Identity of input, model and choices.
        n_rows: Of the input.
        rows_per_partition: Of every partition but the last.
        mapping: Field name -> column of the input.
        columns: The input's columns that come out again, in order; none unless they are asked for.
    """

    fingerprint: str
    n_rows: int
    rows_per_partition: int
    mapping: Mapping[str, str]
    columns: tuple[str, ...]

    @property
    def partitions(self) -> list[Partition]:
        """All partitions, in the order of their rows: every row is in exactly one."""
        return partitions_of(self.n_rows, self.rows_per_partition)

    def to_json(self) -> str:
        """What `from_json` reads."""
        return json.dumps({"format_version": FORMAT_VERSION, **asdict(self)}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """The plan that was written; None where it is of another version."""
        values = json.loads(text)
        if values.pop("format_version", None) != FORMAT_VERSION:
            return None
        return cls(**{**values, "columns": tuple(values["columns"])})


def partitions_of(n_rows: int, rows_per_partition: int) -> list[Partition]:
    """Cut rows into partitions.

    Raises:
        ParameterError: If a partition would hold no row.
    """
    if rows_per_partition < 1:
        raise ParameterError(f"Expected 1 row per partition or more, got {rows_per_partition}.", "Leave it at 2,048.")
    starts = range(0, n_rows, rows_per_partition)
    return [
        Partition(number, start + 1, min(rows_per_partition, n_rows - start)) for number, start in enumerate(starts)
    ]


def fingerprint_of(facts: Mapping[str, Any]) -> str:
    """Identity of anything that JSON can hold."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def identity_of(path: Path) -> str:
    """What identifies a file, or the files in a folder: content where it is small, else size and time of change.

    Raises:
        OSError: If it is not there.
    """
    if path.is_dir():
        files = sorted(item for item in path.rglob("*") if item.is_file())
        return fingerprint_of({str(item.relative_to(path)): _stamp(item) for item in files})
    if path.stat().st_size > HASHED_BYTES:
        return _stamp(path)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class RunFolder:
    """A run's own folder, which everything that works on the run can reach.

    Args:
        root: Made if need be.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.staged, self.done, self.attempts = (self.root / name for name in ("staged", "done", "attempts"))
        self.log_path, self._plan_path = self.root / _LOG_FILE, self.root / _PLAN_FILE
        self._stop_path = self.root / _STOP_FILE

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else runs in this folder meanwhile.

        Raises:
            ParameterError: If somebody does.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / _LOCK_FILE).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                message = f"Another batch is running in {self.root}."
                raise ParameterError(message, "Wait for its end, or choose another folder.") from fault
            self._stop_path.unlink(missing_ok=True)
            yield

    def load_plan(self) -> BatchPlan | None:
        """The plan of the run that lies here; None where none was finished."""
        try:
            return BatchPlan.from_json(self._plan_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def save_plan(self, plan: BatchPlan) -> None:
        """Write the plan, which makes what is staged valid."""
        write_whole(self._plan_path, plan.to_json().encode("utf-8", "surrogatepass"))

    def clear(self) -> None:
        """Forget the run that lies here; what else is in the folder stays."""
        self._plan_path.unlink(missing_ok=True)
        for folder in (self.staged, self.done, self.attempts):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    def unfinished(self, plan: BatchPlan) -> list[Partition]:
        """Partitions that are not classified yet, in order."""
        return [partition for partition in plan.partitions if not (self.done / partition.name).exists()]

    def request_stop(self) -> None:
        """Ask all who work here to begin nothing more."""
        self._stop_path.touch()

    @property
    def is_stopping(self) -> bool:
        """Whether `request_stop` was called."""
        return self._stop_path.exists()

    def log(self, text: str) -> None:
        """Add to the run's log."""
        with self.log_path.open("a", encoding="utf-8") as stream:
            stream.write(f"{text.rstrip()}\n")


def write_whole(file_path: Path, data: bytes) -> None:
    """Write a file that takes its place only when all of it is written."""
    unfinished = file_path.with_name(f".{file_path.name}.{os.getpid()}-{uuid.uuid4().hex}.tmp")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(file_path)
    finally:
        unfinished.unlink(missing_ok=True)


def _stamp(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_size}:{stat.st_mtime_ns}"
