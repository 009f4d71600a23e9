"""Find similar: the products of the whole catalogue nearest to some of them, by image and title."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import AppError
from core.services.context import Context
from core.services.embedding_space import EmbeddingSpace, Modality, load_space, space_state

MAX_FOUND = 500
WEIGHTS = {Modality.IMAGE: 1.0, Modality.TITLE: 0.5}
"""Shares of the modalities in a similarity: those of a discovery, squared, as it scales vectors and not products."""

_KEPT = 32


class NothingEncodedError(AppError):
    """No embedding to compare products by."""


@dataclass(frozen=True, slots=True)
class SimilarProducts:
    """What was found, most similar first.

    Attributes:
        product_ids: Without those asked for.
        similarities: One per product, at most 1.
        note: Which products could not be compared, for people; '' where all were.
    """

    product_ids: tuple[int, ...]
    similarities: tuple[float, ...]
    note: str


def similar_products(context: Context, product_ids: Sequence[int], limit: int = MAX_FOUND) -> SimilarProducts:
    """Nearest neighbours of the mean of some products. Two products are compared by what both of them have.

    Args:
        context: The open workspace.
        product_ids: What to look for; they are not among what is found.
        limit: How many to return.

    Raises:
        NothingEncodedError: If none of the products was encoded.
    """
    return _find(context, tuple(product_ids), limit, space_state(context))


@lru_cache(maxsize=_KEPT)
def _find(context: Context, product_ids: tuple[int, ...], limit: int, _state: tuple[object, ...]) -> SimilarProducts:
    spaces = {modality: load_space(context, modality) for modality in Modality}
    catalogue = spaces[Modality.IMAGE].product_ids
    sums, weights = np.zeros(len(catalogue), dtype=np.float32), np.zeros(len(catalogue), dtype=np.float32)
    for modality, space in spaces.items():
        query = _mean_of(space, product_ids)
        if query is not None:
            known = space.rows >= 0
            sums[known] += WEIGHTS[modality] * (space.vectors @ query)[space.rows[known]]
            weights[known] += WEIGHTS[modality]
    if not weights.any():
        raise NothingEncodedError(
            "None of these products was encoded yet, so there is nothing to compare them by.",
            "Run Discover on their category, or Retrain: both encode the products they look at.",
        )
    scores = np.where(weights > 0, sums / np.maximum(weights, 1e-9), -np.inf)
    scores[np.isin(catalogue, np.asarray(product_ids, dtype=np.int64))] = -np.inf
    best = _largest(scores, limit)
    return SimilarProducts(
        tuple(catalogue[best].tolist()), tuple(scores[best].tolist()), _note(int((weights > 0).sum()), len(catalogue))
    )


def _mean_of(space: EmbeddingSpace, product_ids: Sequence[int]) -> FloatArray | None:
    """Mean direction of those products that have an embedding; None where none has. Shape: (n_dimensions,)."""
    rows = space.rows_of(product_ids)
    rows = rows[rows >= 0]
    if len(rows) == 0:
        return None
    mean = space.vectors[rows].mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / length if length > 0 else None


def _largest(scores: FloatArray, limit: int) -> IntArray:
    """Positions of the largest finite scores, descending, the first ones among equals."""
    candidates = np.flatnonzero(np.isfinite(scores))
    if len(candidates) > limit:
        least = np.partition(scores[candidates], -limit)[-limit]
        candidates = candidates[scores[candidates] >= least]
    return candidates[np.argsort(-scores[candidates], kind="stable")][:limit]


def _note(n_compared: int, n_products: int) -> str:
    if n_compared == n_products:
        return ""
    return f"Looked among the {n_compared:,} of {n_products:,} products that were encoded so far."
