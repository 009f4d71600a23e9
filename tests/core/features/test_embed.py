from pathlib import Path

import numpy as np
import pytest

from core.domain.errors import ImageError, JobCancelledError
from core.domain.progress import NullProgress
from core.features import embed
from core.features.embed import embed_images, embed_texts, text_key
from core.features.store import FeatureStore


class CharacterCounter:
    """A deterministic encoder of texts or paths that remembers what it was asked."""

    name, n_dimensions = "characters", 3

    def __init__(self, version="1"):
        self.version, self.asked = version, []

    def encode(self, items, progress):
        self.asked.append([str(item) for item in items])
        progress.report(0.5, "half")
        return np.array([[len(str(item)), sum(map(ord, str(item))), 1] for item in items], dtype=np.float32)


class Reports:
    def __init__(self, cancel_at=2.0):
        self.fractions, self.cancel_at = [], cancel_at

    def report(self, fraction, message="", **metrics):
        self.fractions.append(fraction)
        if fraction >= self.cancel_at:
            raise JobCancelledError


@pytest.fixture
def store(tmp_path):
    return FeatureStore(tmp_path)


def test_texts_are_embedded_in_order_and_each_once(store):
    encoder = CharacterCounter()
    embeddings = embed_texts(store, encoder, ["bb", "a", "bb"], NullProgress())
    assert encoder.asked == [["bb", "a"]]
    assert embeddings[:, 0].tolist() == [2, 1, 2]


def test_only_missing_texts_are_encoded_later(store):
    embed_texts(store, CharacterCounter(), ["a", "b"], NullProgress())
    encoder = CharacterCounter()
    embed_texts(store, encoder, ["b", "c", "a"], NullProgress())
    assert encoder.asked == [["c"]]


def test_another_version_is_encoded_anew(store):
    embed_texts(store, CharacterCounter("1"), ["a"], NullProgress())
    encoder = CharacterCounter("2")
    embed_texts(store, encoder, ["a"], NullProgress())
    assert encoder.asked == [["a"]]


def test_texts_that_differ_in_spacing_or_unicode_form_only_are_one():
    assert text_key("  Café\tshoes\n") == text_key("Cafe\u0301 shoes")
    assert text_key("cafe shoes") != text_key("café shoes")
    assert text_key("\ud800") != text_key("")


def test_the_encoder_sees_the_text_that_the_key_stands_for(store):
    encoder = CharacterCounter()
    embed_texts(store, encoder, ["a  b", "a b "], NullProgress())
    assert encoder.asked == [["a b"]]


def test_a_cancelled_run_keeps_what_it_encoded(store, monkeypatch):
    monkeypatch.setattr(embed, "_TEXT_CHUNK", 10)
    texts = [f"text {n}" for n in range(40)]
    with pytest.raises(JobCancelledError):
        embed_texts(store, CharacterCounter(), texts, Reports(cancel_at=0.6))
    assert store.count("characters", "1") == 20
    encoder = CharacterCounter()
    embed_texts(store, encoder, texts, NullProgress())
    assert [len(chunk) for chunk in encoder.asked] == [10, 10]


def test_progress_only_goes_forward_and_ends_at_one(store, monkeypatch):
    monkeypatch.setattr(embed, "_TEXT_CHUNK", 10)
    progress = Reports()
    embed_texts(store, CharacterCounter(), [f"text {n}" for n in range(25)], progress)
    assert progress.fractions == sorted(progress.fractions)
    assert (progress.fractions[0], progress.fractions[-1]) == (0, 1)


def test_nothing_gives_an_empty_matrix(store):
    assert embed_texts(store, CharacterCounter(), [], NullProgress()).shape == (0, 3)
    assert embed_images(store, CharacterCounter(), {}, [], NullProgress()).shape == (0, 3)


def test_images_are_embedded_by_content_hash(store):
    images = {"hash-a": Path("a.jpg"), "hash-b": Path("bb.jpg"), "unused": Path("c.jpg")}
    encoder = CharacterCounter()
    embeddings = embed_images(store, encoder, images, ["hash-b", "hash-a", "hash-b"], NullProgress())
    assert encoder.asked == [["bb.jpg", "a.jpg"]]
    assert embeddings[:, 0].tolist() == [6, 5, 6]
    moved = {"hash-a": Path("elsewhere.jpg")}
    embed_images(store, encoder, moved, ["hash-a"], NullProgress())
    assert len(encoder.asked) == 1


def test_a_hash_without_a_file_says_which(store):
    with pytest.raises(ImageError, match="hash-a"):
        embed_images(store, CharacterCounter(), {}, ["hash-a"], NullProgress())
