"""Stages a batch: the input is read once, as a stream, and cut into partitions on disk."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.catalogue.columns import check_mapping, suggest_mapping
from core.domain.errors import CatalogueFormatError
from core.domain.progress import Progress
from core.inference.batch_plan import BatchPlan, Partition, RunFolder
from core.inference.batch_sources import Chunk, Source

FAULT_COLUMN = "(fault)"
"""Why a staged row could not be read; '' for a sound one. The input's own columns have a `c:` before their name."""
COLUMN_PREFIX = "c:"
_USED_FIELDS = ("product_id", "offer_id", "sku", "gtin", "url", "title", "brand", "description", "image")


def resolve_mapping(source: Source, mapping: Mapping[str, str] | None) -> dict[str, str]:
    """Which column is which field: as told, or recognised by the columns' names.

    Raises:
        CatalogueFormatError: If there is no title, or a column does not exist.
    """
    columns = list(source.columns)
    found = dict(mapping) if mapping else suggest_mapping(columns)
    check_mapping(found, columns, require_category=False)
    return {field: column for field, column in found.items() if column and field in _USED_FIELDS}


def stage(
    source: Source, mapping: Mapping[str, str], fingerprint: str, rows_per_partition: int, keep_columns: bool,
    folder: RunFolder, progress: Progress,
) -> BatchPlan:  # fmt: skip
    """Write the partitions of an input, and then the plan that makes them valid.

    Raises:
        CatalogueFormatError: If the input cannot be read to its end, or has no rows.
        JobCancelledError: If `progress` says so.
    """
    folder.clear()
    kept = source.columns if keep_columns else ()
    wanted = [column for column in source.columns if keep_columns or column in mapping.values()]
    n_rows = 0
    for number, table in enumerate(_recut(source.chunks(), wanted, rows_per_partition)):
        partition = Partition(number, n_rows + 1, table.num_rows)
        write_partition(folder.staged / partition.name, table)
        n_rows += table.num_rows
        progress.report(n_rows / (n_rows + 50_000), f"Reading {source.name}: {n_rows:,} rows")
    if not n_rows:
        message = f"'{source.name}' has a header ({', '.join(source.columns)}) but no rows."
        raise CatalogueFormatError(message, "Export the catalogue again with its products.")
    plan = BatchPlan(fingerprint, n_rows, rows_per_partition, dict(mapping), tuple(kept))
    folder.save_plan(plan)
    return plan


def write_partition(file_path: Path, table: pa.Table) -> None:
    """Write a partition, whole or not at all."""
    unfinished = file_path.with_name(f".{file_path.name}.{id(table)}.tmp")
    try:
        pq.write_table(table, unfinished, compression="zstd")
        unfinished.replace(file_path)
    finally:
        unfinished.unlink(missing_ok=True)


def _recut(chunks: Iterator[Chunk], columns: list[str], n_rows: int) -> Iterator[pa.Table]:
    """The same rows in the same order, `n_rows` at a time."""
    held: list[pa.Table] = []
    n_held = 0
    for chunk in chunks:
        held.append(_marked(chunk, columns))
        n_held += held[-1].num_rows
        if n_held < n_rows:
            continue
        joined = pa.concat_tables(held)
        whole = n_held - n_held % n_rows
        for start in range(0, whole, n_rows):
            yield joined.slice(start, n_rows)
        held, n_held = [joined.slice(whole)], n_held - whole
    if n_held:
        yield pa.concat_tables(held)


def _marked(chunk: Chunk, columns: list[str]) -> pa.Table:
    table = chunk.table.select(columns).rename_columns([f"{COLUMN_PREFIX}{column}" for column in columns])
    return table.append_column(FAULT_COLUMN, pa.array(chunk.faults, pa.string()))
