"""Reads delimited text of any size piece by piece, by the rules of `read_table`, so that memory stays bounded."""

import codecs
import csv
import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from core.catalogue.table import (
    MAX_FIELD_CHARS,
    NO_DELIMITER,
    decode_table,
    find_header,
    fit_record,
    read_records,
    unique_names,
)
from core.domain.errors import CatalogueFormatError
from core.domain.product import RejectReason

SAMPLE_BYTES = 4 * 1024**2
"""Enough to tell the encoding's mark, the delimiter and the header."""
_BLOCK_BYTES = 1024**2
_EXPORT_AGAIN = "Export the catalogue again with its products."


@dataclass(frozen=True, slots=True)
class TextTable:
    """A file of delimited text that was looked at but not yet read."""

    file_path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    n_lines_before: int


def open_text_table(file_path: Path) -> TextTable:
    """Find encoding, delimiter and header of a file of delimited text, which may be packed with gzip.

    Raises:
        CatalogueFormatError: If it cannot be read, is empty, or is no text.
    """
    try:
        with _opened(file_path) as stream:
            sample = stream.read(SAMPLE_BYTES)
            text, encoding = decode_table(_whole_lines(sample), file_path.name)
            if len(sample) == SAMPLE_BYTES and encoding in ("utf-8", "cp1252", "latin-1"):
                encoding = _encoding(chain([sample], iter(lambda: stream.read(_BLOCK_BYTES), b"")))
                text = _whole_lines(sample).decode(encoding, errors="replace")
    except (OSError, EOFError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise CatalogueFormatError(f"'{file_path}' cannot be read: {reason}.", "Choose a file that exists.") from fault
    lines = list(StringIO(text, newline=""))
    start, delimiter = find_header(lines)
    csv.field_size_limit(MAX_FIELD_CHARS)
    header = next(read_records(lines[start:], delimiter or NO_DELIMITER), None)
    if header is None:
        raise CatalogueFormatError(f"'{file_path.name}' is empty.", _EXPORT_AGAIN)
    return TextTable(file_path, encoding, delimiter, tuple(unique_names(header)), start)


def stream_rows(table: TextTable, n_rows: int) -> Iterator[tuple[pa.Table, list[str]]]:
    """The rows of a file, some at a time, all as strings; rows without any text are passed over.

    Args:
        table: From `open_text_table`.
        n_rows: At most so many at a time.

    Yields:
        A table with the file's columns, and for each row why it could not be read: '' for a sound one. A row whose
        fields cannot be told apart keeps its place, with empty cells.

    Raises:
        CatalogueFormatError: If the file cannot be read to its end.
    """
    csv.field_size_limit(MAX_FIELD_CHARS)
    width, delimiter = len(table.columns), table.delimiter or NO_DELIMITER
    rows: list[list[str]] = []
    faults: list[str] = []
    try:
        with _opened(table.file_path) as stream:
            text = TextIOWrapper(stream, table.encoding, errors="replace", newline="")
            for _ in range(table.n_lines_before):
                text.readline()
            records = read_records(text, delimiter)
            next(records, None)
            for record in records:
                if not any(field and not field.isspace() for field in record):
                    continue
                fitted = fit_record(record, width, delimiter)
                rows.append(fitted or [""] * width)
                faults.append("" if fitted else str(RejectReason.MALFORMED))
                if len(rows) >= n_rows:
                    yield _as_arrow(table.columns, rows), faults
                    rows, faults = [], []
    except (OSError, EOFError) as fault:
        message = f"'{table.file_path.name}' cannot be read to its end: {fault}."
        raise CatalogueFormatError(message, "Copy or pack the file again.") from fault
    if rows:
        yield _as_arrow(table.columns, rows), faults


@contextmanager
def _opened(file_path: Path) -> Iterator[BinaryIO]:
    with file_path.open("rb") as stream:
        if file_path.suffix.lower() == ".gz":
            with gzip.GzipFile(fileobj=stream) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield stream


def _whole_lines(sample: bytes) -> bytes:
    """A sample that was not cut inside a line: half a character or half a row would mislead."""
    if len(sample) < SAMPLE_BYTES:
        return sample
    end = sample.rfind(b"\n") + 1
    end -= end % 4  # UTF-16 and UTF-32 keep whole characters
    return sample[:end] or sample


def _encoding(blocks: Iterator[bytes]) -> str:
    """What `read_table` says of text without a mark, from one look at all of it, a block at a time."""
    decoders: dict[str, Callable[[bytes], str]] = {
        "utf-8": codecs.getincrementaldecoder("utf-8")(errors="replace").decode,
        "cp1252": codecs.getincrementaldecoder("cp1252")().decode,
    }
    n_broken = n_beyond_ascii = 0
    for block in blocks:
        if block.isascii() and not n_beyond_ascii:
            continue
        text = decoders["utf-8"](block)
        n_broken += text.count("\ufffd")
        n_beyond_ascii += len(text) - len(text.encode("ascii", "ignore"))
        if "cp1252" in decoders:
            try:
                decoders["cp1252"](block)
            except UnicodeDecodeError:
                del decoders["cp1252"]
    if not n_broken or n_beyond_ascii - n_broken > 10 * n_broken:
        return "utf-8"
    return "cp1252" if "cp1252" in decoders else "latin-1"


def _as_arrow(columns: tuple[str, ...], rows: list[list[str]]) -> pa.Table:
    # a lone surrogate, which no UTF-8 holds, becomes a question mark
    cells = ([cell.encode("utf-8", "replace").decode() for cell in column] for column in zip(*rows, strict=True))
    return pa.table(dict(zip(columns, (pa.array(column, pa.string()) for column in cells), strict=True)))
