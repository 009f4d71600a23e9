"""Classify a file or table of any size: one row out for each row in, in the input's order, on one machine or many.

The input is staged as partitions; model actors classify them, each written whole or not at all; the output is put
together from them. So a run that was killed goes on where it was, and no row is lost or doubled.
"""

import time
import traceback
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.domain.errors import AppError, ParameterError
from core.domain.progress import Progress, SpanProgress
from core.inference.batch_attempts import begun_partitions, marks_of
from core.inference.batch_output import OutputCounts, ResultStream, check_output, describe, write_output
from core.inference.batch_pictures import PictureChoice
from core.inference.batch_places import is_remote
from core.inference.batch_plan import BatchPlan, Partition, PartitionOutcome, RunFolder, fingerprint_of
from core.inference.batch_sources import is_same_place, open_source
from core.inference.batch_staging import resolve_mapping, stage
from core.inference.bundle import ModelBundle
from core.inference.runner import Runner, WorkersLostError, open_runner

MOST_FRUITLESS = 3
"""Rounds in which workers die and nothing comes of it, before the run fails."""
SUSPECT_DEATHS = 2
"""Workers that die over a partition before it is tried alone."""
_STAGED, _CLASSIFIED = 0.1, 0.95
"""Shares of the progress that end with reading, and with classifying."""


@dataclass(frozen=True)
class BatchOptions:
    """What to classify, and where to.

    Attributes:
        input: CSV, TSV or TXT (also `.gz`), Parquet (a file or a folder), Lance, or Delta; a path, or an address:
            s3 and gs, for files http(s), too.
        output: The same kinds, by its suffix; a name that ends in `/` is a folder of Parquet.
        images: A folder, a zip, or an address that is put before what rows say of their pictures.
        mapping: Field -> column; None recognises columns by their names.
        fetch_urls: Whether web addresses that rows name as their pictures are fetched.
        keep_columns: Whether the input's columns come out, too, before the others.
        rows_per_partition: Rows that are classified together, and that a killed run loses at most per worker.
        n_workers: Model actors; None takes as many as there are cores, and one where there are few rows.
    """

    input: str
    output: str
    images: str | None = None
    mapping: dict[str, str] | None = None
    fetch_urls: bool = False
    keep_columns: bool = False
    rows_per_partition: int = 2048
    n_workers: int | None = None


@dataclass(frozen=True)
class BatchResult:
    """What came of a run; `n_resumed_partitions` were there from an earlier try. `seconds` is this try's wall time."""

    n_rows: int
    n_classified: int
    n_failed: int
    n_escalated: int
    n_notes: int
    n_resumed_partitions: int
    output: str
    seconds: float


def run_batch(bundle: ModelBundle, options: BatchOptions, folder: Path, progress: Progress) -> BatchResult:
    """Classify every row of an input; rows that cannot be are in the output with their reason.

    The output has, after the columns to keep: product_id, path, confidence, stage, level_1, level_2 ..., reason, note.
    Cells of delimited text that a spreadsheet would run get a leading apostrophe.

    Args:
        bundle: The model.
        options: What to classify, and where to.
        folder: The run's own; the same call with the same folder goes on where it was. On a cluster, all nodes must
            reach it, the model and the pictures by the same paths.
        progress: Told of progress; may cancel, after which no worker is left.

    Raises:
        CatalogueFormatError: If the input cannot be read, or has no title column.
        ParameterError: If the output may not be replaced, or a choice is impossible.
        AppError: If workers die again and again, or nothing can be classified.
        JobCancelledError: If `progress` says so.
    """
    started = time.monotonic()
    if is_same_place(options.input, options.output):
        raise ParameterError("The output would replace the input.", "Choose another output.")
    check_output(options.output)
    own = RunFolder(folder)
    with own.held():
        plan = _plan(bundle, options, own, SpanProgress(progress, 0.0, _STAGED))
        n_resumed = len(plan.partitions) - len(own.unfinished(plan))
        runner = open_runner(bundle, plan, own, PictureChoice(options.images, options.fetch_urls), options.n_workers)
        _classify_all(plan, own, runner, progress)
        progress.report(_CLASSIFIED, f"Writing {plan.n_rows:,} rows")
        results = ResultStream(plan, own)
        write_output(options.output, results, own)
        own.log(describe(results.counts))
    return _result(results.counts, n_resumed, options.output, time.monotonic() - started)


