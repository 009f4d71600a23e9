"""Which ways of working the curator's benchmark compares, and how each is scored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench import curator_policies as policies
from bench.curator_case import Case
from bench.curator_curves import mean_curve
from bench.curator_desk import Desk
from bench.discovery_ceiling import supervised_ceiling
from core.discovery.review_order import N_TYPICAL, SCREEN
from core.domain.arrays import DoubleArray

BY_NAMES, BY_CLASSIFIER = "by_names", "by_classifier"
FEWEST = 60
"""Decisions that every curator may make, however small the category."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of working. `per_thousand` is where it stops: decisions per 1,000 products."""

    name: str
    policy: policies.Policy
    measure: str
    per_thousand: float
    from_names: bool = False
    n_typical: int = N_TYPICAL


PRODUCT = Way("clusters, retrained, screens", policies.discovered_screens, BY_CLASSIFIER, 40)
NO_CLUSTERS = (
    Way("no clusters, random products", policies.random_singles, BY_CLASSIFIER, 80),
    Way("no clusters, least certain products", policies.least_certain_singles, BY_CLASSIFIER, 80),
)
WAYS = (
    Way("clusters, names alone", policies.discovered_names, BY_NAMES, 40),
    PRODUCT,
    Way("clusters, retrained, one by one", policies.discovered_singles, BY_CLASSIFIER, 60),
    Way("clusters, retrained on all named", policies.discovered_screens, BY_CLASSIFIER, 12, from_names=True),
    Way("clusters, retrained, typical products only", policies.discovered_screens, BY_CLASSIFIER, 40, n_typical=SCREEN),
    Way("K-Means, names alone", policies.kmeans_names, BY_NAMES, 40),
    Way("K-Means, retrained, screens", policies.kmeans_screens, BY_CLASSIFIER, 40),
    *NO_CLUSTERS,
    Way("no clusters, screens", policies.hesitant_screens, BY_CLASSIFIER, 40),
)


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of one way of working: the desks, one for each seed, and their mean curve from 0 decisions."""

    way: Way
    desks: tuple[Desk, ...]
    curve: DoubleArray


def work(cases: Sequence[Case], ways: Sequence[Way] = WAYS, tell: Callable[[str], None] = print) -> list[Worked]:
    """Let every curator work on every case.

    Args:
        cases: The same category under different seeds.
        ways: How.
        tell: Told the name of each way before it begins.
    """
    n_products = len(cases[0].truth)
    worked = []
    for way in ways:
        tell(way.name)
        budget = max(int(np.ceil(way.per_thousand * n_products / 1000)), FEWEST)
        desks = tuple(policies.simulate(case, way.policy, budget, way.from_names, way.n_typical) for case in cases)
        worked.append(Worked(way, desks, mean_curve(desks, way.measure, budget)))
    return worked


def mean_ceiling(cases: Sequence[Case]) -> float:
    """Mean over the seeds of what a supervised model reaches."""
    return float(np.mean([_ceiling(case) for case in cases]))


def _ceiling(case: Case) -> float:
    labels = [case.kinds[kind] for kind in case.truth.tolist()]
    return supervised_ceiling(case.blocks, labels, case.seed)
