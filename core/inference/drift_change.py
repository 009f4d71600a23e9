"""Which shares rose and which categories grew, judged so that small numbers raise no alarm. Pure arithmetic."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.domain.drift import DriftWeek
from core.inference.proportions import critical_value, difference_interval, ratio_lower_bound

WEEKS_BEFORE = 8
"""A week is compared with so many before it, taken together."""
FEWEST_PRODUCTS = 30
"""With fewer products on either side nothing is said to have risen."""
LEAST_RISE = 0.02
"""A rise of fewer points is not worth a curator's look, however certain it is."""
FEWEST_GROWN = 10
"""A category that fewer products came to in a week has not grown."""


class Measure(StrEnum):
    """What may drift."""

    UNSURE = "unsure"
    BRANDS = "brands"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A share of one platform in one week against the weeks before.

    Attributes:
        platform: Whose products.
        week: Which week.
        measure: What share.
        share: In that week, in [0, 1].
        share_before: In the weeks before; None where there are none to compare with.
        low: The rise is at least this with 95 % confidence for all shares of the week together; -1 without comparison.
        n_products: That the share is of.
        n_products_before: That the earlier share is of.
        is_against_others: The platform is new: compared with the other platforms' weeks before.
    """

    platform: str
    week: str
    measure: Measure
    share: float
    share_before: float | None
    low: float
    n_products: int
    n_products_before: int
    is_against_others: bool

    @property
    def has_risen(self) -> bool:
        """Whether it certainly rose, and by enough to matter."""
        enough = min(self.n_products, self.n_products_before) >= FEWEST_PRODUCTS
        return enough and self.low > 0 and self.share - (self.share_before or 0.0) >= LEAST_RISE


@dataclass(frozen=True, slots=True)
class GrowingCategory:
    """How much of what came in a week went to a category or below it, against the weeks before.

    `n` of `n_week` predicted or settled products did, and `n_before` of `n_weeks_before`; the share is at least
    `ratio_low` times what it was, with 95 % confidence for all categories together.
    """

    node_id: str
    n: int
    n_week: int
    n_before: int
    n_weeks_before: int
    ratio_low: float

    @property
    def share(self) -> float:
        """Of the week's products, in [0, 1]."""
        return self.n / self.n_week

    @property
    def share_before(self) -> float:
        """Of the products of the weeks before, in [0, 1]."""
        return self.n_before / self.n_weeks_before


def share_changes(weeks: Sequence[DriftWeek], week: str) -> list[ShareChange]:
    """Every platform's shares in a week against up to `WEEKS_BEFORE` of its weeks before.

    A platform that has none is compared with the others. The yardstick week has nothing unseen and is left out for
    brands and words. Words of one title go together, so that a share of words is judged as if each product were one
    draw. As the vocabulary known before grows by the week, unseen words become rarer by themselves: a rise is never
    the product of time alone.

    Args:
        weeks: What was measured, of all platforms.
        week: Which week to judge.

    Returns:
        By platform and measure; shares without products are left out.
    """
    yardstick = min((found.week for found in weeks), default="")
    pairs = [
        (found, measure, *_before(weeks, found, measure, yardstick))
        for found in sorted(weeks, key=lambda found: found.platform)
        for measure in Measure
        if found.week == week and _counts([found], measure)[1] and (measure is Measure.UNSURE or week != yardstick)
    ]
    z = critical_value(sum(bool(_counts(before, measure)[1]) for _, measure, before, _ in pairs))
    return [_change(*pair, z) for pair in pairs]


def growing_categories(
    weeks: Sequence[DriftWeek], week: str, path: Callable[[str], Iterable[str]]
) -> list[GrowingCategory]:
    """Categories whose share of a week's predicted or settled products certainly rose, on all platforms together.

    Args:
        weeks: What was measured, of all platforms.
        week: Which week to judge.
        path: Node id of a prediction → the node and those above it as they are now, without the root.

    Returns:
        The one that grew most certainly first. All levels: a category and the one above it may both be there.
    """
    earlier = sorted({found.week for found in weeks if found.week < week})[-WEEKS_BEFORE:]
    now, n_now = _by_node([found for found in weeks if found.week == week], path)
    before, n_before = _by_node([found for found in weeks if found.week in earlier], path)
    if min(n_now, n_before) < FEWEST_PRODUCTS:
        return []
    candidates = [node_id for node_id, n in now.items() if n >= FEWEST_GROWN]
    z = critical_value(len(candidates))
    found = [
        GrowingCategory(key, now[key], n_now, before[key], n_before,
                        ratio_lower_bound(now[key], n_now, before[key], n_before, z))
        for key in candidates
    ]  # fmt: skip
    return sorted((one for one in found if one.ratio_low > 1.0), key=lambda one: (-one.ratio_low, one.node_id))


def newest_telling_week(weeks: Sequence[DriftWeek]) -> str | None:
    """The newest week with enough products to say something, after the yardstick; None where there is none."""
    totals: Counter[str] = Counter()
    for found in weeks:
        totals[found.week] += found.n_products
    later = sorted(totals)[1:]
    telling = [week for week in later if totals[week] >= FEWEST_PRODUCTS]
    return (telling or later or [None])[-1]


def _before(
    weeks: Sequence[DriftWeek], found: DriftWeek, measure: Measure, yardstick: str
) -> tuple[list[DriftWeek], bool]:
    """The weeks to compare with, and whether they are those of other platforms."""
    earlier = [one for one in weeks if one.week < found.week and (measure is Measure.UNSURE or one.week != yardstick)]
    own = [one for one in earlier if one.platform == found.platform]
    is_new = not any(one.platform == found.platform and one.week < found.week for one in weeks)
    kept = sorted({one.week for one in (earlier if is_new else own)})[-WEEKS_BEFORE:]
    return [one for one in (earlier if is_new else own) if one.week in kept], is_new


def _change(
    found: DriftWeek, measure: Measure, before: Sequence[DriftWeek], is_against_others: bool, z: float
) -> ShareChange:
    hits, of, n = _counts([found], measure)
    hits_before, of_before, n_before = _counts(before, measure)
    share, low, share_before = hits / of, -1.0, None
    if of_before:
        share_before = hits_before / of_before
        low, _ = difference_interval(share * n, n, share_before * n_before, n_before, z)
    return ShareChange(found.platform, found.week, measure, share, share_before, low, n, n_before, is_against_others)


def _counts(weeks: Iterable[DriftWeek], measure: Measure) -> tuple[int, int, int]:
    """Hits, what they are a share of, and how many products that comes from."""
    fields = {
        Measure.UNSURE: ("n_unsure", "n_predicted", "n_predicted"),
        Measure.BRANDS: ("n_unseen_brands", "n_branded", "n_branded"),
        Measure.WORDS: ("n_unseen_words", "n_words", "n_products"),
    }[measure]
    found = list(weeks)
    return tuple(sum(getattr(week, name) for week in found) for name in fields)


def _by_node(weeks: Iterable[DriftWeek], path: Callable[[str], Iterable[str]]) -> tuple[Counter[str], int]:
    counts: Counter[str] = Counter()
    total = 0
    for week in weeks:
        for node_id, n in week.categories.items():
            counts.update(dict.fromkeys(path(node_id), n))
            total += n
    return counts, total
