"""What a simulated curator has before him: he sees only what he looks at, and every act is counted and scored."""

from dataclasses import dataclass, field

import numpy as np

from core.discovery.review_order import SCREEN
from core.domain.arrays import BoolArray, IntArray
from core.domain.errors import ShapeError

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Point:
    """Where things stood after a decision: shares of all products, each in [0, 1].

    `by_names`: right by the name of their cluster or by their own label. `by_classifier`: right by their own label,
    else by the classifier's latest prediction, else by the name of their cluster.
    """

    n_decisions: int
    by_names: float
    by_classifier: float


@dataclass(slots=True)
class Desk:
    """The truth behind a curtain, and the books of what was decided.

    A policy calls `look` and learns the kinds of at most one screen of products; it may act on a single product only
    after it was looked at. The truth of all products is read here alone, to score what was decided.

    Attributes:
        truth: True kind of each product, from 0. Shape: (n_products,).
        named: Kind of each product by the name of its cluster, -1 where none. Shape: (n_products,).
        labelled: Kind of each product by its own label, -1 where none. Shape: (n_products,).
        predicted: Kind of each product by the classifier, -1 before the first training. Shape: (n_products,).
        seen: Whether it was looked at. Shape: (n_products,).
        known: Kinds that have a name so far.
        counts: Decisions by act.
        n_screens: Screens looked at.
        curve: One point per decision, the first before any.
    """

    truth: IntArray
    named: IntArray = field(init=False)
    labelled: IntArray = field(init=False)
    predicted: IntArray = field(init=False)
    seen: BoolArray = field(init=False)
    known: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    n_screens: int = 0
    curve: list[Point] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.named, self.labelled, self.predicted = (np.full(len(self.truth), UNKNOWN, np.int64) for _ in range(3))
        self.seen = np.zeros(len(self.truth), dtype=bool)
        self._note()

    @property
    def n_decisions(self) -> int:
        """Decisions so far."""
        return sum(self.counts.values())

    def look(self, positions: IntArray) -> IntArray:
        """Show some products on one screen. Looking is no decision.

        Args:
            positions: At most `SCREEN` products. Shape: (n,).

        Returns:
            Their true kinds. Shape: (n,).

        Raises:
            ShapeError: If they do not fit on a screen.
        """
        if len(positions) > SCREEN:
            raise ShapeError(f"A screen shows {SCREEN} products, got {len(positions)}.", "Look at fewer at a time.")
        self.seen[positions] = True
        self.n_screens += 1
        return self.truth[positions]

    def split(self) -> None:
        """Cut a cluster into the parts below it; they keep its name until they get their own."""
        self._decide("split")

    def name(self, positions: IntArray, kind: int) -> None:
        """Name a cluster. Clusters of one name are one category, so this also merges."""
        self.named[positions] = kind
        self.known.add(kind)
        self._decide("name")

    def move(self, positions: IntArray, kind: int) -> None:
        """Put a selection of products of one screen under a kind; a kind without a name has to be named first.

        Raises:
            ShapeError: If more than a screen is selected, or something not looked at.
        """
        if len(positions) > SCREEN:
            raise ShapeError(f"A selection holds {SCREEN} products, got {len(positions)}.", "Select on one screen.")
        self._check_seen(positions)
        if kind not in self.known:
            self.known.add(kind)
            self._decide("name")
        self.labelled[positions] = kind
        self._decide("move")

    def label(self, position: int, kind: int) -> None:
        """Label one product.

        Raises:
            ShapeError: If it was not looked at.
        """
        self._check_seen(np.array([position]))
        self.known.add(kind)
        self.labelled[position] = kind
        self._decide("label")

    def leave(self, positions: IntArray) -> None:
        """Note what the curator saw and left under the name he gave: part of naming, no decision of its own.

        Raises:
            ShapeError: If something was not looked at.
        """
        self._check_seen(positions)
        self.labelled[positions] = self.named[positions]

    def predict(self, kinds: IntArray) -> None:
        """Put up what the classifier says now; the last point of the curve is scored again."""
        self.predicted = kinds
        self.curve[-1] = self._point()

    def answers(self) -> IntArray:
        """Kind of each product by its own label, else by the name of its cluster. Shape: (n_products,)."""
        return np.where(self.labelled >= 0, self.labelled, self.named)

    def _decide(self, act: str) -> None:
        self.counts[act] = self.counts.get(act, 0) + 1
        self._note()

    def _note(self) -> None:
        self.curve.append(self._point())

    def _point(self) -> Point:
        by_names = self.answers()
        by_classifier = np.where((self.labelled < 0) & (self.predicted >= 0), self.predicted, by_names)
        shares = [float((kinds == self.truth).mean()) for kinds in (by_names, by_classifier)]
        return Point(self.n_decisions, *shares)

    def _check_seen(self, positions: IntArray) -> None:
        if not self.seen[positions].all():
            raise ShapeError("A product was labelled that nobody looked at.", "Look at it first.")
