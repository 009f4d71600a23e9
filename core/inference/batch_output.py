"""What a batch writes: all partitions as one file or table, in the order of the input, whole or not at all."""

import csv
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.catalogue.table import as_texts
from core.domain.classified import FAILED, FULL_STAGE
from core.domain.errors import AppError, ParameterError
from core.inference.batch_places import OBJECT_STORES, Kind, is_remote, kind_of, scheme_of, upload
from core.inference.batch_plan import BatchPlan, RunFolder
from core.inference.batch_rows import ROW_COLUMN
from core.inference.batch_staging import COLUMN_PREFIX
from core.inference.batch_tables import check_table_target, write_delta, write_lance, write_parquet_folder
from core.taxonomy.cells import neutral, whole_path

_RUN_AGAIN = "Run the same command with a new folder."


@dataclass(frozen=True, slots=True)
class OutputCounts:
    """What is in an output; `n_notes` counts rows that were classified without something, such as their picture."""

    n_rows: int = 0
    n_failed: int = 0
    n_escalated: int = 0
    n_notes: int = 0

    def plus(self, table: pa.Table) -> "OutputCounts":
        """Together with the rows of a partition."""
        stages = table["stage"].to_numpy()
        n_notes = pc.sum(pc.cast(pc.not_equal(table["note"], ""), pa.int64())).as_py() or 0
        return OutputCounts(
            self.n_rows + len(stages),
            self.n_failed + int((stages == FAILED).sum()),
            self.n_escalated + int((stages == FULL_STAGE).sum()),
            self.n_notes + n_notes,
        )


class ResultStream:
    """The classified rows of a run in the order of the input, checked and counted as they pass.

    Args:
        plan: Of the run.
        folder: Of the run, all of whose partitions are done.
    """

    def __init__(self, plan: BatchPlan, folder: RunFolder) -> None:
        self._plan, self._folder = plan, folder
        self.counts = OutputCounts()
        with pq.ParquetFile(folder.done / plan.partitions[0].name) as first:
            staged = first.schema_arrow
        self._names = _output_names(staged.names, plan)
        fields = [staged.field(column).with_name(name) for column, name in self._names.items()]
        self.schema = pa.schema([_plain_field(item) for item in fields])

    def tables(self) -> Iterator[pa.Table]:
        """One table per partition.

        Raises:
            AppError: If a partition does not hold exactly its rows.
        """
        self.counts = OutputCounts()
        for partition in self._plan.partitions:
            table = pq.read_table(self._folder.done / partition.name)
            rows = table[ROW_COLUMN].to_numpy()
            if rows.tolist() != list(range(partition.first, partition.first + partition.n_rows)):
                message = f"Partition {partition.number} does not hold rows {partition.first:,} and following."
                raise AppError(message, _RUN_AGAIN)
            self.counts = self.counts.plus(table)
            yield table.select(list(self._names)).rename_columns(list(self._names.values())).cast(self.schema)
        if self.counts.n_rows != self._plan.n_rows:
            raise AppError(f"{self.counts.n_rows} rows of {self._plan.n_rows} are there.", _RUN_AGAIN)

    def batches(self) -> pa.RecordBatchReader:
        """The same as a stream of record batches."""
        return pa.RecordBatchReader.from_batches(
            self.schema, (batch for table in self.tables() for batch in table.to_batches())
        )


def check_output(place: str) -> None:
    """Refuse a place that cannot be written, before any work is done.

    Raises:
        ParameterError: If it is on the web, or holds a table that no batch wrote.
    """
    if scheme_of(place) and scheme_of(place) not in OBJECT_STORES:
        raise ParameterError(f"'{place}' cannot be written.", "Give a path, or an address of s3 or gs.")
    check_table_target(place, _is_parquet_folder(place))


def write_output(place: str, results: ResultStream, folder: RunFolder) -> None:
    """Write all results: delimited text (also packed with gzip), Parquet, Lance or Delta, by the name of the place.

    A name that ends in `/` is a folder of Parquet files. Files are replaced; a Lance or Delta table gets a new version
    and a folder is replaced if a batch wrote the present one.

    Raises:
        AppError: If a row is missing, or it cannot be written.
        ParameterError: If it holds a table that no batch wrote.
    """
    check_output(place)
    kind = kind_of(place)
    try:
        if kind is Kind.LANCE:
            write_lance(place, results.batches())
        elif kind is Kind.DELTA:
            write_delta(place, results.batches())
        elif _is_parquet_folder(place):
            write_parquet_folder(Path(place), results.tables())
        elif is_remote(place):
            made = folder.root / f"output{Path(place).suffix}"
            _write_file(made, place, results)
            upload(made, place)
            made.unlink()
        else:
            _write_file(Path(place), place, results)
    except OSError as fault:
        raise AppError(f"'{place}' cannot be written: {fault}.", "Choose another place.") from fault


def _write_file(file_path: Path, place: str, results: ResultStream) -> None:
    with whole_path(file_path) as unfinished:
        if kind_of(place) is Kind.PARQUET:
            with pq.ParquetWriter(unfinished, results.schema, compression="zstd") as writer:
                for table in results.tables():
                    writer.write_table(table)
            return
        with unfinished.open("wb") as stream, _text_stream(stream, place.lower().endswith(".gz")) as text:
            writer = csv.writer(text, delimiter="\t" if ".tsv" in Path(place).name.lower() else ",")
            writer.writerow([neutral(name) for name in results.schema.names])
            for table in results.tables():
                columns = [_cells(table[name], name) for name in table.column_names]
                writer.writerows(zip(*columns, strict=True))


@contextmanager
def _text_stream(stream: IO[bytes], is_packed: bool) -> Iterator[TextIO]:
    # without a time of writing, equal results are equal files
    packed = gzip.GzipFile(filename="", fileobj=stream, mode="wb", mtime=0) if is_packed else None
    text = TextIOWrapper(packed or stream, encoding="utf-8", newline="")  # type: ignore[arg-type]
    try:
        yield text
    finally:
        text.flush()
        text.detach()
        if packed:
            packed.close()


def _cells(column: pa.ChunkedArray, name: str) -> list[str]:
    if name == "confidence":
        return [f"{value:.4f}" for value in column.to_pylist()]
    return [neutral(text) for text in as_texts(column)]


def _output_names(staged: list[str], plan: BatchPlan) -> dict[str, str]:
    """Column of a done partition -> its name in the output; the input's are told apart where both have one name."""
    results = [name for name in staged if not name.startswith(COLUMN_PREFIX) and name != ROW_COLUMN]
    names: dict[str, str] = {}
    for column in plan.columns:
        if column == "product_id" == plan.mapping.get("product_id"):
            continue  # comes out anyway
        name = column
        while name in results or name in names.values():
            name = f"{name} (input)"
        names[f"{COLUMN_PREFIX}{column}"] = name
    return names | {name: name for name in results}


def _plain_field(item: pa.Field) -> pa.Field:
    """Nullable, and of a type that any partition's column can be cast to."""
    return pa.field(item.name, pa.string() if pa.types.is_null(item.type) else item.type)


def _is_parquet_folder(place: str) -> bool:
    if is_remote(place) or kind_of(place) in (Kind.LANCE, Kind.DELTA):
        return False
    return place.endswith("/") or Path(place).is_dir()


def describe(counts: OutputCounts) -> str:
    """Counts as JSON, for the run's log."""
    return json.dumps({"rows": counts.n_rows, "failed": counts.n_failed, "escalated": counts.n_escalated})
