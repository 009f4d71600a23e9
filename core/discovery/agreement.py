"""How far curators agree beyond what chance alone would give."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.domain.errors import ShapeError

Ratings = Mapping[str, Mapping[int, Hashable]]
"""Rater → item → the label the rater gave it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far raters agree. `n_items`: those that at least two of them rated; `kappa` None where it is not defined."""

    n_items: int
    observed: float
    kappa: float | None
    raters: tuple[str, ...]


def observed_agreement(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Share of items to which two raters gave the same label.

    Args:
        first: Labels of one rater. Shape: (n_items,).
        second: Labels of the other, same order. Shape: (n_items,).

    Returns:
        A fraction in [0, 1].

    Raises:
        ShapeError: If the lengths differ or there are no items.
    """
    table = _confusion(first, second)
    return float(np.trace(table) / table.sum())


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Agreement of two raters beyond chance: 1 is perfect, 0 what chance would give, below 0 worse than chance.

    Args:
        first: Labels of one rater. Shape: (n_items,).
        second: Labels of the other, same order. Shape: (n_items,).

    Returns:
        Kappa in [-1, 1]; None where both gave one and the same label to everything: chance would do so, too.

    Raises:
        ShapeError: If the lengths differ or there are no items.

    Source:
        Cohen 1960, A coefficient of agreement for nominal scales, https://doi.org/10.1177/001316446002000104
    """
    table = _confusion(first, second)
    n_items = int(table.sum())
    by_chance = int(table.sum(axis=0) @ table.sum(axis=1))  # times n_items²; whole numbers, so that 1 is met exactly
    if by_chance == n_items**2:
        return None
    return float((np.trace(table) * n_items - by_chance) / (n_items**2 - by_chance))


def pairwise_agreement(ratings: Ratings) -> Agreement | None:
    """Agreement of any number of raters: the mean over all pairs of them, each on the items both rated.

    Args:
        ratings: Rater → item → label.

    Returns:
        None where no two raters share an item. Pairs whose kappa is not defined are left out of its mean.
    """
    observed: list[float] = []
    kappas: list[float] = []
    items: set[int] = set()
    raters: set[str] = set()
    for one, other in combinations(sorted(ratings), 2):
        shared = sorted(ratings[one].keys() & ratings[other].keys())
        if not shared:
            continue
        first, second = ([ratings[rater][item] for item in shared] for rater in (one, other))
        observed.append(observed_agreement(first, second))
        kappa = cohen_kappa(first, second)
        kappas.extend([] if kappa is None else [kappa])
        items.update(shared)
        raters.update((one, other))
    if not observed:
        return None
    mean_kappa = float(np.mean(kappas)) if kappas else None
    return Agreement(len(items), float(np.mean(observed)), mean_kappa, tuple(sorted(raters)))


def _confusion(first: Sequence[Hashable], second: Sequence[Hashable]) -> np.ndarray:
    if len(first) != len(second) or not first:
        raise ShapeError(
            f"Two raters of the same items expected, got {len(first)} and {len(second)} labels.",
            "Compare raters on what both rated.",
        )
    codes = {label: code for code, label in enumerate(dict.fromkeys([*first, *second]))}
    n_labels = len(codes)
    cells = [codes[one] * n_labels + codes[other] for one, other in zip(first, second, strict=True)]
    return np.bincount(cells, minlength=n_labels**2).reshape(n_labels, n_labels)  # (n_labels, n_labels)
