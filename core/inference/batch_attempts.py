"""Who began what and did not end it: by these marks a partition that kills its workers is found and narrowed down."""

import json
import os
import socket
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

from core.inference.batch_plan import Partition, RunFolder, write_whole

MOST_DEATHS = 3
"""Workers that may die of a partition before it is taken apart."""
_N_PARTS = 16
_SINGLE_STRIKES = 2
"""Workers that may die of a single row before it is given up."""
Span = tuple[int, int]
"""First row of a stretch, from 1, and number of rows."""


@dataclass
class Narrowing:
    """A partition that is taken apart.

    Attributes:
        todo: Stretches not classified yet, in order.
        current: The one in work; found so at the beginning, its worker died of it.
        strikes: How often that happened to a stretch, by its first row and length.
        given_up: Row -> why it cannot be classified.
    """

    todo: list[Span]
    current: Span | None = None
    strikes: dict[str, int] = field(default_factory=dict)
    given_up: dict[int, str] = field(default_factory=dict)

    def bury(self) -> None:
        """What was in work killed its worker: split it, or give it up where it is a single row that did so again."""
        if self.current is None:
            return
        span, self.current = self.current, None
        key = f"{span[0]}+{span[1]}"
        self.strikes[key] = self.strikes.get(key, 0) + 1
        if span[1] > 1:
            self.todo[:0] = split_span(span)
        elif self.strikes[key] < _SINGLE_STRIKES:
            self.todo.insert(0, span)
        else:
            self.given_up[span[0]] = "the process that classified it died each time"

    def refuse(self, reason: str) -> None:
        """What was in work raised a fault: split it, or give it up where it is a single row."""
        if self.current is None:
            return
        span, self.current = self.current, None
        if span[1] > 1:
            self.todo[:0] = split_span(span)
        else:
            self.given_up[span[0]] = reason


def split_span(span: Span) -> list[Span]:
    """A stretch of rows in at most 16 parts that are about equal: every row is in exactly one."""
    first, n_rows = span
    n_parts = min(_N_PARTS, n_rows)
    cuts = [first + n_rows * part // n_parts for part in range(n_parts + 1)]
    return [(start, end - start) for start, end in pairwise(cuts)]


class Attempts:
    """The marks of one partition.

    Args:
        folder: Of the run.
        partition: Which one.
    """

    def __init__(self, folder: RunFolder, partition: Partition) -> None:
        self._folder, self._partition = folder.attempts, partition
        self._stem = Path(partition.name).stem
        self._state_path = self._folder / f"{self._stem}.parts.json"

    def begin(self) -> int:
        """Mark that this process begins; returns how many others began and did not end."""
        n_earlier = len(list(self._folder.glob(f"{self._stem}.begun-*")))
        facts = {"pid": os.getpid(), "host": socket.gethostname()}
        write_whole(self._folder / f"{self._stem}.begun-{n_earlier:02d}.json", json.dumps(facts).encode())
        return n_earlier

    def end(self) -> None:
        """The partition is done: forget all marks of it."""
        for path in self._folder.glob(f"{self._stem}.*"):
            path.unlink(missing_ok=True)

    def withdraw(self) -> None:
        """This process stopped in good order: its beginning does not count."""
        marks = sorted(self._folder.glob(f"{self._stem}.begun-*"))
        if marks:
            marks[-1].unlink(missing_ok=True)

    def load_narrowing(self) -> Narrowing:
        """Where the last worker left off taking the partition apart; from the beginning where none did."""
        try:
            values = json.loads(self._state_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Narrowing(split_span((self._partition.first, self._partition.n_rows)))
        current = tuple(values["current"]) if values["current"] else None
        return Narrowing(
            todo=[(first, n_rows) for first, n_rows in values["todo"]],
            current=current,
            strikes=values["strikes"],
            given_up={int(row): reason for row, reason in values["given_up"].items()},
        )

    def save_narrowing(self, narrowing: Narrowing) -> None:
        """Keep where this worker is."""
        values: Mapping[str, object] = asdict(narrowing)
        write_whole(self._state_path, json.dumps(values).encode())

    def part_path(self, first: int) -> Path:
        """Where the stretch that begins with a row is kept once it is classified."""
        return self._folder / f"{self._stem}.part-{first:012d}.parquet"

    def part_paths(self) -> list[Path]:
        """The stretches that are classified, in the order of their rows."""
        return sorted(self._folder.glob(f"{self._stem}.part-*.parquet"))


def begun_partitions(folder: RunFolder, n_times: int) -> set[int]:
    """Numbers of the partitions that so many workers or more began and did not end."""
    begun = Counter(int(path.name.split(".")[0]) for path in folder.attempts.glob("*.begun-*"))
    return {number for number, count in begun.items() if count >= n_times}


def marks_of(folder: RunFolder) -> dict[str, int]:
    """Every mark of every partition with its time of change: equal as long as no worker achieves anything."""
    return {path.name: path.stat().st_mtime_ns for path in sorted(folder.attempts.glob("*.json"))}
