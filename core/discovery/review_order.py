"""What to show a curator next, so that every decision counts for most. Quick enough for a page: NumPy alone."""

from collections.abc import Sequence

import numpy as np

from core.domain.arrays import AnyArray, BoolArray, IntArray
from core.domain.errors import ShapeError

SCREEN = 27
"""Thumbnails on one screen, as the review page draws them."""
N_TYPICAL = 6
"""Of one screen of a cluster: the most typical products say what it is, the others whether that is true of all."""


def mixed_screen(typical_first: IntArray, seed: int, size: int = SCREEN, n_typical: int = N_TYPICAL) -> IntArray:
    """What one screen of a cluster should show: its most typical products, then others of it at random.

    Typical products alone make every cluster look purer than it is: what does not belong lies far from the centre.
    The draw hangs on each product alone: whoever leaves the cluster is replaced by another, and the rest stay.

    Args:
        typical_first: Ids of the cluster's products, most typical first. Shape: (n_members,).
        seed: Draws the others.
        size: Products on a screen.
        n_typical: Of these, the most typical ones.

    Returns:
        All products of a cluster that fits on the screen. Shape: (min(n_members, size),).
    """
    if len(typical_first) <= size:
        return typical_first
    others = typical_first[n_typical:]
    drawn = np.argsort(_lots(others, seed), kind="stable")[: size - n_typical]
    return np.concatenate([typical_first[:n_typical], others[drawn]])


def _lots(ids: IntArray, seed: int) -> AnyArray:
    """A pseudo-random number for each id, the same whoever else is there. Source: SplitMix64, Steele et al. 2014."""
    with np.errstate(over="ignore"):
        mixed = ids.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(seed + 1)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def expected_errors(probabilities: AnyArray) -> AnyArray:
    """Chance that the classifier is wrong about each product: 1 minus its greatest probability.

    Args:
        probabilities: Calibrated, of each kind. Shape: (n_products, n_kinds).

    Returns:
        In [0, 1]. Shape: (n_products,).
    """
    return 1.0 - probabilities.max(axis=1)


def next_cluster(clusters: Sequence[IntArray], probabilities: AnyArray | None) -> int:
    """Which of the clusters nobody looked at should come next: where the classifier expects most of its errors.

    Args:
        clusters: Products of each cluster. Shapes: (n_members,).
        probabilities: What the classifier says; None before it was trained, and the largest cluster comes first.
            Shape: (n_products, n_kinds).

    Returns:
        Index of the cluster; the first of equals.

    Raises:
        ShapeError: If there is no cluster.
    """
    if not clusters:
        raise ShapeError("Expected clusters to choose from, got none.", "Ask while there are open clusters.")
    if probabilities is None:
        return int(np.argmax([len(members) for members in clusters]))
    errors = expected_errors(probabilities)
    return int(np.argmax([errors[members].sum() for members in clusters]))


def hesitant_screen(probabilities: AnyArray, is_open: BoolArray, size: int = SCREEN) -> IntArray:
    """A screen of products on which the classifier hesitates between the same two kinds.

    They can be told apart by two selections, one for each kind, where a screen of the least certain products of all
    kinds takes one for each kind it happens to hold. Of all pairs of kinds, the one with most expected errors on
    its screen is taken.

    Args:
        probabilities: What the classifier says. Shape: (n_products, n_kinds).
        is_open: Products that nobody labelled. Shape: (n_products,).
        size: Products on a screen.

    Returns:
        Open products of one pair of kinds, least certain first; none where all are labelled. Shape: (n,).

    Raises:
        ShapeError: If the lengths differ, or there are fewer than two kinds.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] < 2 or len(probabilities) != len(is_open):
        raise ShapeError(
            f"Expected probabilities of two kinds or more for {len(is_open)} products, got {probabilities.shape}.",
            "Pass one row per product and one column per kind.",
        )
    open_products = np.flatnonzero(is_open)
    errors = expected_errors(probabilities[open_products])
    order = np.argsort(-errors, kind="stable")
    pairs = _pair_of(probabilities[open_products])[order]  # least certain first
    screens = [open_products[order[pairs == pair][:size]] for pair in np.unique(pairs)]
    if not screens:
        return open_products
    return max(screens, key=lambda products: expected_errors(probabilities[products]).sum())


def _pair_of(probabilities: AnyArray) -> IntArray:
    """One number for each unordered pair of the two most probable kinds."""
    two = np.sort(np.argsort(-probabilities, axis=1, kind="stable")[:, :2], axis=1)
    return two[:, 0] * probabilities.shape[1] + two[:, 1]
