"""What a batch reads: delimited text, Parquet, Lance or Delta, here or far away, as a stream of Arrow tables."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from core.catalogue.table import unique_names
from core.catalogue.table_stream import open_text_table, stream_rows
from core.domain.errors import AppError, CatalogueFormatError
from core.inference.batch_places import Kind, is_remote, kind_of, local_copy, storage_options
from core.inference.batch_plan import identity_of

_CHUNK_ROWS = 16_384
_WRITE_AGAIN = "Write it again, or save the catalogue as CSV."


class Chunk(NamedTuple):
    """Some rows of an input in their order, and why each cannot be read: '' for a sound one."""

    table: pa.Table
    faults: list[str]


@dataclass(frozen=True, slots=True)
class Source:
    """An input that was looked at: its columns, what identifies its content, and its rows as a stream."""

    name: str
    columns: tuple[str, ...]
    identity: str
    chunks: Callable[[], Iterator[Chunk]]


def open_source(place: str, folder: Path) -> Source:
    """Look at an input without reading its rows.

    Args:
        place: A path, or an address: http(s) for files; s3 and gs, with what the environment says of access, for all.
            The kind is that of the name: `.parquet` (a file or a folder of them), `.lance`, `.delta` or a folder with a
            `_delta_log`; anything else is delimited text, which may be packed with gzip.
        folder: Where a far file of text, or one on the web, is kept until the run is over.

    Raises:
        CatalogueFormatError: If it cannot be read, or is empty.
    """
    kind = kind_of(place)
    name = place.rstrip("/").rpartition("/")[2] or place
    try:
        if kind is Kind.LANCE:
            return _lance(place, name)
        if kind is Kind.DELTA:
            return _delta(place, name)
        if is_remote(place):
            copy = local_copy(place, folder)
            place, identity = str(copy.file_path), copy.identity
        else:
            identity = identity_of(Path(place))
        return _parquet(place, name, identity) if kind is Kind.PARQUET else _text(place, name, identity)
    except AppError:
        raise
    except Exception as fault:  # each library has faults of its own
        message = f"'{place}' is not a readable {kind.value}: {str(fault).splitlines()[0] if str(fault) else fault!r}"
        raise CatalogueFormatError(message, _WRITE_AGAIN) from fault


def _text(place: str, name: str, identity: str) -> Source:
    table = open_text_table(Path(place))

    def chunks() -> Iterator[Chunk]:
        for rows, faults in stream_rows(table, _CHUNK_ROWS):
            yield Chunk(rows, faults)

    return Source(name, table.columns, identity, chunks)


def _parquet(place: str, name: str, identity: str) -> Source:
    path = Path(place)
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise CatalogueFormatError(f"There are no Parquet files in '{place}'.", "Choose a folder that holds some.")
    with pq.ParquetFile(files[0]) as first:
        schema = first.schema_arrow

    def batches() -> Iterator[pa.RecordBatch]:
        for file_path in files:
            with pq.ParquetFile(file_path) as parquet:
                if parquet.schema_arrow.names != schema.names:
                    raise CatalogueFormatError(
                        f"'{file_path.name}' has other columns than '{files[0].name}'.", "Classify them apart."
                    )
                for batch in parquet.iter_batches(batch_size=_CHUNK_ROWS):
                    yield batch.cast(schema)

    return _arrow(name, schema, identity, batches)


def _lance(place: str, name: str) -> Source:
    import lance

    dataset = lance.dataset(place, storage_options=storage_options(place))
    identity = f"lance:{dataset.uri}:{dataset.version}:{dataset.count_rows()}"
    return _arrow(name, dataset.schema, identity, lambda: iter(dataset.to_batches(batch_size=_CHUNK_ROWS)))


def _delta(place: str, name: str) -> Source:
    from deltalake import DeltaTable

    table = DeltaTable(place, storage_options=storage_options(place))
    identity = f"delta:{table.table_uri}:{table.version()}:{table.metadata().id}"
    dataset: ds.Dataset = table.to_pyarrow_dataset()

    def batches() -> Iterator[pa.RecordBatch]:
        yield from dataset.to_batches(batch_size=_CHUNK_ROWS, batch_readahead=2, fragment_readahead=1)

    return _arrow(name, dataset.schema, identity, batches)


def _arrow(name: str, schema: pa.Schema, identity: str, batches: Callable[[], Iterator[Any]]) -> Source:
    columns = unique_names(schema.names)
    if not columns:
        raise CatalogueFormatError(f"'{name}' has no columns.", _WRITE_AGAIN)

    def chunks() -> Iterator[Chunk]:
        try:
            for batch in batches():
                if batch.num_rows:
                    yield Chunk(pa.Table.from_batches([batch]).rename_columns(columns), [""] * batch.num_rows)
        except (pa.ArrowException, OSError, ValueError, RuntimeError) as fault:
            message = f"'{name}' cannot be read to its end: {str(fault).splitlines()[0]}"
            raise CatalogueFormatError(message, _WRITE_AGAIN) from fault

    return Source(name, tuple(columns), identity, chunks)


def is_same_place(first: str, second: str) -> bool:
    """Whether two names are one file or table."""
    if is_remote(first) or is_remote(second):
        return first.rstrip("/") == second.rstrip("/")
    return os.path.realpath(first) == os.path.realpath(second)
