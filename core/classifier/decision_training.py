"""The training behind decision fusion: heads and policies that never saw what they are judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from core.classifier.decision_policies import DecisionPolicy, Probabilities, decision_policy
from core.classifier.linear_head import LinearHead, one_hot
from core.classifier.multi_label import best_threshold
from core.classifier.out_of_fold import Groups, out_of_fold_probabilities
from core.domain.arrays import AnyArray, BoolArray, FloatArray, IntArray
from core.domain.errors import ShapeError
from core.domain.progress import Progress

ALONE = "alone"
"""The policy of a single modality: what its own classifier says."""

Labels = Sequence[tuple[str, ...]]
Choice = tuple[str, tuple[str, ...]]
"""A policy and the modalities that it combines."""


@dataclass(frozen=True, eq=False)
class DecisionTraining:
    """Embeddings and targets of all products, and which of them teach.

    `targets_of_all` are class ids, -1 where the training lacks the class, or 0/1 of shape (n_products, n_classes).
    """

    features: Mapping[str, FloatArray]
    labels: Labels
    groups: Groups
    train: IntArray
    validation: IntArray
    targets_of_all: AnyArray
    n_classes: int
    n_folds: int
    seed: int

    @property
    def targets(self) -> AnyArray:
        """Targets of the training products."""
        return self.targets_of_all[self.train]

    def out_of_fold(self, name: str, progress: Progress) -> FloatArray:
        """Probabilities of one modality for the training products, by heads that did not see them."""
        features = self.features[name][self.train]
        return out_of_fold_probabilities(
            features, self.targets, self.n_classes, [tuple(self.labels[row]) for row in self.train],
            None if self.groups is None else [self.groups[row] for row in self.train],
            has_modality(features), self.n_folds, self.seed, progress=progress,
        )  # fmt: skip

    def head(self, name: str) -> LinearHead:
        """The head of one modality, taught by all training products."""
        features = self.features[name]
        is_present = has_modality(features)
        train, judge = self.train[is_present[self.train]], self.validation[is_present[self.validation]]
        validation = features[judge], self.targets_of_all[judge]
        return LinearHead.fit(features[train], self.targets_of_all[train], self.n_classes, validation, seed=self.seed)

    def policies(
        self, held_out: Probabilities, names: Sequence[str], progress: Progress
    ) -> dict[Choice, DecisionPolicy]:
        """Each modality alone, then every policy over every two or more, taught by out-of-fold probabilities."""
        choices = _choices(sorted(held_out), names)
        present = {name: has_modality(self.features[name][self.train]) for name in held_out}
        is_multi_label = self.targets.ndim == 2
        targets = self.targets if is_multi_label else one_hot(self.targets, self.n_classes)
        fitted = {}
        for done, (name, modalities) in enumerate(choices, 1):
            policy = decision_policy("mean" if name == ALONE else name, is_multi_label, self.seed)
            fitted[name, modalities] = policy.fit({m: held_out[m] for m in modalities}, targets, present)
            progress.report(done / len(choices), f"Policy {name} on {' + '.join(modalities)}")
        return fitted

    def thresholds(
        self, heads: Mapping[str, LinearHead], fitted: Mapping[Choice, DecisionPolicy]
    ) -> dict[Choice, float]:
        """The best threshold of every policy, from products that trained neither heads nor policies."""
        if not len(self.validation):
            return {}
        features = {name: self.features[name][self.validation] for name in heads}
        probabilities = {name: head.probabilities(features[name]) for name, head in heads.items()}
        present = {name: has_modality(array) for name, array in features.items()}
        targets = self.targets_of_all[self.validation]
        return {
            choice: best_threshold(policy.combine(probabilities, present), targets) for choice, policy in fitted.items()
        }


def _choices(modalities: Sequence[str], names: Sequence[str]) -> list[Choice]:
    alone = [(ALONE, (modality,)) for modality in modalities]
    several = [subset for size in range(2, len(modalities) + 1) for subset in combinations(modalities, size)]
    return alone + [(name, subset) for subset in several for name in names]


def has_modality(features: FloatArray) -> BoolArray:
    """Which products have a modality: those whose embedding is not zero.

    Args:
        features: Embeddings. Shape: (n_products, n_dimensions).

    Returns:
        Shape: (n_products,).
    """
    return features.any(axis=1)


def require_modalities(features: Mapping[str, AnyArray], names: Sequence[str], n_products: int | None = None) -> None:
    """Refuse embeddings that are missing or of different products.

    Args:
        features: Embedding of each modality.
        names: Modalities that must be there.
        n_products: Expected number of products; None takes any that is the same everywhere.

    Raises:
        ShapeError: If so.
    """
    lengths = {name: len(array) for name, array in features.items()}
    missing = [name for name in names if name not in features]
    expected = set(lengths.values()) if n_products is None else {n_products}
    if missing or not names or len(expected) != 1 or set(lengths.values()) != expected:
        raise ShapeError(
            f"Expected embeddings of {', '.join(names) or 'at least one modality'} for the same products, got "
            f"{lengths}.",
            "Pass one embedding per product and modality.",
        )
