"""The model actor of a batch, as Daft runs it on either runner. Imports Daft: import this module where it is needed."""

from pathlib import Path
from typing import Any

import daft
from daft import DataType, Series

from core.inference.batch_pictures import PictureChoice
from core.inference.batch_plan import BatchPlan, Partition
from core.inference.bundle import ModelBundle

OUTCOME = DataType.struct(
    {
        "number": DataType.int64(),
        "n_rows": DataType.int64(),
        "n_failed": DataType.int64(),
        "n_escalated": DataType.int64(),
        "fault": DataType.string(),
        "remedy": DataType.string(),
    }
)


class ModelActor:
    """Classifies one partition per call; Daft makes one per worker and keeps it. Loads the model with the first."""

    def __init__(self, bundle: dict[str, Any], plan: str, folder: str, pictures: PictureChoice) -> None:
        from core.inference.batch_worker import PartitionWorker, limit_threads  # torch: the worker's alone

        limit_threads()
        known = BatchPlan.from_json(plan)
        assert known is not None
        self._worker = PartitionWorker(ModelBundle.from_dict(bundle), known, Path(folder), pictures)

    @daft.method.batch(batch_size=1, return_dtype=OUTCOME)
    def classify(self, number: Series, first: Series, n_rows: Series) -> list[dict[str, Any]]:
        """Outcomes of partitions, as `OUTCOME` says."""
        rows = zip(number.to_pylist(), first.to_pylist(), n_rows.to_pylist(), strict=True)
        return [self._worker.work(Partition(*row)).to_dict() for row in rows]


def outcomes_query(
    bundle: ModelBundle, plan: BatchPlan, folder: Path, pictures: PictureChoice, partitions: list[Partition],
    n_workers: int, is_spread: bool,
) -> daft.DataFrame:  # fmt: skip
    """A query with one row per partition; running it classifies them.

    Args:
        bundle: The model.
        plan: Of the run.
        folder: Of the run.
        pictures: Where pictures are.
        partitions: Which ones.
        n_workers: Actors.
        is_spread: Whether rows must be parted so that several nodes get some, as on Ray.
    """
    actor = daft.cls(ModelActor, max_concurrency=n_workers)(bundle.to_dict(), plan.to_json(), str(folder), pictures)
    tasks = daft.from_pydict(
        {
            "number": [partition.number for partition in partitions],
            "first": [partition.first for partition in partitions],
            "n_rows": [partition.n_rows for partition in partitions],
        }
    )
    if is_spread:
        tasks = tasks.into_partitions(len(partitions))
    return tasks.select(actor.classify(tasks["number"], tasks["first"], tasks["n_rows"]).alias("outcome"))
