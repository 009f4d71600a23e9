"""Whitening brings out what sets single items apart."""

import numpy as np

from core.features.whitening import Whitening


def cosines(vectors: np.ndarray) -> np.ndarray:
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units @ units.T


def test_all_directions_get_the_same_variance_before_rows_are_scaled():
    draw = np.random.default_rng(0)
    vectors = (draw.standard_normal((4000, 5)) * [100, 10, 5, 1, 0.5] + 7).astype(np.float32)
    whitening = Whitening.fit(vectors, 5)
    plain = (vectors - whitening.mean) @ whitening.projection
    np.testing.assert_allclose(np.cov(plain.T), np.eye(5), atol=0.01)
    np.testing.assert_allclose(np.linalg.norm(whitening.apply(vectors), axis=1), 1, atol=1e-5)


def test_items_of_one_kind_are_told_apart_and_copies_are_not():
    draw = np.random.default_rng(1)
    kinds = draw.standard_normal((4, 16)) * 50
    vectors = (np.repeat(kinds, 100, axis=0) + draw.standard_normal((400, 16))).astype(np.float32)
    vectors[1] = vectors[0] + 0.01
    before, after = cosines(vectors), cosines(Whitening.fit(vectors, 16).apply(vectors))
    assert before[0, 2:100].min() > 0.97  # two of one kind look the same
    assert after[0, 2:100].max() < 0.97 < after[0, 1]


def test_too_few_embeddings_give_no_direction():
    assert Whitening.fit(np.ones((3, 8), dtype=np.float32)).apply(np.ones((2, 8), dtype=np.float32)).shape == (2, 0)
    assert Whitening.fit(np.zeros((0, 8), dtype=np.float32)).projection.shape == (8, 0)


def test_equal_embeddings_become_zero_and_not_a_fault():
    whitened = Whitening.fit(np.ones((40, 8), dtype=np.float32)).apply(np.ones((2, 8), dtype=np.float32))
    assert not whitened.any()
