"""How a simulated curator goes about it. Every policy is what a person could do with what the screen shows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.curator_case import Case
from bench.curator_classifier import Classifier
from bench.curator_clusters import Clusters, DiscoveredClusters, KMeansClusters
from bench.curator_desk import UNKNOWN, Desk
from core.discovery.review_order import (
    N_TYPICAL,
    SCREEN,
    expected_errors,
    hesitant_screen,
    mixed_screen,
    next_cluster,
)
from core.domain.arrays import DoubleArray, IntArray

SMALLEST_SELECTION = 4
"""Fewer products of another kind are not worth an act while there are clusters to name."""
SMALLEST_QUEUE_SELECTION = 2
SMALLEST_SPLIT = 2 * SCREEN
"""A cluster of fewer products is not split."""
BATCH, BATCH_SHARE = 5, 0.05
"""One by one, so many products are labelled between two trainings: five, or this share of the labels so far."""


@dataclass(slots=True)
class Session:
    """One curator at one desk.

    `budget` is the number of decisions after which he stops, `n_typical` how many of a screen of a cluster are its
    most typical products; the others are drawn at random.
    """

    case: Case
    desk: Desk
    classifier: Classifier
    generator: np.random.Generator
    budget: int
    n_typical: int = N_TYPICAL

    @property
    def is_over(self) -> bool:
        """Whether the budget is spent."""
        return self.desk.n_decisions >= self.budget


Policy = Callable[[Session], None]


def simulate(case: Case, policy: Policy, budget: int, from_names: bool = False, n_typical: int = N_TYPICAL) -> Desk:
    """Let a curator work.

    Args:
        case: What he works on; its seed decides every sample.
        policy: How he works.
        budget: After about so many decisions he stops; an act begun is finished.
        from_names: Whether the classifier learns from all products of a named cluster, seen or not.
        n_typical: How many of a screen of a cluster are its most typical products; the others are random.

    Returns:
        The desk with its curve.
    """
    desk = Desk(case.truth)
    policy(Session(case, desk, Classifier(case, from_names), np.random.default_rng(case.seed), budget, n_typical))
    return desk


def discovered_names(session: Session) -> None:
    """Name the product's clusters, then split the most mixed and name the parts."""
    _name_and_split(session, DiscoveredClusters(session.case))


def kmeans_names(session: Session) -> None:
    """The same on clusters of K-Means."""
    _name_and_split(session, KMeansClusters(session.case))


def discovered_screens(session: Session) -> None:
    """Name the product's clusters, then go through screens on which the classifier hesitates."""
    _survey(session, DiscoveredClusters(session.case))
    hesitant_screens(session)


def kmeans_screens(session: Session) -> None:
    """The same on clusters of K-Means."""
    _survey(session, KMeansClusters(session.case))
    hesitant_screens(session)


def discovered_singles(session: Session) -> None:
    """Name the product's clusters, then label the least certain products one by one."""
    _survey(session, DiscoveredClusters(session.case))
    least_certain_singles(session)


def hesitant_screens(session: Session) -> None:
    """Screens between two kinds, each put right by selections; random screens before the classifier knows two."""
    probabilities = session.classifier.update(session.desk)
    while not session.is_over and (is_open := session.desk.labelled == UNKNOWN).any():
        if probabilities is None:
            unlabelled = np.flatnonzero(is_open)
            shown = session.generator.choice(unlabelled, min(SCREEN, len(unlabelled)), replace=False)
        else:
            shown = hesitant_screen(probabilities, is_open)
        _select_all(session.desk, shown)
        probabilities = session.classifier.update(session.desk)


def random_singles(session: Session) -> None:
    """Label products drawn at random, one by one."""
    _singles(session, lambda unlabelled, _: session.generator.permutation(unlabelled))


def least_certain_singles(session: Session) -> None:
    """Label the products the classifier is least certain of, one by one; random ones before it knows two kinds."""

    def order(unlabelled: IntArray, probabilities: DoubleArray | None) -> IntArray:
        if probabilities is None:
            return session.generator.permutation(unlabelled)
        return unlabelled[np.argsort(-expected_errors(probabilities[unlabelled]), kind="stable")]

    _singles(session, order)


def _singles(session: Session, order: Callable[[IntArray, DoubleArray | None], IntArray]) -> None:
    desk = session.desk
    probabilities = session.classifier.update(desk)
    while not session.is_over and (is_open := desk.labelled == UNKNOWN).any():
        n_labelled = int((~is_open).sum())
        queue = order(np.flatnonzero(is_open), probabilities)[: max(BATCH, int(BATCH_SHARE * n_labelled))]
        for position in queue[: session.budget - desk.n_decisions]:
            desk.label(int(position), int(desk.look(np.array([position]))[0]))
        probabilities = session.classifier.update(desk)


def _survey(session: Session, clusters: Clusters) -> list[tuple[IntArray, float]]:
    """Look at one screen of every suggested cluster and settle it. Returns each with its share of other kinds."""
    waiting, done = clusters.first(), []
    while waiting and not session.is_over:
        members = waiting.pop(next_cluster(waiting, session.classifier.probabilities))
        done.append((members, _settle(session, clusters, members)))
        session.classifier.update(session.desk)
    return done


def _name_and_split(session: Session, clusters: Clusters) -> None:
    """Split where size times the share of other kinds on the screen is greatest, and settle both parts."""
    waiting = _survey(session, clusters)
    while waiting and not session.is_over:
        members, impurity = waiting.pop(int(np.argmax([len(group) * share for group, share in waiting])))
        parts = clusters.parts(members) if impurity > 0 and len(members) >= SMALLEST_SPLIT else []
        if len(parts) < 2:
            continue
        session.desk.split()
        waiting += [(part, _settle(session, clusters, part)) for part in parts]
        session.classifier.update(session.desk)


def _settle(session: Session, clusters: Clusters, members: IntArray) -> float:
    """Name a cluster after the majority of its screen, move what is plainly of another kind; share of other kinds."""
    desk = session.desk
    shown = mixed_screen(clusters.typical_first(members), session.case.seed, SCREEN, session.n_typical)
    kinds = desk.look(shown)
    counts = np.bincount(kinds)
    name = int(counts.argmax())
    if (desk.named[members] != name).any():
        desk.name(members, name)
    for kind in np.argsort(-counts, kind="stable").tolist():
        if kind != name and counts[kind] >= SMALLEST_SELECTION:
            desk.move(shown[kinds == kind], kind)
    desk.leave(shown[kinds == name])
    return 1 - counts[name] / len(shown)


def _select_all(desk: Desk, shown: IntArray) -> None:
    """Put one screen of the classifier's queue right: one selection for each kind that is on it more than once."""
    kinds = desk.look(shown)
    found, counts = np.unique(kinds, return_counts=True)
    smallest = min(SMALLEST_QUEUE_SELECTION, int(counts.max()))
    for index in np.argsort(-counts, kind="stable"):
        if counts[index] >= smallest:
            desk.move(shown[kinds == found[index]], int(found[index]))
