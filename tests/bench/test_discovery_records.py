import numpy as np
import pytest

from bench.discovery_memory import PeakMemory
from bench.discovery_records import Record, RecordCache, current_versions, score_cuts
from core.domain.errors import ShapeError


def _record(seed=0):
    scores = score_cuts({2: np.array([0, 0, 1, -1])}, ["a", "a", "b", "b"])
    return Record("tfidf", "Shoes", seed, 4, 1, 1.5, 0.25, scores, None)


def test_noise_counts_as_wrong_and_not_as_a_cluster():
    (score,) = score_cuts({3: np.array([0, 0, 1, -1])}, ["a", "a", "b", "b"])
    assert (score.k, score.n_clusters, score.purity) == (3, 2, 0.75)


def test_clusters_like_the_truth_score_full():
    (score,) = score_cuts({2: np.array([4, 4, 1, 1])}, ["a", "a", "b", "b"])
    assert score.purity == score.nmi == score.ari == 1


def test_cuts_are_scored_against_as_many_labels():
    with pytest.raises(ShapeError):
        score_cuts({2: np.array([0, 1])}, ["a"])


def test_a_later_run_finds_what_an_earlier_one_measured(tmp_path):
    settings = {"seed": 0, "versions": current_versions()}
    RecordCache(tmp_path / "cells.jsonl").put(settings, [_record()])
    later = RecordCache(tmp_path / "cells.jsonl")
    assert later.get(settings) == [_record()]
    assert later.get({**settings, "seed": 1}) is None


def test_a_line_that_was_cut_off_is_measured_again(tmp_path):
    file_path = tmp_path / "cells.jsonl"
    RecordCache(file_path).put({"seed": 0}, [_record(0)])
    RecordCache(file_path).put({"seed": 1}, [_record(1)])
    file_path.write_text(file_path.read_text()[:-20])
    RecordCache(file_path).put({"seed": 2}, [_record(2)])
    later = RecordCache(file_path)
    assert [later.get({"seed": seed}) for seed in (0, 1, 2)] == [[_record(0)], None, [_record(2)]]


def test_peak_memory_sees_what_was_given_back():
    with PeakMemory() as idle:
        pass
    with PeakMemory() as busy:
        np.ones(20_000_000).sum()  # 0.15 GiB
    assert busy.gib - idle.gib > 0.1
