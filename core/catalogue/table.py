"""Reads a catalogue file (delimited text or Parquet) as a table of strings, whatever tool wrote it."""

import codecs
import csv
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.domain.errors import CatalogueFormatError

DELIMITERS = (",", ";", "\t", "|")
MAX_FIELD_CHARS = 4 * 1024 * 1024
PARQUET_MAGIC = b"PAR1"
PARQUET_SUFFIXES = (".parquet", ".pq")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KNOWN_BINARIES = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "a database"),
)
_SAVE_AS_CSV = "Save it as CSV (UTF-8) and import that file."
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SAMPLE_CHARS = 256 * 1024
_SAMPLE_ROWS = 60
NO_DELIMITER = "\x1f"  # the csv module needs one; no text file holds the unit separator


@dataclass(frozen=True)
class Table:
    """A catalogue file as it stands, before cleaning.

    `frame`: all columns are strings, '' where the file says nothing; column names are unique.
    `encoding`: the codec that read it, or "parquet". `delimiter`: '' for Parquet and for a single column.
    `n_malformed`: rows left out because their fields could not be told apart; `malformed_rows`: which, from 1.
    """

    frame: pd.DataFrame
    encoding: str
    delimiter: str
    n_malformed: int
    malformed_rows: tuple[int, ...] = ()


def read_table(file_path: Path, max_rows: int | None = None) -> Table:
    """Read a catalogue file: CSV, TSV, TXT or Parquet.

    Encoding and delimiter are found in the content, quoting respected. A row with too few fields is filled with
    empty ones; one with too many is kept if the surplus is empty or is a ", " inside unquoted text; an opening quote
    that never closes costs its own line, not the rest of the file. Rows without any text are passed over.

    Args:
        file_path: The file to read.
        max_rows: Read no more than this many data rows; None reads all.

    Returns:
        The table, with at least one row.

    Raises:
        CatalogueFormatError: If the file is missing, empty, binary, an unreadable Parquet file or has no data rows.
    """
    data = _read_bytes(file_path)
    if file_path.suffix.lower() in PARQUET_SUFFIXES or data.startswith(PARQUET_MAGIC):
        return _read_parquet(file_path, max_rows)
    text, encoding = decode_table(data, file_path.name)
    lines = list(StringIO(text, newline=""))
    start, delimiter = find_header(lines)
    if start == len(lines):
        raise CatalogueFormatError(f"'{file_path.name}' is empty.", "Export the catalogue again, and import that file.")
    csv.field_size_limit(MAX_FIELD_CHARS)
    records = read_records(lines[start:], delimiter or NO_DELIMITER)
    columns = unique_names(next(records, None) or [])
    rows, malformed = _collect(records, len(columns), delimiter or NO_DELIMITER, max_rows)
    if not rows:
        raise _no_rows(file_path.name, columns, len(malformed))
    frame = _as_frame(columns, list(zip(*rows, strict=True)))
    return Table(frame, encoding, delimiter, len(malformed), tuple(malformed))


def _read_bytes(file_path: Path) -> bytes:
    try:
        data = file_path.read_bytes()
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise CatalogueFormatError(f"'{file_path}' cannot be read: {reason}.", "Choose a file that exists.") from fault
    if not data:
        raise CatalogueFormatError(f"'{file_path.name}' is empty.", "Export the catalogue again, and import that file.")
    return data


