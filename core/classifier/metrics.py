"""How good predicted paths are: over ancestor sets, per level, per node, and in their confidence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.classifier.calibration import expected_calibration_error
from core.domain.classifier import HierarchicalMetrics, LevelMetrics, PredictedPath
from core.domain.errors import ShapeError

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeMetrics:
    """Scores of one node on held-out products; `n_products` lie at or below it in truth, `n_predicted` by prediction.

    `level` counts from 1 below the root.
    """

    node_id: str
    level: int
    n_products: int
    n_predicted: int
    precision: float
    recall: float
    f1: float


def evaluate(true_paths: Sequence[Path], predicted: Sequence[PredictedPath]) -> HierarchicalMetrics:
    """Score predictions on products that did not train the classifier.

    Args:
        true_paths: Node ids from below the root, one path per product.
        predicted: Prediction of each product, same order.

    Returns:
        All figures; the calibration error is that of the whole path's confidence.

    Raises:
        ShapeError: If the lengths differ or there are no products.
    """
    paths = [prediction.node_ids for prediction in predicted]
    precision, recall, f1 = hierarchical_scores(true_paths, paths)
    is_exact = np.array([tuple(true) == path for true, path in zip(true_paths, paths, strict=True)])
    confidences = np.array([prediction.confidence for prediction in predicted])
    return HierarchicalMetrics(
        hierarchical_precision=precision,
        hierarchical_recall=recall,
        hierarchical_f1=f1,
        levels=level_metrics(true_paths, paths),
        n_products=len(paths),
        exact_path_accuracy=float(is_exact.mean()),
        expected_calibration_error=expected_calibration_error(confidences, is_exact),
    )


def hierarchical_scores(true_paths: Sequence[Path], predicted_paths: Sequence[Path]) -> tuple[float, float, float]:
    """Precision, recall and F1 over the sets of nodes on each path, micro-averaged over products.

    Args:
        true_paths: Node ids from below the root, one path per product.
        predicted_paths: The same as predicted.

    Returns:
        hP, hR, hF1 in [0, 1]; 0 where nothing was predicted.

    Raises:
        ShapeError: If the lengths differ or there are no products.

    Source:
        Kiritchenko et al. 2006; Miranda et al. 2023, https://arxiv.org/abs/2112.06560
    """
    _require_same_products(true_paths, predicted_paths)
    pairs = [(set(true), set(predicted)) for true, predicted in zip(true_paths, predicted_paths, strict=True)]
    return _scores(
        sum(len(true & predicted) for true, predicted in pairs),
        sum(len(predicted) for _, predicted in pairs),
        sum(len(true) for true, _ in pairs),
    )


def level_metrics(true_paths: Sequence[Path], predicted_paths: Sequence[Path]) -> tuple[LevelMetrics, ...]:
    """Macro and weighted F1 of every level, over the nodes that occur there in truth or prediction.

    A prediction that stops above a level is a miss there; one that goes deeper than the truth is a false alarm.

    Args:
        true_paths: Node ids from below the root, one path per product.
        predicted_paths: The same as predicted.

    Returns:
        One entry per level, from 1 to the deepest in truth or prediction.
    """
    nodes = node_metrics(true_paths, predicted_paths)
    return tuple(
        _level(level, [node for node in nodes if node.level == level])
        for level in range(1, 1 + max((node.level for node in nodes), default=0))
    )


def node_metrics(true_paths: Sequence[Path], predicted_paths: Sequence[Path]) -> list[NodeMetrics]:
    """Precision, recall and F1 of every node that occurs, by level and then node id.

    Args:
        true_paths: Node ids from below the root, one path per product.
        predicted_paths: The same as predicted.

    Returns:
        One entry per node; products below a node count for it.

    Raises:
        ShapeError: If the lengths differ or there are no products.
    """
    _require_same_products(true_paths, predicted_paths)
    in_truth, in_prediction, in_both = Counter(), Counter(), Counter()
    for true, predicted in zip(true_paths, predicted_paths, strict=True):
        true_nodes, predicted_nodes = set(enumerate(true, 1)), set(enumerate(predicted, 1))
        in_truth.update(true_nodes)
        in_prediction.update(predicted_nodes)
        in_both.update(true_nodes & predicted_nodes)
    return [
        NodeMetrics(
            key[1], key[0], in_truth[key], in_prediction[key], *_scores(in_both[key], in_prediction[key], in_truth[key])
        )
        for key in sorted(in_truth.keys() | in_prediction.keys())
    ]


def _level(level: int, nodes: list[NodeMetrics]) -> LevelMetrics:
    n_products = sum(node.n_products for node in nodes)
    return LevelMetrics(
        level=level,
        n_products=n_products,
        macro_f1=sum(node.f1 for node in nodes) / len(nodes),
        weighted_f1=sum(node.f1 * node.n_products for node in nodes) / max(n_products, 1),
    )


def _scores(n_both: int, n_predicted: int, n_true: int) -> tuple[float, float, float]:
    precision = n_both / n_predicted if n_predicted else 0.0
    recall = n_both / n_true if n_true else 0.0
    f1 = 2 * n_both / (n_predicted + n_true) if n_predicted + n_true else 0.0
    return precision, recall, f1


def _require_same_products(true_paths: Sequence[Path], predicted_paths: Sequence[Path]) -> None:
    if not true_paths or len(true_paths) != len(predicted_paths):
        raise ShapeError(
            f"Expected one prediction for each of at least one true path, got {len(true_paths)} true and "
            f"{len(predicted_paths)} predicted.",
            "Pass both for the same products.",
        )
