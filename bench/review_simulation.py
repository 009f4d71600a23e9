"""A curator who knows the true categories reviews predictions, round by round, in one order or another.

Every round trains on what is labelled by then, predicts the rest, and lets the curator decide so many of the
predictions. The classifiers are the product's linear heads, calibrated by temperature: one on image and title, and one
on the title alone for the text stage. Look-alikes and values are those of the review queue.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.classifier.calibration import fit_temperatures
from core.classifier.flat_classifier import path_class_ids
from core.classifier.label_tree import LabelTree
from core.classifier.linear_head import LinearHead
from core.domain.arrays import DoubleArray, FloatArray, IntArray
from core.inference.look_alikes import LookAlikes, look_alikes
from core.inference.review_value import review_values, wrong_probabilities

SHOWN = 24
"""Look-alikes that a curator sees at once."""
HELD_OUT = 0.2
_VALIDATION = 5
_TINY = 1e-12


class Order(StrEnum):
    """What a curator looks at next, and what becomes of look-alikes."""

    RANDOM = "random"
    LEAST_CERTAIN = "least certain"
    VALUE = "value, one by one"
    VALUE_ALL = "value, applied to all look-alikes"
    VALUE_SEEN = "value, applied to those seen alike"


@dataclass(frozen=True, eq=False)
class World:
    """A catalogue whose true categories are known.

    Attributes:
        image: Embeddings, zero where there is none. Shape: (n_products, d).
        title: Shape: (n_products, d).
        labels: True category of each product. Shape: (n_products,).
        images: What tells images apart, None for none.
        titles: What tells titles apart, None for none.
    """

    image: FloatArray
    title: FloatArray
    labels: IntArray
    images: Sequence[Hashable | None]
    titles: Sequence[Hashable | None]

    @property
    def both(self) -> FloatArray:
        """Image and title side by side."""
        return np.concatenate([self.image, self.title], axis=1)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a review stands.

    Attributes:
        n_looks: Decisions so far; one about a group counts once.
        n_left_out: Look-alikes that the curator took out of groups.
        n_settled: Products decided so far.
        n_settled_wrong: Those of them that went to a wrong category with the rest of their group.
        catalogue: Share of the products without a label at the start that are right, decided or predicted.
        held_out: Share of products never reviewed whose prediction is right.
    """

    n_looks: int
    n_left_out: int
    n_settled: int
    n_settled_wrong: int
    catalogue: float
    held_out: float


def simulate(world: World, order: Order, share_labelled: float, looks: Sequence[int], seed: int) -> list[Point]:
    """Review round by round.

    Args:
        world: The catalogue.
        order: What is looked at next.
        share_labelled: Of the products to review, those whose labels are known at the start, in (0, 1).
        looks: Decisions of each round.
        seed: Of what is held out, what is labelled, and the random order.

    Returns:
        Where it stands before the first round and after each.
    """
    review = _Review(world, share_labelled, seed)
    points = [review.point()]
    for n_looks in looks:
        review.round(order, n_looks)
        points.append(review.point())
    return points


