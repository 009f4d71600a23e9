"""Cells of a CSV file: no spreadsheet runs them as a formula, and one cell can hold several values."""

import csv
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

RUN_BY_SPREADSHEETS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
SEPARATOR, ESCAPE = "|", "\\"


def neutral(cell: str) -> str:
    """A cell that no spreadsheet runs. Cells that look neutralised already get one more, so that none is ambiguous."""
    return f"'{cell}" if RUN_BY_SPREADSHEETS.match(cell) else cell


def restored(cell: str) -> str:
    """The cell that `neutral` was given."""
    return cell[1:] if cell.startswith("'") and RUN_BY_SPREADSHEETS.match(cell) else cell


def join_values(values: Iterable[str]) -> str:
    """Several values in one cell, parted by `|`. A `|` or a backslash inside a value has a backslash before it.

    No value may be empty: a cell with nothing in it means that there are none.
    """
    return SEPARATOR.join(value.replace(ESCAPE, ESCAPE * 2).replace(SEPARATOR, ESCAPE + SEPARATOR) for value in values)


def split_values(cell: str) -> tuple[str, ...]:
    """The values that `join_values` was given."""
    if not cell:
        return ()
    values, letters = [""], iter(cell)
    for letter in letters:
        if letter == SEPARATOR:
            values.append("")
        else:
            values[-1] += next(letters, "") if letter == ESCAPE else letter
    return tuple(values)


def write_rows(file_path: Path, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> int:
    """Write a CSV in UTF-8 with neutral cells, whole or not at all, one row at a time.

    Returns:
        Number of rows without the header.
    """
    n_rows = 0
    with whole_file(file_path) as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
            n_rows += 1
    return n_rows


@contextmanager
def whole_file(file_path: Path) -> Iterator[TextIO]:
    """A text file that takes its place only when all of it is written."""
    with whole_path(file_path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as stream:
        yield stream


@contextmanager
def whole_path(file_path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `file_path` when all of it is written."""
    file_path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file_path.with_name(f".{file_path.name}.{uuid.uuid4().hex}.tmp")
    try:
        yield unfinished
        unfinished.replace(file_path)
    finally:
        unfinished.unlink(missing_ok=True)
