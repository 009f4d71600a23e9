import time

import numpy as np
import pytest

from core.domain.errors import ShapeError
from core.features.store import EmbeddingMissingError, FeatureStore


@pytest.fixture
def store(tmp_path):
    return FeatureStore(tmp_path / "features")


def vectors(n, d=4, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def test_vectors_come_back_in_the_order_of_the_keys(store):
    written = vectors(3)
    store.append("tfidf", "1", ["a", "b", "c"], written)
    read = store.read("tfidf", "1", ["c", "a", "c", "b"])
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, written[[2, 0, 2, 1]])


def test_appends_add_up(store):
    written = vectors(5)
    store.append("tfidf", "1", ["a", "b"], written[:2])
    store.append("tfidf", "1", ["c", "d", "e"], written[2:])
    np.testing.assert_array_equal(store.read("tfidf", "1", list("abcde")), written)
    assert store.count("tfidf", "1") == 5


def test_missing_keys_are_named_once_in_order(store):
    assert store.missing("tfidf", "1", ["b", "a", "b"]) == ["b", "a"]
    store.append("tfidf", "1", ["a"], vectors(1))
    assert store.missing("tfidf", "1", ["b", "a", "c", "b"]) == ["b", "c"]


def test_a_key_keeps_its_first_embedding(store):
    first, second = vectors(2), vectors(3, seed=1)
    store.append("tfidf", "1", ["a", "a"], first)
    store.append("tfidf", "1", ["a", "b", "b"], second)
    np.testing.assert_array_equal(store.read("tfidf", "1", ["a", "b"]), [first[0], second[1]])
    assert store.count("tfidf", "1") == 2


@pytest.mark.parametrize("other", [("tfidf", "2"), ("TFIDF", "1"), ("tfid", "f1"), ("clip:A/b c", "1")])
def test_encoders_and_versions_are_kept_apart(store, other):
    store.append("tfidf", "1", ["a"], vectors(1))
    store.append(*other, ["a"], vectors(1, d=7, seed=1))
    np.testing.assert_array_equal(store.read("tfidf", "1", ["a"]), vectors(1))
    assert store.read(*other, ["a"]).shape == (1, 7)


def test_names_with_separators_stay_inside_the_folder(store, tmp_path):
    store.append("hf-text:../../up/böse", "1", ["a"], vectors(1))
    assert [path.name for path in tmp_path.iterdir()] == ["features"]
    assert store.count("hf-text:../../up/böse", "1") == 1


def test_an_unknown_key_is_an_error_that_names_it(store):
    with pytest.raises(EmbeddingMissingError, match="'a'"):
        store.read("tfidf", "1", ["a"])
    store.append("tfidf", "1", ["a"], vectors(1))
    with pytest.raises(EmbeddingMissingError, match="'nowhere'"):
        store.read("tfidf", "1", ["a", "nowhere"])


def test_wrong_shapes_are_refused(store):
    with pytest.raises(ShapeError):
        store.append("tfidf", "1", ["a"], vectors(2))
    with pytest.raises(ShapeError):
        store.append("tfidf", "1", ["a"], np.zeros(4, dtype=np.float32))
    store.append("tfidf", "1", ["a"], vectors(1, d=4))
    with pytest.raises(ShapeError, match="length 4"):
        store.append("tfidf", "1", ["b"], vectors(1, d=5))


def test_nothing_to_append_writes_nothing(store, tmp_path):
    store.append("tfidf", "1", [], vectors(0))
    assert not (tmp_path / "features").exists()


def test_dropped_embeddings_are_gone_and_can_be_written_anew(store, tmp_path):
    store.append("tfidf", "1", ["a"], vectors(1))
    store.append("tfidf", "2", ["a"], vectors(1))
    store.drop("tfidf", "1")
    store.drop("tfidf", "never there")
    assert (store.count("tfidf", "1"), store.count("tfidf", "2")) == (0, 1)
    store.append("tfidf", "1", ["a"], vectors(1, d=9))
    assert store.read("tfidf", "1", ["a"]).shape == (1, 9)


def test_what_a_crash_left_before_its_commit_is_ignored(store, tmp_path):
    store.append("tfidf", "1", ["a"], vectors(1))
    (dataset,) = (tmp_path / "features").iterdir()
    (dataset / "data" / "half-written.lance").write_bytes(b"half")
    store.append("tfidf", "1", ["b"], vectors(1, seed=1))
    assert store.count("tfidf", "1") == 2
    for manifest in (dataset / "_versions").iterdir():
        manifest.unlink()
    (dataset / "_versions").rmdir()  # a first write that never got to its commit
    assert store.missing("tfidf", "1", ["a"]) == ["a"]
    store.append("tfidf", "1", ["a"], vectors(1))
    assert store.count("tfidf", "1") == 1


def test_a_few_of_many_are_read_right(store):
    written = vectors(500)
    keys = [f"k{i}" for i in range(500)]
    store.append("tfidf", "1", keys, written)
    np.testing.assert_array_equal(store.read("tfidf", "1", ["k499", "k3", "k3"]), written[[499, 3, 3]])


def test_a_catalogue_is_read_within_a_second(store):
    written = vectors(35_000, d=512)
    keys = [f"{i:064d}" for i in range(35_000)]
    for start in range(0, 35_000, 4096):
        store.append("simclr", "1", keys[start : start + 4096], written[start : start + 4096])
    started = time.process_time()
    read = store.read("simclr", "1", keys[::-1])
    assert time.process_time() - started < 2  # seconds of two cores
    np.testing.assert_array_equal(read, written[::-1])
