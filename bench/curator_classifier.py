"""The one-click classifier of the simulation: a logistic regression on what the curator has said so far."""

from dataclasses import dataclass, field

import numpy as np

from bench.curator_case import Case
from bench.curator_desk import UNKNOWN, Desk
from core.domain.arrays import DoubleArray, IntArray

INVERSE_REGULARISATION = 1.0
MAX_ITERATIONS = 100
RETRAIN_GROWTH = 1.05
"""It is trained again when there are this many times more labels."""
RETRAIN_AT_LEAST = 5
"""Nor before there are so many labels more."""


@dataclass(slots=True)
class Classifier:
    """Learns from labels, predicts all products, and puts its predictions up on the desk.

    Attributes:
        case: Gives the features.
        from_names: Learn from every product of a named cluster, not only from those that were looked at.
        probabilities: Of each kind, from the latest training; None before. Shape: (n_products, n_kinds).
    """

    case: Case
    from_names: bool = False
    probabilities: DoubleArray | None = None
    _n_taught: int = field(default=0, init=False)

    def update(self, desk: Desk) -> DoubleArray | None:
        """Train again where there is enough news; None while fewer than two kinds are known."""
        kinds = desk.answers() if self.from_names else desk.labelled
        n_known = int((kinds != UNKNOWN).sum())
        if n_known < max(self._n_taught * RETRAIN_GROWTH, self._n_taught + RETRAIN_AT_LEAST):
            return self.probabilities
        if len(np.unique(kinds[kinds != UNKNOWN])) < 2:
            return self.probabilities
        self._n_taught = n_known
        self.probabilities = self._fitted(kinds)
        desk.predict(self.probabilities.argmax(axis=1))
        return self.probabilities

    def _fitted(self, kinds: IntArray) -> DoubleArray:
        from sklearn.linear_model import LogisticRegression

        known = np.flatnonzero(kinds != UNKNOWN)
        model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=MAX_ITERATIONS, tol=1e-3)
        model.fit(self.case.features[known], kinds[known])
        probabilities = np.zeros((len(kinds), len(self.case.kinds)))
        probabilities[:, model.classes_] = model.predict_proba(self.case.features)
        return probabilities
