"""Which products a map shows when it cannot show all of them."""

import numpy as np

from core.domain.arrays import AnyArray, IntArray
from core.domain.errors import ShapeError

AT_LEAST = 25
"""Products of every group that are shown, whatever the limit leaves to the others."""


def map_sample(groups: IntArray, limit: int, seed: int) -> IntArray:
    """Draw products so that every group keeps its share of the map, and no small group vanishes from it.

    Each product has one place in one shuffled order: groups that change a little leave most of the sample as it was.

    Args:
        groups: Group of each product; -1 is a group like any other. Shape: (n_products,).
        limit: How many products to draw at most.
        seed: Of the shuffle. The same seed and groups give the same products.

    Returns:
        Positions of the products drawn, rising; all of them where they are no more than the limit. Shape: (n_drawn,).

    Raises:
        ShapeError: If `limit` is below 1.
    """
    if limit < 1:
        raise ShapeError(f"A sample expected at least 1 product, got {limit}.", "Ask for 1 product or more.")
    if len(groups) <= limit:
        return np.arange(len(groups), dtype=np.int64)
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    quotas = _quotas(sizes, limit)
    shuffled = np.random.default_rng(seed).permutation(len(groups))
    by_group = shuffled[np.argsort(inverse[shuffled], kind="stable")]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rank = np.arange(len(groups)) - np.repeat(first, sizes)
    return np.sort(by_group[rank < np.repeat(quotas, sizes)]).astype(np.int64)


def _quotas(sizes: AnyArray, limit: int) -> AnyArray:
    """How many of each group: a few of each first, the rest in proportion, by largest remainder."""
    sure = np.minimum(sizes, min(AT_LEAST, limit // len(sizes)))
    left_over = sizes - sure
    share = (limit - sure.sum()) * left_over / left_over.sum()
    quotas = sure + np.floor(share).astype(np.int64)
    missing = limit - int(quotas.sum())
    quotas[np.argsort(np.floor(share) - share, kind="stable")[:missing]] += 1
    return quotas
