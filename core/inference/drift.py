"""Count what each week brought that no earlier week had: one pass over the products, in any order."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from core.domain.drift import DriftWeek
from core.encoders.ngrams import tokenise

UNSURE_BELOW = 0.5
"""A prediction less sure than this is of low confidence, where the model names no threshold of its own."""
N_SHOWN = 30
"""How many unseen brands and words of a week are kept by name, the most frequent."""
BRANDS, WORDS = "brands", "words"
"""Keys of `DriftWeek.unseen`."""
Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ArrivedProduct:
    """A product as drift sees it.

    `node_id` is where a curator put it, or else the model; a model says nothing of what was settled before it was
    trained. `confidence` is of the model's prediction, None without one. `is_taught` says that the model learned from
    it: how sure it is of such a product says nothing of others.
    """

    platform: str
    created_at: datetime
    title: str
    brand: str
    node_id: str | None = None
    confidence: float | None = None
    is_taught: bool = False


@dataclass(slots=True)
class _Tally:
    """What one platform brought in one week."""

    n_products: int = 0
    n_predicted: int = 0
    n_unsure: int = 0
    n_branded: int = 0
    n_words: int = 0
    categories: Counter[str] = field(default_factory=Counter)


class _Vocabulary:
    """The earliest week of every term, and how often each platform had it in what was its earliest week so far."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._spelling: dict[str, str] = {}
        self._counts: dict[Cell, Counter[str]] = defaultdict(Counter)

    def add(self, term: str, spelling: str, cell: Cell) -> None:
        """Count a term in a platform's week; the spelling of its first mention in its earliest week is kept."""
        week, first = cell[1], self._first.get(term)
        if first is None or week < first:
            self._first[term] = first = week
            if spelling is not term:
                self._spelling[term] = spelling
        if week == first:
            self._counts[cell][term] += 1

    def unseen(self, cell: Cell, yardstick: str) -> Counter[str]:
        """Terms that a platform's week had and no earlier week of any platform, as they are spelt, with their counts.

        Of the yardstick week none is.
        """
        week = cell[1]
        if week == yardstick:
            return Counter()
        counts = self._counts.get(cell, {})
        return Counter({self._spelling.get(term, term): n for term, n in counts.items() if self._first[term] == week})


class DriftCounter:
    """Counts products by platform and ISO week.

    What is unseen depends on the weeks before, so it is settled at the end: until then every term keeps its earliest
    week and the counts of that week alone. Memory grows with the vocabulary, not with the products.

    Args:
        unsure_below: Predictions less sure than this count as unsure, in [0, 1].
    """

    def __init__(self, unsure_below: float = UNSURE_BELOW) -> None:
        self._unsure_below = unsure_below
        self._tallies: dict[Cell, _Tally] = defaultdict(_Tally)
        self._brands, self._words = _Vocabulary(), _Vocabulary()
        self._weeks: dict[date, str] = {}

    def add(self, products: Iterable[ArrivedProduct]) -> None:
        """Count products; each must come once, and in the order of their ids where spellings are to be stable."""
        for product in products:
            cell = product.platform, self._week(product.created_at)
            tally = self._tallies[cell]
            tally.n_products += 1
            if product.node_id is not None:
                tally.categories[product.node_id] += 1
            if product.confidence is not None and not product.is_taught:
                tally.n_predicted += 1
                tally.n_unsure += product.confidence < self._unsure_below
            if brand := tokenise(product.brand):
                tally.n_branded += 1
                self._brands.add(brand, product.brand.strip(), cell)
            words = tokenise(product.title).split()
            tally.n_words += len(words)
            for word in words:
                self._words.add(word, word, cell)

    def weeks(self) -> list[DriftWeek]:
        """What was counted, by week and platform. The first week is the yardstick: nothing of it is unseen."""
        first = min((week for _, week in self._tallies), default="")
        ordered = sorted(self._tallies, key=lambda cell: cell[::-1])
        return [self._drift_week(cell, first) for cell in ordered]

    def _drift_week(self, cell: Cell, yardstick: str) -> DriftWeek:
        tally = self._tallies[cell]
        brands, words = (vocabulary.unseen(cell, yardstick) for vocabulary in (self._brands, self._words))
        return DriftWeek(
            *cell, tally.n_products, tally.n_predicted, tally.n_unsure, tally.n_branded, brands.total(),
            tally.n_words, words.total(), dict(sorted(tally.categories.items())),
            {BRANDS: _most_frequent(brands), WORDS: _most_frequent(words)},
        )  # fmt: skip

    def _week(self, moment: datetime) -> str:
        day = moment.astimezone(UTC).date()
        if day not in self._weeks:
            self._weeks[day] = iso_week(moment)
        return self._weeks[day]


def iso_week(moment: datetime) -> str:
    """The ISO 8601 week of a moment in UTC, such as `2026-W47`; these sort as time goes."""
    year, week, _ = moment.astimezone(UTC).isocalendar()
    return f"{year:04d}-W{week:02d}"


def _most_frequent(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:N_SHOWN])
