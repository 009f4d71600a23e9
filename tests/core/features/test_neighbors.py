import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import ShapeError
from core.features import neighbors
from core.features.neighbors import nearest


def slow_nearest(query, vectors, k):
    """One pair at a time."""

    def cosine(a, b):
        lengths = np.linalg.norm(a) * np.linalg.norm(b)
        return float(a @ b / lengths) if lengths else 0.0

    return [sorted(range(len(vectors)), key=lambda i: (-round(cosine(q, vectors[i]), 5), i))[:k] for q in query]


def matrix(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize("k", [1, 5, 40])
def test_neighbours_equal_those_of_a_slow_search(k, monkeypatch):
    monkeypatch.setattr(neighbors, "_BLOCK_BYTES", 4 * 40 * 3)  # three queries at a time
    query, vectors = matrix(10, 6), matrix(40, 6, seed=1)
    positions, similarities = nearest(query, vectors, k)
    assert positions.tolist() == slow_nearest(query, vectors, k)
    assert similarities.dtype == np.float32
    assert (np.diff(similarities, axis=1) <= 0).all()


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12), st.integers(1, 12))
def test_among_equals_the_first_are_taken(kinds, k):
    vectors = np.eye(3, dtype=np.float32)[kinds]
    positions, _ = nearest(np.array([[3, 2, 1]], dtype=np.float32), vectors, k)
    assert positions[0].tolist() == sorted(range(len(kinds)), key=lambda i: (kinds[i], i))[:k]


def test_a_vector_is_its_own_nearest_whatever_its_length():
    vectors = matrix(20, 5) * np.arange(1, 21, dtype=np.float32)[:, None]
    positions, similarities = nearest(vectors, vectors, 1)
    assert positions[:, 0].tolist() == list(range(20))
    np.testing.assert_allclose(similarities, 1, atol=1e-5)


def test_a_zero_vector_is_like_nothing():
    _, similarities = nearest(np.zeros((1, 3), dtype=np.float32), matrix(4, 3), 4)
    assert not similarities.any()


def test_no_more_neighbours_than_there_are():
    assert nearest(matrix(2, 3), matrix(4, 3), 10)[0].shape == (2, 4)
    assert nearest(matrix(2, 3), matrix(0, 3), 10)[0].shape == (2, 0)
    assert nearest(matrix(0, 3), matrix(4, 3), 2)[0].shape == (0, 2)


@pytest.mark.parametrize(("query", "vectors", "k"), [((2, 3), (4, 5), 1), ((2, 3), (4, 3), 0), ((3,), (4, 3), 1)])
def test_what_cannot_be_compared_is_refused(query, vectors, k):
    with pytest.raises(ShapeError):
        nearest(np.ones(query, dtype=np.float32), np.ones(vectors, dtype=np.float32), k)
