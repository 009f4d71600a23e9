"""How good predicted paths are: over ancestor sets, per level, node and platform, and in their confidence."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.classifier.reliability import expected_calibration_error
from core.domain.arrays import BoolArray
from core.domain.classifier import HierarchicalMetrics, LevelMetrics, PredictedPath
from core.domain.errors import ShapeError
from core.domain.model_report import NodeMetrics, PlatformMetrics

Path = tuple[str, ...]


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
    is_exact = exact_paths(true_paths, paths)
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


def platform_metrics(
    true_paths: Sequence[Path], predicted_paths: Sequence[Path], platforms: Sequence[str]
) -> tuple[PlatformMetrics, ...]:
    """Scores on the products of each platform, the largest platform first.

    Args:
        true_paths: Node ids from below the root, one path per product.
        predicted_paths: The same as predicted.
        platforms: Platform of each product.

    Returns:
        One entry per platform; platforms of one size by name.

    Raises:
        ShapeError: If the lengths differ or there are no products.
    """
    _require_same_products(true_paths, predicted_paths)
    _require_same_products(true_paths, platforms)
    rows: dict[str, list[int]] = {}
    for row, platform in enumerate(platforms):
        rows.setdefault(platform, []).append(row)
    ordered = sorted(rows, key=lambda platform: (-len(rows[platform]), platform))
    return tuple(
        _platform(platform, [true_paths[i] for i in rows[platform]], [predicted_paths[i] for i in rows[platform]])
        for platform in ordered
    )


def exact_paths(true_paths: Sequence[Path], predicted_paths: Sequence[Path]) -> BoolArray:
    """Whether each whole path is right. Shape: (n_products,)."""
    pairs = zip(true_paths, predicted_paths, strict=True)
    return np.array([tuple(true) == tuple(predicted) for true, predicted in pairs], dtype=np.bool_)


def _platform(platform: str, true_paths: Sequence[Path], predicted_paths: Sequence[Path]) -> PlatformMetrics:
    scores = hierarchical_scores(true_paths, predicted_paths)
    return PlatformMetrics(platform, len(true_paths), *scores, float(exact_paths(true_paths, predicted_paths).mean()))


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


def _require_same_products(true_paths: Sequence[Path], others: Sequence[object]) -> None:
    if not true_paths or len(true_paths) != len(others):
        raise ShapeError(
            f"Expected one prediction and platform for each of at least one true path, got {len(true_paths)} true "
            f"paths and {len(others)} of the others.",
            "Pass both for the same products.",
        )
