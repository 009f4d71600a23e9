"""Exact nearest neighbours by cosine similarity, in blocks that fit the cache of a small machine."""

import numpy as np

from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import ShapeError

_BLOCK_BYTES = 64 * 2**20


def nearest(query: FloatArray, vectors: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """The k vectors most similar to each query, most similar first; ties by position.

    Args:
        query: What to look for. Shape: (n_queries, n_dimensions).
        vectors: Where to look. Shape: (n_vectors, n_dimensions).
        k: How many to return; all of them where there are fewer.

    Returns:
        Positions in `vectors` and cosine similarities in [-1, 1], 0 for a zero vector.
        Shapes: (n_queries, min(k, n_vectors)) each.

    Raises:
        ShapeError: If the dimensions differ or k is below 1.
    """
    if query.ndim != 2 or vectors.ndim != 2 or query.shape[1] != vectors.shape[1] or k < 1:
        raise ShapeError(
            f"Expected two matrices of one width and k of 1 or more, got {query.shape}, {vectors.shape} and k={k}.",
            "Compare embeddings of one encoder.",
        )
    k = min(k, len(vectors))
    query, vectors = _normalised(query), _normalised(vectors)
    positions = np.empty((len(query), k), dtype=np.int64)
    similarities = np.empty((len(query), k), dtype=np.float32)
    block = max(1, _BLOCK_BYTES // (4 * max(len(vectors), 1)))
    for start in range(0, len(query), block):
        rows = slice(start, start + block)
        positions[rows], similarities[rows] = _top(query[rows] @ vectors.T, k)
    return positions, similarities


def _normalised(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def _top(scores: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
    """Largest k of each row, descending, the first ones among equals. Shape of `scores`: (n_queries, n_vectors)."""
    if k < scores.shape[1]:
        kth = np.partition(scores, -k, axis=1)[:, [-k]]  # (B, N) -> (B, 1)
        above, level = scores > kth, scores == kth
        n_level = k - above.sum(axis=1, keepdims=True)
        chosen = above | (level & (np.cumsum(level, axis=1) <= n_level))
        positions = np.nonzero(chosen)[1].reshape(-1, k)
    else:
        positions = np.tile(np.arange(k), (len(scores), 1))
    found = np.take_along_axis(scores, positions, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    return np.take_along_axis(positions, order, axis=1), np.take_along_axis(found, order, axis=1)