class _Review:
    def __init__(self, world: World, share_labelled: float, seed: int) -> None:
        self._world, self._generator = world, np.random.default_rng(seed)
        places = self._generator.permutation(len(world.labels))
        n_held_out = int(HELD_OUT * len(places))
        self._held_out, pool = places[:n_held_out], places[n_held_out:]
        n_labelled = int(share_labelled * len(pool))
        self._asked = np.sort(pool[n_labelled:])
        self._given = np.full(len(places), -1, dtype=np.int64)
        self._given[pool[:n_labelled]] = world.labels[pool[:n_labelled]]
        self._both = world.both
        self._n_looks = self._n_left_out = 0
        self._train()

    def point(self) -> Point:
        """Where the review stands."""
        given, truth = self._given[self._asked], self._world.labels[self._asked]
        is_settled = given >= 0
        said = np.where(is_settled, given, self._predicted[self._asked])
        n_wrong = int((given[is_settled] != truth[is_settled]).sum())
        unseen = self._predicted[self._held_out] == self._world.labels[self._held_out]
        return Point(self._n_looks, self._n_left_out, int(is_settled.sum()), n_wrong,
                     float((said == truth).mean()), float(unseen.mean()))  # fmt: skip

    def round(self, order: Order, n_looks: int) -> None:
        """Decide so many predictions, and train anew."""
        waiting = self._asked[self._given[self._asked] < 0]
        if order is Order.RANDOM:
            ranked, groups = self._generator.permutation(waiting), None
        elif order is Order.LEAST_CERTAIN:
            ranked, groups = waiting[np.argsort(self._confidence[waiting], kind="stable")], None
        else:
            ranked, groups = self._by_value(waiting)
        n_done = 0
        for row in ranked.tolist():
            if n_done == n_looks:
                break
            if self._given[row] >= 0:
                continue
            n_done += 1
            self._given[row] = self._world.labels[row]
            if groups is not None and order is not Order.VALUE:
                self._settle(row, groups.get(row, []), order)
        self._n_looks += n_done
        self._train()

    def _settle(self, row: int, others: Sequence[int], order: Order) -> None:
        """Put the look-alikes that wait where the one that was looked at went."""
        waiting = [other for other in others if self._given[other] < 0]
        if order is Order.VALUE_SEEN:
            seen = waiting[:SHOWN]
            waiting = [other for other in seen if self._world.labels[other] == self._world.labels[row]]
            self._n_left_out += len(seen) - len(waiting)
        self._given[waiting] = self._world.labels[row]

    def _by_value(self, waiting: IntArray) -> tuple[IntArray, dict[int, list[int]]]:
        """Predictions, the look that is worth most first; and of each leader the others of its group."""
        found = self._look_alikes(waiting)
        p_wrong = wrong_probabilities(
            self._confidence[waiting], self._text_confidence[waiting],
            self._text_predicted[waiting] != self._predicted[waiting],
        )  # fmt: skip
        n_labelled = np.bincount(self._given[self._given >= 0], minlength=self._world.labels.max() + 1)
        values = review_values(p_wrong, found.n_settled(), n_labelled[self._predicted[waiting]])
        members: dict[int, list[int]] = {}
        for row, group in zip(waiting.tolist(), found.group_ids.tolist(), strict=True):
            if group:
                members.setdefault(group, []).append(row)
        # From any member a curator reaches the whole group.
        groups = {row: [other for other in rows if other != row] for rows in members.values() for row in rows}
        return waiting[np.argsort(-values, kind="stable")], groups

    def _look_alikes(self, rows: IntArray) -> LookAlikes:
        vectors = self._both[rows]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        images, titles = ([keys[row] for row in rows] for keys in (self._world.images, self._world.titles))
        return look_alikes(vectors / np.maximum(lengths, _TINY), self._predicted[rows].tolist(), images, titles)

    def _train(self) -> None:
        known = np.flatnonzero(self._given >= 0)
        self._predicted, self._confidence = _predict(self._both, known, self._given)
        self._text_predicted, self._text_confidence = _predict(self._world.title, known, self._given)


def _predict(features: FloatArray, known: IntArray, given: IntArray) -> tuple[IntArray, DoubleArray]:
    """Category and calibrated confidence of every product, by a head trained on those that are known."""
    is_validation = np.arange(len(known)) % _VALIDATION == 0
    train, validation = known[~is_validation], known[is_validation]
    paths = [(f"{label:06d}",) for label in given]
    tree = LabelTree([paths[row] for row in train])
    train_ids, validation_ids = path_class_ids(paths, train, tree), path_class_ids(paths, validation, tree)
    judged = features[validation], validation_ids
    head = LinearHead.fit(features[train], train_ids, len(tree.paths), judged)
    logits = np.log(head.probabilities(features) + _TINY)
    judges = validation_ids >= 0
    temperature = fit_temperatures([logits[validation[judges]]], validation_ids[judges][:, None], tree)[0]
    probabilities = _softmax(logits / temperature)
    labels = np.array([int(path[0]) for path in tree.paths])
    return labels[probabilities.argmax(axis=1)], probabilities.max(axis=1)


def _softmax(logits: FloatArray) -> DoubleArray:
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
