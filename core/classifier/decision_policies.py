"""Ways to make one decision of what each modality's classifier says."""

from collections.abc import Mapping
from typing import Protocol, Self

import numpy as np

from core.domain.arrays import BoolArray, FloatArray
from core.domain.errors import ParameterError, ShapeError

POLICIES = ("max", "mean", "ridge", "neural")

Probabilities = Mapping[str, FloatArray]
"""Modality → probability of each class. Shapes: (n_products, n_classes)."""
Presence = Mapping[str, BoolArray] | None
"""Modality → which products have it, of shape (n_products,); None where all have all."""


class DecisionPolicy(Protocol):
    """Combines the probabilities of the modalities that it was fitted on, any number of them.

    Where a product lacks a modality, that modality's probabilities count for nothing; a product that lacks all gets
    the frequencies of the training.

    Source:
        Wirojwatanakul & Wangperawong 2019, https://arxiv.org/abs/1907.00420
    """

    def fit(self, probabilities: Probabilities, targets: FloatArray, present: Presence = None) -> Self:
        """Learn from probabilities that did not see the targets: those of held-out folds.

        Args:
            probabilities: Out-of-fold probabilities.
            targets: 0/1, one or several ones per product. Shape: (n_products, n_classes).
            present: Which products have each modality.

        Returns:
            Itself.

        Raises:
            ShapeError: If shapes do not fit each other.
        """

    def combine(self, probabilities: Probabilities, present: Presence = None) -> FloatArray:
        """One score per class.

        Args:
            probabilities: Of the modalities of `fit`, in any order.
            present: Which products have each modality.

        Returns:
            In [0, 1]; rows sum to one unless products may have several labels. Shape: (n_products, n_classes).

        Raises:
            ShapeError: If a modality is missing or shapes do not fit each other.
        """


def decision_policy(name: str, is_multi_label: bool = False, seed: int = 0) -> DecisionPolicy:
    """A policy by its name, not fitted.

    Args:
        name: One of `POLICIES`.
        is_multi_label: Whether products may have several labels.
        seed: For the policies that draw.

    Returns:
        The policy.

    Raises:
        ParameterError: If there is no such policy.
    """
    if name == "max":
        return MaxPolicy(is_multi_label)
    if name == "mean":
        return MeanPolicy(is_multi_label)
    if name == "ridge":
        return RidgePolicy(is_multi_label)
    if name == "neural":
        from core.classifier.neural_policy import NeuralPolicy

        return NeuralPolicy(is_multi_label, seed=seed)
    raise ParameterError(f"Unknown decision policy {name!r}.", f"Choose one of {', '.join(POLICIES)}.")