def _plan(bundle: ModelBundle, options: BatchOptions, folder: RunFolder, progress: Progress) -> BatchPlan:
    source = open_source(options.input, folder.root)
    mapping = resolve_mapping(source, options.mapping)
    fingerprint = fingerprint_of(
        {
            "input": source.identity,
            "columns": source.columns,
            "model": bundle.fingerprint,
            "mapping": mapping,
            "images": [options.images, _picture_identity(options.images), options.fetch_urls],
            "keep_columns": options.keep_columns,
            "rows_per_partition": options.rows_per_partition,
        }
    )
    present = folder.load_plan()
    if present is not None and present.fingerprint == fingerprint:
        n_left = len(folder.unfinished(present))
        progress.report(1.0, f"Going on with {n_left:,} of {len(present.partitions):,} parts")
        return present
    if present is not None:
        progress.report(0.0, f"Starting anew: input, model or choices differ from those of the run in {folder.root}")
    return stage(source, mapping, fingerprint, options.rows_per_partition, options.keep_columns, folder, progress)


def _picture_identity(images: str | None) -> list[int]:
    """Size and time of change of an archive; a folder, into which pictures may still come, is known by its name."""
    if images is None or is_remote(images) or not Path(images).is_file():
        return []
    stat = Path(images).stat()
    return [stat.st_size, stat.st_mtime_ns]


def _classify_all(plan: BatchPlan, folder: RunFolder, runner: Runner, progress: Progress) -> None:
    """Work on what is unfinished until nothing is; a death among the workers begins another round."""
    teller = _Teller(plan, folder, progress)
    n_fruitless = 0
    while unfinished := folder.unfinished(plan):
        before = (len(unfinished), marks_of(folder))
        suspects = begun_partitions(folder, SUSPECT_DEATHS)
        alone = [partition for partition in unfinished if partition.number in suspects]
        teller.recount(unfinished)
        try:
            _round(runner, alone or unfinished, bool(alone), teller)
            reason = "workers ended before their work was done"
        except WorkersLostError as fault:
            folder.log(traceback.format_exc())
            reason = str(fault).splitlines()[0]
        n_fruitless = n_fruitless + 1 if (len(folder.unfinished(plan)), marks_of(folder)) == before else 0
        if n_fruitless >= MOST_FRUITLESS:
            raise AppError(
                f"The workers died {n_fruitless} times: {reason}.", f"See {folder.log_path}; then run again."
            )


def _round(runner: Runner, partitions: list[Partition], is_alone: bool, teller: "_Teller") -> None:
    with closing(_iterator(runner, partitions, is_alone)) as outcomes:
        for outcome in outcomes:
            if outcome is not None and outcome.fault:
                raise AppError(outcome.fault, outcome.remedy)
            teller.tell(outcome)


def _iterator(runner: Runner, partitions: list[Partition], is_alone: bool) -> Iterator[PartitionOutcome | None]:
    yield from runner.outcomes(partitions, is_alone)


class _Teller:
    """Says how far a run is: what earlier tries did counts as done, but not for the rate."""

    def __init__(self, plan: BatchPlan, folder: RunFolder, progress: Progress) -> None:
        self._n_rows, self._progress = plan.n_rows, progress
        self._n_done = 0
        self.recount(folder.unfinished(plan))
        self._n_before, self._n_escalated, self._started = self._n_done, 0, time.monotonic()
        self.tell(None)

    def recount(self, unfinished: list[Partition]) -> None:
        """Begin a round: what a worker finished just before another died was never told."""
        self._n_done = self._n_rows - sum(partition.n_rows for partition in unfinished)

    def tell(self, outcome: PartitionOutcome | None) -> None:
        """Count an outcome; with None, only let the run be cancelled."""
        if outcome is not None:
            self._n_done += outcome.n_rows
            self._n_escalated += outcome.n_escalated
        rate = (self._n_done - self._n_before) / max(time.monotonic() - self._started, 1e-9)
        message = f"{self._n_done:,} of {self._n_rows:,} products"
        if self._n_done > self._n_before:
            message += f", {rate:,.0f}/s, {self._n_escalated:,} escalated"
        span = SpanProgress(self._progress, _STAGED, _CLASSIFIED)
        span.report(self._n_done / self._n_rows, message)


def _result(counts: OutputCounts, n_resumed: int, output: str, seconds: float) -> BatchResult:
    return BatchResult(
        n_rows=counts.n_rows,
        n_classified=counts.n_rows - counts.n_failed,
        n_failed=counts.n_failed,
        n_escalated=counts.n_escalated,
        n_notes=counts.n_notes,
        n_resumed_partitions=n_resumed,
        output=output,
        seconds=seconds,
    )
