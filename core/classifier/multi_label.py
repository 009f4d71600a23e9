"""Products with several labels: the flattened hierarchy, its thresholds and its scores."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from core.classifier.out_of_fold import Groups
from core.domain.arrays import AnyArray, BoolArray, FloatArray
from core.domain.errors import ShapeError

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MultiLabelScores:
    """How well labels are given, in [0, 1].

    `micro` figures count all labels of all products together, `macro_f1` averages over the labels that occur in truth
    or prediction, `samples_f1` over products; `exact` is the share of products whose labels are all right.
    """

    micro_precision: float
    micro_recall: float
    micro_f1: float
    macro_f1: float
    samples_f1: float
    exact: float
    n_products: int
    n_labels: int


def label_sets(paths: Sequence[Path], groups: Groups = None) -> list[Path]:
    """Every node on a product's path is one of its labels, and so is every node of its duplicates'.

    Args:
        paths: Path of each product.
        groups: Group of duplicates of each product, such as one offer listed in two categories.

    Returns:
        The labels of each product, ascending.

    Source:
        Wirojwatanakul & Wangperawong 2019, https://arxiv.org/abs/1907.00420
    """
    its_groups = range(len(paths)) if groups is None else list(groups)
    unions: dict[object, set[str]] = {}
    for path, group in zip(paths, its_groups, strict=True):
        unions.setdefault(group, set()).update(path)
    whole = {group: tuple(sorted(labels)) for group, labels in unions.items()}
    return [whole[group] for group in its_groups]


def distinct_labels(sets: Sequence[Collection[str]], min_products: int = 1) -> tuple[str, ...]:
    """Labels that at least so many products have, ascending.

    Args:
        sets: Labels of each product.
        min_products: Rarer labels are left out.
    """
    counts = Counter(label for labels in sets for label in set(labels))
    return tuple(sorted(label for label, count in counts.items() if count >= min_products))


def label_matrix(sets: Sequence[Collection[str]], labels: Sequence[str]) -> FloatArray:
    """1 where a product has a label, 0 elsewhere.

    Args:
        sets: Labels of each product; those that are no column are passed over.
        labels: The columns.

    Returns:
        Shape: (n_products, n_labels).
    """
    columns = {label: i for i, label in enumerate(labels)}
    matrix = np.zeros((len(sets), len(labels)), dtype=np.float32)
    for row, its_labels in enumerate(sets):
        matrix[row, [columns[label] for label in its_labels if label in columns]] = 1.0
    return matrix


def best_threshold(probabilities: FloatArray, targets: AnyArray) -> float:
    """The threshold from which on giving a label makes the best micro-F1.

    Args:
        probabilities: Of each label. Shape: (n_products, n_labels).
        targets: 0/1, same shape; of products that trained nothing, such as the validation part's.

    Returns:
        Halfway between two probabilities that occur; 0.5 where no product has a label.

    Raises:
        ShapeError: If shapes differ.
    """
    _require_same_shape(probabilities, targets)
    scores, is_label = probabilities.ravel().astype(np.float64), np.asarray(targets).ravel() > 0
    if not is_label.any():
        return 0.5
    order = np.argsort(-scores, kind="stable")
    scores, is_label = scores[order], is_label[order]
    n_given = np.arange(1, len(scores) + 1)
    f1 = 2 * is_label.cumsum() / (n_given + is_label.sum())
    f1[:-1][scores[:-1] == scores[1:]] = -1.0  # equal probabilities are given or withheld together
    last = int(f1.argmax())
    return float((scores[last] + scores[last + 1]) / 2 if last + 1 < len(scores) else scores[last] / 2)


def multi_label_scores(is_predicted: BoolArray, targets: AnyArray) -> MultiLabelScores:
    """Score labels given against true ones.

    Args:
        is_predicted: Labels given. Shape: (n_products, n_labels).
        targets: True labels, 0/1, same shape.

    Returns:
        All figures; where nothing is true and nothing predicted, an F1 is 0.

    Raises:
        ShapeError: If shapes differ or there are no products.
    """
    _require_same_shape(is_predicted, targets)
    predicted, true = np.asarray(is_predicted) > 0, np.asarray(targets) > 0
    hits = predicted & true
    occurs = (predicted | true).any(axis=0)
    by_label = _f1(hits.sum(axis=0), predicted.sum(axis=0), true.sum(axis=0))[occurs]
    return MultiLabelScores(
        micro_precision=float(hits.sum() / max(predicted.sum(), 1)),
        micro_recall=float(hits.sum() / max(true.sum(), 1)),
        micro_f1=float(_f1(hits.sum(), predicted.sum(), true.sum())),
        macro_f1=float(by_label.mean()) if occurs.any() else 0.0,
        samples_f1=float(_f1(hits.sum(axis=1), predicted.sum(axis=1), true.sum(axis=1)).mean()),
        exact=float((predicted == true).all(axis=1).mean()),
        n_products=len(true),
        n_labels=int(occurs.sum()),
    )


def _f1(hits: AnyArray, n_predicted: AnyArray, n_true: AnyArray) -> AnyArray:
    return 2 * hits / np.maximum(n_predicted + n_true, 1)


def _require_same_shape(first: AnyArray, second: AnyArray) -> None:
    if first.shape != second.shape or first.ndim != 2 or not len(first):
        raise ShapeError(
            f"Expected one row per product and one column per label, got the shapes {first.shape} and {second.shape}.",
            "Pass both for the same products and labels, at least one product.",
        )