class AvailableModalities:
    """What every policy remembers of its training: the modalities, and how frequent each class is."""

    def __init__(self, is_multi_label: bool = False) -> None:
        self.is_multi_label = is_multi_label
        self.modalities: tuple[str, ...] = ()
        self.prior: FloatArray = np.zeros(0, dtype=np.float32)

    def remember(self, probabilities: Probabilities, targets: FloatArray) -> None:
        """Keep the names and the frequencies of the classes.

        Raises:
            ShapeError: If there is no modality, or the targets are not of the probabilities' shape.
        """
        self.modalities = tuple(sorted(probabilities))
        shapes = {array.shape for array in probabilities.values()}
        if shapes != {targets.shape} or not len(targets):
            raise ShapeError(
                f"Expected probabilities of the targets' shape {targets.shape}, got {sorted(shapes)}.",
                "Pass at least one modality, for the same products and classes.",
            )
        self.prior = targets.mean(axis=0, dtype=np.float64).astype(np.float32)

    def stacked(self, probabilities: Probabilities, present: Presence) -> tuple[FloatArray, FloatArray]:
        """Probabilities with zeros where a modality is missing, and 1 where it is not.

        Returns:
            Shapes: (n_modalities, n_products, n_classes) and (n_modalities, n_products, 1).

        Raises:
            ShapeError: If a modality of the training is missing or shapes differ.
        """
        missing = [name for name in self.modalities if name not in probabilities]
        shapes = {probabilities[name].shape for name in self.modalities if name not in missing}
        if missing or len(shapes) != 1 or next(iter(shapes))[1:] != self.prior.shape:
            raise ShapeError(
                f"Expected probabilities of {', '.join(self.modalities)} over {len(self.prior)} classes, got "
                f"{', '.join(probabilities)} of shapes {sorted(shapes)}.",
                "Pass the modalities which the policy was fitted on.",
            )
        n_products = next(iter(shapes))[0]
        everyone = np.ones(n_products, dtype=np.bool_)
        rows = np.stack([everyone if present is None else present[name] for name in self.modalities])
        weights = rows.astype(np.float32)[:, :, None]
        return np.stack([probabilities[name] for name in self.modalities]) * weights, weights

    def completed(self, probabilities: Probabilities, present: Presence) -> FloatArray:
        """Modalities side by side; a missing one is filled with the mean of those present, which adds no opinion.

        Returns:
            Shape: (n_products, n_modalities * n_classes).
        """
        stack, weights = self.stacked(probabilities, present)
        filled = np.where(weights > 0, stack, self.mean(stack, weights)[None])
        return np.concatenate(list(filled), axis=1)  # (M, N, C) -> (N, M * C)

    def mean(self, stack: FloatArray, weights: FloatArray) -> FloatArray:
        """Mean over the present modalities, the prior where there are none. Shape: (n_products, n_classes)."""
        n_present = weights.sum(axis=0)
        return np.where(n_present > 0, stack.sum(axis=0) / np.maximum(n_present, 1), self.prior)

    def scores(self, values: FloatArray) -> FloatArray:
        """Values in [0, 1]; for one label per product divided by their sum, the prior where that is zero."""
        values = np.clip(values, 0.0, 1.0).astype(np.float32)
        if self.is_multi_label:
            return values
        total = values.sum(axis=1, keepdims=True)
        return np.where(total > 0, values / np.where(total > 0, total, 1.0), self.prior)


class MeanPolicy(AvailableModalities):
    """The mean over the modalities of a product."""

    def fit(self, probabilities: Probabilities, targets: FloatArray, present: Presence = None) -> Self:
        """See `DecisionPolicy`."""
        self.remember(probabilities, targets)
        return self

    def combine(self, probabilities: Probabilities, present: Presence = None) -> FloatArray:
        """See `DecisionPolicy`."""
        return self.scores(self.mean(*self.stacked(probabilities, present)))


class MaxPolicy(AvailableModalities):
    """The most certain modality of a product decides, class by class."""

    def fit(self, probabilities: Probabilities, targets: FloatArray, present: Presence = None) -> Self:
        """See `DecisionPolicy`."""
        self.remember(probabilities, targets)
        return self

    def combine(self, probabilities: Probabilities, present: Presence = None) -> FloatArray:
        """See `DecisionPolicy`."""
        stack, weights = self.stacked(probabilities, present)
        return self.scores(np.where(weights.any(axis=0), stack.max(axis=0), self.prior))


class RidgePolicy(AvailableModalities):
    """Ridge regression from all modalities' probabilities to the 0/1 targets.

    Args:
        is_multi_label: Whether products may have several labels.
        alpha: Strength of the penalty on squared weights.
    """

    def __init__(self, is_multi_label: bool = False, alpha: float = 1.0) -> None:
        super().__init__(is_multi_label)
        from sklearn.linear_model import Ridge

        self._regression = Ridge(alpha=alpha)

    def fit(self, probabilities: Probabilities, targets: FloatArray, present: Presence = None) -> Self:
        """See `DecisionPolicy`."""
        self.remember(probabilities, targets)
        self._regression.fit(self.completed(probabilities, present), targets)
        return self

    def combine(self, probabilities: Probabilities, present: Presence = None) -> FloatArray:
        """See `DecisionPolicy`."""
        raw = self._regression.predict(self.completed(probabilities, present))
        return self.scores(raw.reshape(-1, len(self.prior)))
