"""What a worker of a batch does with one partition. Runs in this process, in a process of Daft's, or on a Ray node."""

import os
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.domain.classified import FAILED, FULL_STAGE, ClassifiedProduct, ProductToClassify
from core.domain.errors import AppError, JobCancelledError
from core.inference.batch_attempts import MOST_DEATHS, Attempts, Narrowing
from core.inference.batch_pictures import PictureChoice, open_pictures
from core.inference.batch_plan import BatchPlan, Partition, PartitionOutcome, RunFolder
from core.inference.batch_rows import products_of, results_table
from core.inference.batch_staging import write_partition
from core.inference.bundle import ModelBundle
from core.inference.two_stage import TwoStageClassifier

MOST_GIVEN_UP = 32
"""Rows of one partition that may raise faults before the fault is taken for the model's or the machine's."""


class PartitionWorker:
    """Classifies partitions of one run; the model is loaded with the first, and kept.

    Args:
        bundle: The model.
        plan: Of the run.
        folder: Of the run.
        pictures: Where pictures are.
    """

    def __init__(self, bundle: ModelBundle, plan: BatchPlan, folder: Path, pictures: PictureChoice) -> None:
        self._bundle, self._plan, self._folder, self._choice = bundle, plan, RunFolder(folder), pictures
        self._classifier: TwoStageClassifier | None = None
        self._resources = ExitStack()
        self._pictures = None

    def work(self, partition: Partition) -> PartitionOutcome:
        """Classify a partition and put it among those done, unless it is there or the run is to stop.

        A partition of which workers died, or that raises a fault, is taken apart, so that one row cannot hold up the
        others; that row then fails with the reason.
        """
        if self._folder.is_stopping:
            return PartitionOutcome(partition.number)
        target = self._folder.done / partition.name
        try:
            if not target.exists():
                self._load()
                self._classify_to(target, partition)
            return _counted(partition, pq.read_table(target, columns=["stage"]))
        except JobCancelledError:
            return PartitionOutcome(partition.number)
        except AppError as fault:
            self._folder.log(traceback.format_exc())
            return PartitionOutcome(partition.number, fault=fault.message, remedy=fault.remedy)
        except Exception as fault:
            self._folder.log(traceback.format_exc())
            message = f"Rows from {partition.first:,} cannot be classified: {type(fault).__name__}: {fault}."
            return PartitionOutcome(partition.number, fault=message, remedy=f"See {self._folder.log_path}.")

    def close(self) -> None:
        """Let go of the pictures."""
        self._resources.close()

    def _load(self) -> None:
        if self._classifier is None:
            self._classifier = TwoStageClassifier.load(self._bundle)
            self._pictures = self._resources.enter_context(open_pictures(self._choice))

    def _classify_to(self, target: Path, partition: Partition) -> None:
        attempts = Attempts(self._folder, partition)
        n_deaths = attempts.begin()
        staged = pq.read_table(self._folder.staged / partition.name)
        products = products_of(staged, partition, self._plan.mapping)
        table = None
        try:
            if n_deaths < MOST_DEATHS:
                table = self._try_whole(staged, products)
            if table is None:
                table = self._take_apart(attempts, partition, staged, products)
        except JobCancelledError:
            attempts.withdraw()
            raise
        write_partition(target, table)
        attempts.end()

    def _try_whole(self, staged: pa.Table, products: list[ProductToClassify]) -> pa.Table | None:
        """None where some row raises a fault."""
        try:
            return self._results(staged, products)
        except JobCancelledError:
            raise
        except Exception:
            self._folder.log(traceback.format_exc())
            return None

    def _take_apart(
        self, attempts: Attempts, partition: Partition, staged: pa.Table, products: Sequence[ProductToClassify]
    ) -> pa.Table:
        """Classify stretches that get ever shorter around the rows that do harm."""
        narrowing = attempts.load_narrowing()
        narrowing.bury()
        while narrowing.todo:
            self._stop_if_asked()
            narrowing.current = first, n_rows = narrowing.todo.pop(0)
            attempts.save_narrowing(narrowing)
            start = first - partition.first
            part = products[start : start + n_rows]
            try:
                table = self._results(staged.slice(start, n_rows), part)
            except JobCancelledError:
                raise
            except Exception as fault:
                narrowing.refuse(f"it cannot be classified: {type(fault).__name__}: {fault}")
                if len(narrowing.given_up) > MOST_GIVEN_UP:
                    attempts.end()  # it is not the rows: the next run tries them again
                    raise
                continue
            write_partition(attempts.part_path(first), table)
            narrowing.current = None
        attempts.save_narrowing(narrowing)
        return self._joined(attempts, narrowing, partition, staged, products)

    def _joined(
        self, attempts: Attempts, narrowing: Narrowing, partition: Partition, staged: pa.Table,
        products: Sequence[ProductToClassify],
    ) -> pa.Table:  # fmt: skip
        for row, reason in narrowing.given_up.items():
            at = row - partition.first
            failed = ClassifiedProduct(row, products[at].product_id, (), (), (), FAILED, reason)
            table = results_table(self._plan, staged.slice(at, 1), [failed], self._bundle.n_levels)
            write_partition(attempts.part_path(row), table)
        return pa.concat_tables([pq.read_table(path) for path in attempts.part_paths()])

    def _results(self, staged: pa.Table, products: Sequence[ProductToClassify]) -> pa.Table:
        assert self._classifier is not None
        classified = self._classifier.classify(products, self._fetch if self._pictures else None)
        return results_table(self._plan, staged, classified, self._bundle.n_levels)

    def _fetch(self, refs: Sequence[str]) -> list[bytes | str]:
        self._stop_if_asked()
        assert self._pictures is not None
        return self._pictures(refs)

    def _stop_if_asked(self) -> None:
        if self._folder.is_stopping:
            raise JobCancelledError


def limit_threads() -> None:
    """Make this process use one core: there is a process for each."""
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


def _counted(partition: Partition, table: pa.Table) -> PartitionOutcome:
    stages = table["stage"].to_numpy()
    return PartitionOutcome(
        partition.number, len(stages), int((stages == FAILED).sum()), int((stages == FULL_STAGE).sum())
    )
