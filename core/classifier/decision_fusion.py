"""A classifier per modality, and every policy that makes one decision of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.classifier.decision_policies import POLICIES, DecisionPolicy, decision_policy
from core.classifier.decision_training import (
    ALONE,
    Choice,
    DecisionTraining,
    Labels,
    has_modality,
    require_modalities,
)
from core.classifier.flat_classifier import most_probable_paths, path_class_ids
from core.classifier.label_tree import LabelTree
from core.classifier.linear_head import LinearHead
from core.classifier.multi_label import distinct_labels, label_matrix
from core.classifier.out_of_fold import Groups
from core.domain.arrays import AnyArray, BoolArray, FloatArray, IntArray
from core.domain.classifier import PredictedPath
from core.domain.errors import ParameterError
from core.domain.progress import NullProgress, Progress, SpanProgress

_HEADS_SHARE = 0.7

__all__ = ["ALONE", "Decision", "DecisionFusion", "fit_decision_fusion"]


@dataclass(frozen=True, eq=False)
class Decision:
    """What one policy says of some products: scores of each class, of shape (n_products, n_classes).

    `threshold` is the score from which on a label is given, where products may have several.
    """

    policy: str
    modalities: tuple[str, ...]
    probabilities: FloatArray
    threshold: float = 0.5


@dataclass(frozen=True, eq=False)
class DecisionFusion:
    """Heads and policies, trained. `classes` are whole paths, or labels where products may have several.

    `tree` is of the training's paths, None where products may have several labels.
    """

    classes: tuple[tuple[str, ...], ...] | tuple[str, ...]
    tree: LabelTree | None
    heads: Mapping[str, LinearHead]
    policies: Mapping[Choice, DecisionPolicy]
    thresholds: Mapping[Choice, float]

    def decide(self, features: Mapping[str, FloatArray]) -> list[Decision]:
        """What each modality alone and each policy says.

        Args:
            features: Embedding of each modality of the training; zero rows where a product lacks it.
                Shapes: (n_products, its dimension).

        Returns:
            Modalities alone first, then the policies over two modalities, over three and so on.

        Raises:
            ShapeError: If a modality is missing or shapes do not fit.
        """
        require_modalities(features, tuple(self.heads))
        present = {name: has_modality(features[name]) for name in self.heads}
        probabilities = {name: head.probabilities(features[name]) for name, head in self.heads.items()}
        return [
            Decision(*choice, policy.combine(probabilities, present), self.thresholds.get(choice, 0.5))
            for choice, policy in self.policies.items()
        ]

    def predicted_paths(self, decision: Decision) -> list[PredictedPath]:
        """The path of each product, where it has one.

        Args:
            decision: One of `decide`.

        Returns:
            One path per product, with the confidence of every level.

        Raises:
            ParameterError: If products may have several labels.
        """
        if self.tree is None:
            raise ParameterError("Products with several labels have no one path.", "Ask for predicted_labels.")
        return most_probable_paths(decision.probabilities, self.tree)

    def predicted_labels(self, decision: Decision) -> BoolArray:
        """The labels of each product, where it may have several.

        Args:
            decision: One of `decide`.

        Returns:
            Columns are `classes`. Shape: (n_products, n_labels).
        """
        return decision.probabilities >= decision.threshold

    def targets(self, labels: Labels) -> FloatArray:
        """True labels of products that may have several, to score `predicted_labels` by.

        Args:
            labels: Labels of each product; those that the training lacked are no column.

        Returns:
            0/1. Shape: (n_products, n_labels).
        """
        return label_matrix(labels, [str(name) for name in self.classes])


def fit_decision_fusion(
    features: Mapping[str, FloatArray],
    labels: Labels,
    groups: Groups,
    train_rows: IntArray,
    validation_rows: IntArray,
    policies: Sequence[str] = POLICIES,
    is_multi_label: bool = False,
    n_folds: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> DecisionFusion:
    """Train a head per modality, and every policy over every two or more of the modalities.

    A modality that no training product has is left out. Policies learn from out-of-fold probabilities of the training
    products; the heads that are kept learn from all of them. The validation products choose epochs and thresholds.

    Args:
        features: Embedding of each modality; zero rows where a product lacks it. Shapes: (n_products, its dimension).
        labels: The path of each product; or, where it may have several labels, these, see `label_sets`.
        groups: Group of duplicates of each product; None where every product stands alone.
        train_rows: Products to learn from.
        validation_rows: Products that choose epochs and thresholds; may be empty.
        policies: Any of `POLICIES`.
        is_multi_label: Whether products may have several labels.
        n_folds: Number of folds.
        seed: Decides folds and training.
        progress: Told after each fold and each policy.

    Returns:
        Everything trained; the test products were not looked at.

    Raises:
        ParameterError: If a policy is unknown.
        TrainingDataError: If paths are no tree, or no training product has a label.
        ShapeError: If there is no modality or shapes do not fit.
    """
    progress = progress or NullProgress()
    progress.report(0.0, "A classifier for each modality")
    require_modalities(features, tuple(features), len(labels))
    for name in policies:
        decision_policy(name)  # an unknown one is refused before the long work
    classes, tree, targets = _targets(labels, train_rows, is_multi_label)
    training = DecisionTraining(
        features, labels, groups, train_rows, validation_rows, targets, len(classes), n_folds, seed
    )
    names = sorted(name for name, array in features.items() if has_modality(array[train_rows]).any())
    require_modalities({name: features[name] for name in names}, names)
    held_out = {}
    for i, name in enumerate(names):
        span = SpanProgress(progress, _HEADS_SHARE * i / len(names), _HEADS_SHARE * (i + 1) / len(names))
        held_out[name] = training.out_of_fold(name, span)
    heads = {name: training.head(name) for name in names}
    fitted = training.policies(held_out, policies, SpanProgress(progress, _HEADS_SHARE, 1.0))
    thresholds = training.thresholds(heads, fitted) if is_multi_label else {}
    return DecisionFusion(classes, tree, heads, fitted, thresholds)


def _targets(
    labels: Labels, train_rows: IntArray, is_multi_label: bool
) -> tuple[tuple[tuple[str, ...], ...] | tuple[str, ...], LabelTree | None, AnyArray]:
    """Classes of the training products, and targets of all: ids, -1 where unknown, or 0/1 rows."""
    known = [tuple(labels[row]) for row in train_rows]
    if is_multi_label:
        names = distinct_labels(known)
        return names, None, label_matrix(labels, names)
    tree = LabelTree(known)
    return tree.paths, tree, path_class_ids(labels, np.arange(len(labels)), tree)
