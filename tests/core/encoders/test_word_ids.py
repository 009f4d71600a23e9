import zlib

import numpy as np
import pytest

from core.classifier.word_path import N_BUCKETS
from core.encoders.word_ids import MAX_WORD_IDS, N_WORD_BUCKETS, word_ids


def bucket(gram: str, n_buckets: int = N_WORD_BUCKETS) -> int:
    return 1 + zlib.crc32(gram.encode()) % (n_buckets - 1)


def test_words_come_before_pairs_in_the_order_of_the_text():
    row = word_ids(["Blue Sipper bottle"])[0]
    expected = [bucket(gram) for gram in ("blue", "sipper", "bottle", "blue sipper", "sipper bottle")]
    assert row[: len(expected)].tolist() == expected
    assert not row[len(expected) :].any()


def test_a_text_without_words_has_no_ids():
    assert not word_ids(["", "  ", "—"]).any()
    assert word_ids([]).shape == (0, MAX_WORD_IDS)


def test_a_word_that_repeats_counts_once():
    row = word_ids(["shoe shoe shoe"])[0]
    assert row[row > 0].tolist() == [bucket("shoe"), bucket("shoe shoe")]


def test_long_texts_keep_their_first_words():
    words = [f"word{number}" for number in range(40)]
    row = word_ids([" ".join(words)], max_ids=10)[0]
    assert row.tolist() == [bucket(word) for word in words[:10]]


@pytest.mark.parametrize("n_buckets", [2, 17, N_WORD_BUCKETS])
def test_ids_stay_within_the_buckets_and_survive_float32(n_buckets):
    ids = word_ids([f"product {number} kind {number % 7}" for number in range(200)], n_buckets)
    assert ids.dtype == np.float32
    assert ids.max() < n_buckets
    assert (ids == ids.astype(np.int64)).all()


def test_spelling_that_the_text_encoder_takes_as_one_gives_the_same_ids():
    assert (word_ids(["Café Crème"]) == word_ids(["café  crème"])).all()


def test_the_classifier_has_a_weight_for_every_id():
    assert N_BUCKETS == N_WORD_BUCKETS
