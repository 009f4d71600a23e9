import json

import numpy as np
import pytest
import torch
from torch import nn

from bench.encoding_models import builders, write_pictures, write_titles
from bench.encoding_speed import Speed, count_gflop, items_per_second, main, matmul_gflops, speed_table


class MatrixEncoder:
    """One square matrix per item."""

    def __init__(self):
        self.seen = 0

    def _embed(self, items):
        return (torch.ones(len(items), 64) @ torch.ones(64, 64)).numpy()

    def encode(self, items, progress):
        self.seen += len(items)
        return np.vstack([self._embed([item]) for item in items])


def test_operations_are_counted_as_multiplications_and_additions():
    assert count_gflop(MatrixEncoder(), ["a", "b", "c"]) == pytest.approx(2 * 64 * 64 / 1e9)


def test_attention_is_counted_even_where_it_is_fused():
    attention = nn.MultiheadAttention(32, 2, batch_first=True).eval()

    class Attending:
        def _embed(self, items):
            tokens = torch.ones(len(items), 10, 32)
            with torch.inference_mode():
                return attention(tokens, tokens, tokens, need_weights=False)[0].numpy()

    projections, scores = 4 * 2 * 10 * 32 * 32, 2 * 2 * 10 * 10 * 32
    assert count_gflop(Attending(), ["a"]) == pytest.approx((projections + scores) / 1e9)
    assert torch.backends.mha.get_fastpath_enabled()


def test_an_encoder_without_a_network_has_no_operations_to_count():
    assert count_gflop(object(), ["a"]) is None


def test_throughput_is_measured_over_about_the_seconds_asked_for():
    encoder = MatrixEncoder()
    assert items_per_second(encoder, ["a"] * 64, seconds=0.05) > 0
    assert encoder.seen >= 3 * 64 - 48


def test_the_peak_is_positive_and_leaves_the_threads_alone():
    before = torch.get_num_threads()
    assert matmul_gflops(torch.float32, torch.device("cpu"), seconds=0.05) > 0
    assert torch.get_num_threads() == before


def test_the_table_shows_the_share_of_the_peak():
    lines = speed_table([Speed("a", "image", 50.0, 2.0), Speed("b", "title", 5000.0, None)], 200.0).splitlines()
    assert lines[2:] == ["| a | 50.0 images/s | 2.00 | 100 | 50% |", "| b | 5,000 titles/s | | | |"]


def test_pictures_and_titles_are_the_same_every_time(tmp_path):
    (tmp_path / "again").mkdir()
    first, again = write_pictures(tmp_path, 2), write_pictures(tmp_path / "again", 2)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert write_titles(5) == write_titles(5)
    assert len(set(write_titles(50))) == 50


def test_every_encoder_without_a_download_is_measured(tmp_path, capsys):
    names = ("tfidf", "simclr", "aligned")
    main(["--only", *names, "--seconds", "0.1", "--json", str(tmp_path / "speed.json")])
    report = json.loads((tmp_path / "speed.json").read_text())
    assert [speed["encoder"] for speed in report["speeds"]] == list(names)
    assert report["speeds"][1]["gflop_per_item"] == pytest.approx(0.29, abs=0.02)  # ResNet-18 at 64 px
    assert "share of the peak" in capsys.readouterr().out
    assert set(names) < set(builders(write_titles(3)))
