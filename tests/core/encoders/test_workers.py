import threading

import numpy as np
import pytest
import torch

from core.domain.errors import JobCancelledError
from core.domain.progress import NullProgress
from core.encoders.workers import Workers, encode_batches


def lengths(batch):
    return np.array([[len(item)] for item in batch], dtype=np.float32)


@pytest.mark.parametrize("n_items", [0, 1, 5, 64])
def test_rows_come_in_the_order_of_the_items(n_items):
    items = ["x" * n for n in range(n_items)]
    embeddings = encode_batches(items, lengths, 3, 1, NullProgress())
    assert embeddings.shape == (n_items, 1)
    assert embeddings[:, 0].tolist() == list(range(n_items))


def test_workers_run_at_the_same_time():
    meeting = threading.Barrier(2, timeout=30)
    with Workers(2) as workers:
        assert sorted(workers.run(lambda _: meeting.wait(), range(2))) == [0, 1]


def test_the_thread_count_of_torch_is_left_as_it_was():
    before = torch.get_num_threads()
    with Workers(2) as workers:
        workers.run(lambda _: torch.ones(4).sum(), range(4))
    assert torch.get_num_threads() == before


def test_a_fault_of_a_worker_reaches_the_caller():
    with Workers(2) as workers, pytest.raises(ZeroDivisionError):
        workers.run(lambda value: 1 / value, [1, 0])


def test_a_cancelled_encoding_stops():
    class Cancelling:
        def report(self, fraction, message="", **metrics):
            if fraction > 0:
                raise JobCancelledError

    seen = []

    def embed(batch):
        seen.extend(batch)
        return lengths(batch)

    with pytest.raises(JobCancelledError):
        encode_batches(["x"] * 1000, embed, 2, 1, Cancelling())
    assert len(seen) < 1000
