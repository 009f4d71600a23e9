"""Where partitions are worked on: in this process, in processes of Daft's native runner, or on a Ray cluster."""

import os
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import psutil

from core.domain.errors import ParameterError
from core.inference.batch_pictures import PictureChoice
from core.inference.batch_plan import BatchPlan, Partition, PartitionOutcome, RunFolder
from core.inference.bundle import ModelBundle

RUNNER, RAY_ADDRESS = "SHELFWISE_RUNNER", "RAY_ADDRESS"
FEW_ROWS = 4_000
"""Up to so many rows, starting processes takes longer than it saves."""
_MOST_NATIVE_WORKERS = 8
_TICK_SECONDS, _END_SECONDS = 0.5, 10
_WORKER_MODULE = "daft.execution.udf_worker"
_ROOT = Path(__file__).resolve().parents[2]


class RunnerKind(StrEnum):
    """What `SHELFWISE_RUNNER` may say."""

    NATIVE = "native"
    RAY = "ray"


class WorkersLostError(Exception):
    """A process that worked on partitions died, or never began."""


class Runner(Protocol):
    """Works on partitions."""

    def outcomes(self, partitions: Sequence[Partition], is_alone: bool) -> Iterator[PartitionOutcome | None]:
        """What comes of partitions, as they are done; None every half second without news. To be closed.

        Args:
            partitions: Which ones.
            is_alone: Whether one worker takes one after the other, so that a death can be laid at one's door.

        Raises:
            WorkersLostError: If a worker died.
        """


def runner_kind() -> RunnerKind:
    """The runner that the environment asks for.

    Raises:
        ParameterError: If there is no such runner.
    """
    told = os.environ.get(RUNNER, "").strip().lower() or RunnerKind.NATIVE
    if told not in set(RunnerKind):
        raise ParameterError(f"There is no runner '{told}'.", f"Set {RUNNER} to {' or '.join(RunnerKind)}.")
    return RunnerKind(told)


def open_runner(
    bundle: ModelBundle, plan: BatchPlan, folder: RunFolder, pictures: PictureChoice, n_workers: int | None
) -> Runner:
    """The runner for a plan: this process for few rows and on one core, else what the environment asks for.

    Raises:
        ParameterError: If there is no such runner, or `n_workers` is below 1.
    """
    if n_workers is not None and n_workers < 1:
        raise ParameterError(f"Expected 1 worker or more, got {n_workers}.", "Leave the number of workers out.")
    kind = runner_kind()
    if kind is RunnerKind.NATIVE:
        chosen = n_workers or (min(_n_cores(), _MOST_NATIVE_WORKERS) if plan.n_rows >= FEW_ROWS else 1)
        if chosen == 1 or plan.n_rows <= plan.rows_per_partition:
            return ProcessRunner(bundle, plan, folder, pictures)
        return DaftRunner(bundle, plan, folder, pictures, chosen, is_ray=False)
    return DaftRunner(bundle, plan, folder, pictures, n_workers or _connect_to_ray(), is_ray=True)


class ProcessRunner:
    """Works in this process, one partition after the other."""

    def __init__(self, bundle: ModelBundle, plan: BatchPlan, folder: RunFolder, pictures: PictureChoice) -> None:
        self._arguments = (bundle, plan, folder.root, pictures)

    def outcomes(self, partitions: Sequence[Partition], is_alone: bool) -> Iterator[PartitionOutcome | None]:
        """See `Runner.outcomes`."""
        from core.inference.batch_worker import PartitionWorker  # loads torch, which the driver of many needs not

        worker = PartitionWorker(*self._arguments)
        try:
            for partition in partitions:
                yield worker.work(partition)
        finally:
            worker.close()


class DaftRunner:
    """Works in model actors of a Daft query; the query itself holds one row per partition.

    Args:
        bundle: The model.
        plan: Of the run.
        folder: Of the run.
        pictures: Where pictures are.
        n_workers: Actors.
        is_ray: Whether Ray runs them; a process each of the native runner otherwise.
    """

    def __init__(
        self, bundle: ModelBundle, plan: BatchPlan, folder: RunFolder, pictures: PictureChoice, n_workers: int,
        is_ray: bool,
    ) -> None:  # fmt: skip
        self._bundle, self._plan, self._folder, self._pictures = bundle, plan, folder, pictures
        self._n_workers, self._is_ray = n_workers, is_ray
        if is_ray:
            _connect_to_ray()

    def outcomes(self, partitions: Sequence[Partition], is_alone: bool) -> Iterator[PartitionOutcome | None]:
        """See `Runner.outcomes`."""
        news: queue.Queue[PartitionOutcome | BaseException | None] = queue.Queue()
        n_workers = 1 if is_alone else min(self._n_workers, len(partitions))
        pump = threading.Thread(target=self._pump, args=(list(partitions), n_workers, news), name="batch", daemon=True)
        with _worker_environment():
            pump.start()
            try:
                yield from _told(news)
            finally:
                if pump.is_alive():  # cancelled: workers end what they hold, and begin nothing more
                    self._folder.request_stop()
                pump.join()
                if not self._is_ray:
                    _end_workers()

    def _pump(
        self, partitions: list[Partition], n_workers: int, news: "queue.Queue[PartitionOutcome | BaseException | None]"
    ) -> None:
        try:
            import daft
            from daft.runners import get_or_infer_runner_type

            from core.inference.batch_daft import outcomes_query

            if not self._is_ray and get_or_infer_runner_type() != RunnerKind.NATIVE:
                daft.set_runner_native()
            query = outcomes_query(self._bundle, self._plan, self._folder.root, self._pictures, partitions, n_workers,
                                   is_spread=self._is_ray)  # fmt: skip
            for row in query.iter_rows(results_buffer_size=n_workers):
                news.put(PartitionOutcome(**row["outcome"]))
            news.put(None)
        except BaseException as fault:  # carried over to the thread that waits
            news.put(fault)


def _end_workers() -> None:
    """End the processes that Daft left running: on a busy machine it gives up waiting for them."""
    family = psutil.Process().children(recursive=True)
    left = [child for child in family if _WORKER_MODULE in _command_of(child)]
    for child in left:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(left, timeout=_END_SECONDS)


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def _told(news: "queue.Queue[PartitionOutcome | BaseException | None]") -> Iterator[PartitionOutcome | None]:
    while True:
        try:
            told = news.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            yield None
            continue
        if told is None:
            return
        if isinstance(told, BaseException):
            raise WorkersLostError(f"{type(told).__name__}: {told}") from told
        yield told


def _worker_settings() -> dict[str, str]:
    """What the processes of workers find in their environment: one thread each, and where Shelfwise lies."""
    paths = [str(_ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        "OMP_WAIT_POLICY": "PASSIVE",
        "HF_HUB_OFFLINE": os.environ.get("HF_HUB_OFFLINE", "1"),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
    }


@contextmanager
def _worker_environment() -> Iterator[None]:
    """Processes started meanwhile inherit the settings of workers."""
    settings = {**_worker_settings(), "DAFT_PROGRESS_BAR": "0"}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _connect_to_ray() -> int:
    """Connect this process and Daft to the cluster, or to one of this machine; returns its number of CPUs."""
    os.environ["DAFT_PROGRESS_BAR"] = "0"
    import daft
    import ray

    if not ray.is_initialized():
        address = os.environ.get(RAY_ADDRESS) or "local"
        ray.init(address, runtime_env={"env_vars": _worker_settings()}, log_to_driver=False, logging_level="warning")
    daft.set_runner_ray(noop_if_initialized=True)
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _n_cores() -> int:
    return len(os.sched_getaffinity(0))