def decode_table(data: bytes, name: str) -> tuple[str, str]:
    """Text and codec of a file's bytes; refuses what is no table of text."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data.decode(encoding, errors="replace")
            break
    else:
        for magic, kind in _KNOWN_BINARIES:
            if data.startswith(magic):
                raise CatalogueFormatError(f"'{name}' is {kind}, not a table of text.", _SAVE_AS_CSV)
        text, encoding = _decode_without_bom(data)
    sample = text[:_SAMPLE_CHARS]
    if len(_CONTROL.findall(sample)) > 0.01 * len(sample):
        raise CatalogueFormatError(f"'{name}' holds binary data, not a table of text.", _SAVE_AS_CSV)
    return text, encoding


def _decode_without_bom(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
    # A few broken bytes in what is otherwise UTF-8 must not turn every accent into two letters.
    n_broken = text.count("\ufffd")
    n_valid = sum(1 for character in text if character > "\x7f") - n_broken
    if n_valid > 10 * n_broken:
        return text, "utf-8"
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def find_header(lines: Sequence[str]) -> tuple[int, str]:
    """Index of the header line, and the delimiter; Excel's `sep=;` line is obeyed."""
    start = next((i for i, line in enumerate(lines) if line.strip(" \t\r\n\ufeff")), len(lines))
    if start < len(lines) and (told := re.fullmatch(r"sep=(.)\s*", lines[start])):
        return start + 1, told.group(1)
    sample = lines[start : start + 4 * _SAMPLE_ROWS]
    scores = {delimiter: _delimiter_score(sample, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return start, best if scores[best] > 0 else ""


def _delimiter_score(lines: Sequence[str], delimiter: str) -> float:
    """Number of separators in the header, times how well the rows agree with it. A header alone agrees."""
    counts = [len(row) - 1 for row in islice(read_records(lines, delimiter), _SAMPLE_ROWS) if row]
    if not counts or counts[0] == 0:
        return 0.0
    header, rows = counts[0], counts[1:]
    agreement = sum(min(n, header) / max(n, header) for n in rows) / len(rows) if rows else 1.0
    return header * agreement


def read_records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Rows of fields, as they come. Where quoting goes wrong, the line is read by itself, and reading goes on after it.

    Args:
        lines: Lines with their ends, the header first.
        delimiter: One character.
    """
    source = iter(lines)
    ahead: deque[str] = deque()  # lines that a faulty quote had swallowed
    taken: list[str] = []  # lines since the last good row
    width = 0

    def feed() -> Iterator[str]:
        while (line := ahead.popleft() if ahead else next(source, None)) is not None:
            taken.append(line)
            yield line

    while True:
        # strict: a quote that opened by mistake closes in the middle of a later field, and that is an error
        reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        try:
            for row in reader:
                taken.clear()
                width = width or len(row)
                yield row
            return
        except csv.Error:
            faulty, *swallowed = taken
            ahead.extendleft(reversed(swallowed))
            taken.clear()
            yield _lone_line(faulty, delimiter, width)


def _lone_line(line: str, delimiter: str, width: int) -> list[str]:
    if len(line) <= MAX_FIELD_CHARS:
        row = next(csv.reader([line], delimiter=delimiter), [])
        if len(row) == width:
            return row
    return line.rstrip("\r\n").split(delimiter)


def _collect(
    records: Iterator[list[str]], width: int, delimiter: str, max_rows: int | None
) -> tuple[list[list[str]], list[int]]:
    """Rows of `width` fields, and the numbers of those that cannot be made so; blank rows do not count."""
    rows: list[list[str]] = []
    malformed: list[int] = []
    for record in records:
        if max_rows is not None and len(rows) >= max_rows:
            break
        if not any(field and not field.isspace() for field in record):
            continue
        row = fit_record(record, width, delimiter)
        if row is None:
            malformed.append(len(rows) + len(malformed) + 1)
        else:
            rows.append(row)
    return rows, malformed


def fit_record(record: list[str], width: int, delimiter: str) -> list[str] | None:
    """The record with exactly `width` fields, or None where nobody can say which fields belong together."""
    if len(record) <= width:
        return record + [""] * (width - len(record))
    if not any(field.strip() for field in record[width:]):
        return record[:width]
    joined = record[:1]
    for field in record[1:]:
        if field.startswith(" "):
            joined[-1] += delimiter + field
        else:
            joined.append(field)
    return joined if len(joined) == width else None


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names without odd characters, none empty, no two alike."""
    unique: dict[str, None] = {}
    for position, raw in enumerate(names, start=1):
        base = " ".join(_CONTROL.sub("", raw).replace("\ufeff", "").split()) or f"column {position}"
        name, copy = base, 2
        while name in unique:
            name, copy = f"{base} ({copy})", copy + 1
        unique[name] = None
    return list(unique)


def _no_rows(name: str, columns: Sequence[str], n_malformed: int) -> CatalogueFormatError:
    if n_malformed:
        message = f"None of the {n_malformed} rows of '{name}' fits its header: {', '.join(columns)}."
        return CatalogueFormatError(message, "Quote fields that contain the delimiter, and import the file again.")
    message = f"'{name}' has a header ({', '.join(columns)}) but no rows."
    return CatalogueFormatError(message, "Export the catalogue again with its products.")


def _as_frame(columns: Sequence[str], values: Sequence[Sequence[str]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(column, dtype=str) for name, column in zip(columns, values, strict=True)})


def _read_parquet(file_path: Path, max_rows: int | None) -> Table:
    try:
        with pq.ParquetFile(file_path) as parquet:
            table = parquet.read() if max_rows is None else _first_rows(parquet, max_rows)
    except (pa.ArrowException, OSError, ValueError) as fault:
        message = f"'{file_path.name}' is not a readable Parquet file: {str(fault).splitlines()[0]}"
        raise CatalogueFormatError(message, "Write the Parquet file again, or save the catalogue as CSV.") from fault
    columns = unique_names(table.column_names)
    if not table.num_rows or not columns:
        raise _no_rows(file_path.name, columns, 0)
    return Table(_as_frame(columns, [as_texts(column) for column in table.columns]), "parquet", "", 0)


def _first_rows(parquet: pq.ParquetFile, max_rows: int) -> pa.Table:
    batches, n_rows = [], 0
    for batch in parquet.iter_batches(batch_size=max(max_rows, 1)):
        batches.append(batch)
        n_rows += batch.num_rows
        if n_rows >= max_rows:
            break
    return pa.Table.from_batches(batches, parquet.schema_arrow).slice(0, max_rows)


def as_texts(column: pa.ChunkedArray) -> list[str]:
    """Values as text: '' for null, JSON for lists and structs, '' for bytes."""
    if pa.types.is_nested(column.type):
        return ["" if value is None else _json(value) for value in column.to_pylist()]
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return [""] * len(column)
    return pc.fill_null(pc.cast(column, pa.string()), "").to_pylist()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda other: "" if isinstance(other, bytes) else str(other))
