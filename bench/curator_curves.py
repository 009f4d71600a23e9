"""Curves of products labelled right against decisions, over seeds, and where they cross a mark."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.curator_desk import Desk
from core.domain.arrays import DoubleArray


@dataclass(frozen=True, slots=True)
class Crossing:
    """Decisions at which a curve first reaches a mark, and from which on it holds it; None where it does not."""

    reached: int | None
    held: int | None


def mean_curve(desks: Sequence[Desk], measure: str, n_decisions: int) -> DoubleArray:
    """Mean share of products labelled right after 0, 1, 2, … decisions.

    Args:
        desks: One for each seed. A desk whose curator stopped earlier keeps its last share.
        measure: `by_names` or `by_classifier`, see `Point`.
        n_decisions: Length of the curve.

    Returns:
        Shape: (n_decisions + 1,).
    """
    grid = np.arange(n_decisions + 1)
    curves = []
    for desk in desks:
        at = np.array([point.n_decisions for point in desk.curve])
        shares = np.array([getattr(point, measure) for point in desk.curve])
        curves.append(shares[np.searchsorted(at, grid, side="right") - 1])
    return np.mean(curves, axis=0)


def crossing(curve: DoubleArray, mark: float) -> Crossing:
    """Where a curve reaches a mark.

    Args:
        curve: Share after 0, 1, 2, … decisions. Shape: (n,).
        mark: A share.
    """
    is_above = curve >= mark
    if not is_above.any():
        return Crossing(None, None)
    below = np.flatnonzero(~is_above)
    held = int(below[-1]) + 1 if len(below) else 0
    return Crossing(int(np.argmax(is_above)), held if held < len(curve) else None)


def share_after(curve: DoubleArray, n_decisions: int) -> float:
    """Share of products labelled right after so many decisions; the last share of a shorter curve."""
    return float(curve[min(n_decisions, len(curve) - 1)])
