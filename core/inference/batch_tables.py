"""Lance and Delta tables and folders of Parquet that a batch writes. Only what a batch wrote is ever replaced."""

import json
import shutil
import uuid
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.domain.errors import ParameterError
from core.inference.batch_places import Kind, kind_of, storage_options

OURS = "Classified by Shelfwise"
"""What marks a table of ours: in a Lance schema's metadata, as the description of a Delta table, in a folder's file."""
FOLDER_MARK = "_shelfwise.json"
MOST_HELD_BYTES = 1024**3
_METADATA_KEY = b"shelfwise"
_ELSEWHERE = "Choose a place that does not exist yet, or remove the table yourself."


def check_table_target(place: str, is_folder: bool) -> None:
    """Refuse a table or folder that exists and that no batch wrote.

    Raises:
        ParameterError: If so.
    """
    kind = kind_of(place)
    if kind is Kind.LANCE and _lance_schema(place) is not None:
        metadata = (_lance_schema(place) or pa.schema([])).metadata or {}
        _require_ours(metadata.get(_METADATA_KEY) == OURS.encode(), place)
    elif kind is Kind.DELTA:
        from deltalake import DeltaTable

        if DeltaTable.is_deltatable(place, storage_options(place)):
            table = DeltaTable(place, storage_options=storage_options(place))
            _require_ours(table.metadata().description == OURS, place)
        elif "://" not in place and Path(place).exists() and any(Path(place).iterdir()):
            _require_ours(False, place)
    elif is_folder and Path(place).exists():
        folder = Path(place)
        _require_ours((folder / FOLDER_MARK).is_file() or not any(folder.iterdir()), place)


def write_lance(place: str, batches: pa.RecordBatchReader) -> None:
    """Write a Lance dataset, or a new version of it. Lance commits all rows or none."""
    import lance

    schema = batches.schema.with_metadata({_METADATA_KEY: OURS.encode()})
    marked = pa.RecordBatchReader.from_batches(
        schema, (batch.replace_schema_metadata(schema.metadata) for batch in batches)
    )
    mode = "create" if _lance_schema(place) is None else "overwrite"
    lance.write_dataset(marked, place, schema=schema, mode=mode, storage_options=storage_options(place))


def write_delta(place: str, batches: pa.RecordBatchReader) -> None:
    """Write a Delta table, or a new version of it. Delta commits all rows or none.

    Delta promises no order, and its writer mixes what it is given as a stream. Rows keep theirs up to
    `MOST_HELD_BYTES`, which are written as one table; beyond, memory matters more.
    """
    from deltalake import write_deltalake

    held: list[pa.RecordBatch] = []
    n_bytes = 0
    for batch in batches:
        held.append(batch)
        n_bytes += batch.nbytes
        if n_bytes > MOST_HELD_BYTES:
            rows = pa.RecordBatchReader.from_batches(batches.schema, chain(held, batches))
            break
    else:
        rows = pa.Table.from_batches(held, batches.schema).combine_chunks()
    write_deltalake(place, rows, mode="overwrite", schema_mode="overwrite", description=OURS,
                    storage_options=storage_options(place))  # fmt: skip


def write_parquet_folder(folder: Path, tables: Iterable[pa.Table]) -> None:
    """Write a folder of Parquet files, one per partition, which takes its place when all of it is written."""
    unfinished = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    previous = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.old")
    try:
        unfinished.mkdir(parents=True)
        for number, table in enumerate(tables):
            pq.write_table(table, unfinished / f"part-{number:06d}.parquet", compression="zstd")
        (unfinished / FOLDER_MARK).write_text(json.dumps({"about": OURS}), encoding="utf-8")
        if folder.exists():
            folder.rename(previous)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(previous, ignore_errors=True)


def _lance_schema(place: str) -> pa.Schema | None:
    """None where there is no dataset."""
    import lance

    if "://" not in place and not Path(place).exists():
        return None
    try:
        return lance.dataset(place, storage_options=storage_options(place)).schema
    except (ValueError, OSError) as fault:
        if "not found" in str(fault).lower():
            if "://" not in place:
                _require_ours(not any(Path(place).iterdir()), place)
            return None
        raise


def _require_ours(is_ours: bool, place: str) -> None:
    if not is_ours:
        raise ParameterError(f"'{place}' holds something that no batch of Shelfwise wrote.", _ELSEWHERE)
