"""How much speaks for another discovery in a category, as a number and in sentences. Pure arithmetic."""

from dataclasses import dataclass
from math import prod

from core.inference.drift_change import GrowingCategory
from core.inference.proportions import wilson_interval

FEWEST_SEEN = 10
"""Of fewer decisions or predictions no share is told: even by its lower bound, two mistakes of two would be a third."""
LEAST_CORRECTED = 0.1
"""Below this lower bound of the corrected share, corrections are taken for ordinary mistakes."""
LEAST_GROWTH = 1.2
"""A share has to be at least so many times as large as before."""
LEAST_MORE_UNSURE = 0.05
"""Predictions have to be unsure by at least so many points more often than in the whole catalogue."""
FEWEST_UNSORTED = 30
"""Fewer products directly at a category that has subcategories are sorted by hand."""
WEIGHT_UNSORTED = 0.5
"""Products that nobody sorted yet say less than mistakes do."""
MARKEDLY = 2.0
"""A score is markedly worse than another when its odds are so many times as high."""
_ALL_BUT_CERTAIN = 0.999


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a category and all below it since its last discovery.

    Attributes:
        n_products: In it and below it, also from before.
        n_decided: Predictions that a curator accepted or corrected.
        n_corrected: Those among them that were wrong.
        n_predicted: By the active model.
        n_unsure: Those of low confidence.
        n_unsorted: Products directly at it; of interest where it has subcategories.
        n_subcategories: Directly below it.
        was_discovered: Whether there was a discovery of it, or of a category above it.
        growth: Of its share of new products, where it certainly grew.
        growth_week: The week that grew.
    """

    n_products: int
    n_decided: int = 0
    n_corrected: int = 0
    n_predicted: int = 0
    n_unsure: int = 0
    n_unsorted: int = 0
    n_subcategories: int = 0
    was_discovered: bool = False
    growth: GrowingCategory | None = None
    growth_week: str = ""


def worth(evidence: Evidence, share_unsure: float) -> tuple[float, tuple[str, ...]]:
    """How much speaks for another discovery.

    Each kind of evidence counts by its lower bound at 95 %, so that one correction of one decision weighs little.
    Decided predictions were mostly chosen for being doubtful: their share of mistakes compares categories, it does not
    say how good the model is. The kinds are put together as if independent: the score is one less the product of what
    each leaves open, so that a second reason adds and nothing exceeds 1.

    Args:
        evidence: Of the category.
        share_unsure: Of all predictions of the model, in [0, 1]: only what is above it counts.

    Returns:
        A score in [0, 1], 0 where nothing speaks for it; and the reasons, the strongest first.
    """
    parts = [_corrected(evidence), _growth(evidence), _unsure(evidence, share_unsure), _unsorted(evidence)]
    found = sorted(((weight, said) for weight, said in parts if weight > 0), key=lambda part: -part[0])
    return 1.0 - prod(1.0 - weight for weight, _ in found), tuple(said for _, said in found)


def is_markedly_worse(score: float, before: float) -> bool:
    """Whether what speaks for a discovery grew enough to ask again about one that was turned down."""
    return _odds(score) >= MARKEDLY * _odds(before)


def _corrected(evidence: Evidence) -> tuple[float, str]:
    low, _ = wilson_interval(evidence.n_corrected, evidence.n_decided)
    said = f"{evidence.n_corrected:,} of {evidence.n_decided:,} decided predictions were corrected."
    is_told = evidence.n_decided >= FEWEST_SEEN and low >= LEAST_CORRECTED
    return (low if is_told else 0.0), said


def _growth(evidence: Evidence) -> tuple[float, str]:
    growth = evidence.growth
    if growth is None or growth.ratio_low < LEAST_GROWTH:
        return 0.0, ""
    week, times = evidence.growth_week.partition("-W")[2], f"{growth.ratio_low:.1f}"
    said = (f"It grew from {_percent(growth.share_before)} to {_percent(growth.share)} of new products "
            f"({growth.n:,} in week {week.lstrip('0')}), at least {times} times as much.")  # fmt: skip
    return 1.0 - 1.0 / growth.ratio_low, said


def _unsure(evidence: Evidence, share_unsure: float) -> tuple[float, str]:
    low, _ = wilson_interval(evidence.n_unsure, evidence.n_predicted)
    more = low - share_unsure
    share = evidence.n_unsure / max(evidence.n_predicted, 1)
    said = (f"{evidence.n_unsure:,} of {evidence.n_predicted:,} predictions are unsure: {_percent(share)}, "
            f"against {_percent(share_unsure)} in the whole catalogue.")  # fmt: skip
    is_told = evidence.n_predicted >= FEWEST_SEEN and more >= LEAST_MORE_UNSURE
    return (more if is_told else 0.0), said


def _unsorted(evidence: Evidence) -> tuple[float, str]:
    n = evidence.n_unsorted
    if not evidence.n_subcategories or n < FEWEST_UNSORTED:
        return 0.0, ""
    low, _ = wilson_interval(n, max(evidence.n_products, n))
    came = " that came since its last discovery" if evidence.was_discovered else ""
    kinds = f"{evidence.n_subcategories} subcategories" if evidence.n_subcategories > 1 else "one subcategory"
    where = f"in none of its {kinds}" if evidence.n_subcategories > 1 else f"not in its {kinds}"
    return WEIGHT_UNSORTED * low, f"{n:,} products{came} are {where}."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else "under 1 %"


def _odds(score: float) -> float:
    kept = min(max(score, 0.0), _ALL_BUT_CERTAIN)
    return kept / (1.0 - kept)
