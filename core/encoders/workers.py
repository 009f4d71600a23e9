"""Torch work spread over threads by input, not inside an operation.

Convolutions on a CPU synchronise their threads by spinning: where anything else runs on the machine, two threads on one
convolution are many times slower than one thread. Here each worker has inputs of its own, so none waits for another.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import numpy as np
import torch

from core.domain.arrays import FloatArray
from core.domain.progress import Progress

_MOST = 4


class Workers:
    """A few threads that share the cores evenly. Use as a context, within which the caller's own thread is alike.

    Args:
        count: How many; by default one per core, four at most.
    """

    def __init__(self, count: int | None = None) -> None:
        n_cores = count_cores()
        self.count = count or min(n_cores, _MOST)
        self._threads_each = max(1, n_cores // self.count)
        self._threads_before = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(self.count)

    def __enter__(self) -> Self:
        torch.set_num_threads(self._threads_each)
        return self

    def __exit__(self, *fault: object) -> None:
        self._pool.shutdown()
        torch.set_num_threads(self._threads_before)

    def run(self, work: Callable[[Any], Any], inputs: Iterable[Any]) -> list[Any]:
        """`work(input)` of every input, in their order; raises what the first failing one raised."""

        def alone(value: Any) -> Any:
            torch.set_num_threads(self._threads_each)  # holds for this thread and for threads yet to come
            return work(value)

        return list(self._pool.map(alone, inputs))


def encode_batches(
    items: Sequence[Any],
    embed: Callable[[Sequence[Any]], FloatArray],
    batch_size: int,
    n_dimensions: int,
    progress: Progress,
) -> FloatArray:
    """Embeddings of any number of items, each worker at a batch of its own.

    Args:
        items: Texts or file paths.
        embed: Embeddings of one batch; called from several threads at once.
        batch_size: Items a worker takes at a time.
        n_dimensions: Length of an embedding.
        progress: Hears of it after every batch of each worker.

    Returns:
        One row per item, in their order. Shape: (n_items, n_dimensions).
    """
    parts = [np.zeros((0, n_dimensions), dtype=np.float32)]
    with Workers() as workers:
        for start in range(0, len(items), batch_size * workers.count):
            progress.report(start / len(items), f"Encoded {start:,} of {len(items):,}")
            group = items[start : start + batch_size * workers.count]
            batches = [group[first : first + batch_size] for first in range(0, len(group), batch_size)]
            parts += workers.run(embed, batches)
    return np.concatenate(parts)


def count_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
