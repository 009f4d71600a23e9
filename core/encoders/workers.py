"""Torch work spread over threads by input, not inside an operation.

Convolutions on a CPU synchronise their threads by spinning: where anything else runs on the machine, two threads on one
convolution are many times slower than one thread. Here each worker has inputs of its own, so none waits for another.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import torch

_MOST = 4


class Workers:
    """A few threads that share the cores evenly. Use as a context.

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


def count_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
