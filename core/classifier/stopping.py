"""Stop at the parent where the child is unsure, and what comes of it."""

from collections.abc import Sequence

import numpy as np

from core.domain.arrays import BoolArray, DoubleArray, IntArray
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError
from core.domain.model_report import StoppingPoint
from core.domain.stopping_rule import stop_path

THRESHOLDS = (*(round(i / 20, 2) for i in range(20)), 0.97, 0.99)
Path = tuple[str, ...]


def stop(predicted: PredictedPath, threshold: float) -> PredictedPath:
    """The same path down to the deepest level whose cumulative confidence is at least a threshold.

    Args:
        predicted: A path with the confidence of each level.
        threshold: In [0, 1]; 0 never stops.

    Returns:
        A path of at least one level: the first is given however unsure.
    """
    n_levels = stop_path(predicted.node_ids, predicted.level_confidences, threshold)
    return PredictedPath(predicted.node_ids[:n_levels], predicted.level_confidences[:n_levels])


def stopping_curve(
    true_paths: Sequence[Path], predicted: Sequence[PredictedPath], thresholds: Sequence[float] = THRESHOLDS
) -> tuple[StoppingPoint, ...]:
    """What comes of stopping at the parent, for each of some thresholds.

    Args:
        true_paths: Node ids from below the root, one path per product.
        predicted: Prediction of each product, same order.
        thresholds: See `stop`.

    Returns:
        One point per threshold, same order.

    Raises:
        ShapeError: If the lengths differ or there are no products.
    """
    if not true_paths or len(true_paths) != len(predicted):
        raise ShapeError(
            f"Expected one prediction for each of at least one true path, got {len(true_paths)} and {len(predicted)}.",
            "Pass both for the same products.",
        )
    confidences, n_right, is_right = _by_length(true_paths, predicted)
    n_true = sum(len(set(path)) for path in true_paths)
    full = np.array([len(each.node_ids) for each in predicted])
    return tuple(_point(threshold, confidences, n_right, is_right, full, n_true) for threshold in thresholds)


def _by_length(
    true_paths: Sequence[Path], predicted: Sequence[PredictedPath]
) -> tuple[DoubleArray, IntArray, BoolArray]:
    """Of the first 1, 2, … levels of each path: confidence, nodes that are true, and whether all are.

    Shapes: (n_products, most levels); beyond a path's end the confidence is -inf.
    """
    shape = len(predicted), max(len(each.node_ids) for each in predicted)
    confidences, n_right = np.full(shape, -np.inf), np.zeros(shape, dtype=np.int64)
    is_right = np.zeros(shape, dtype=np.bool_)
    for row, (true, said) in enumerate(zip(true_paths, predicted, strict=True)):
        n_levels, true_nodes = len(said.node_ids), set(true)
        confidences[row, :n_levels] = said.level_confidences
        n_right[row, :n_levels] = np.cumsum([node_id in true_nodes for node_id in said.node_ids])
        is_right[row, :n_levels] = [tuple(true[: end + 1]) == said.node_ids[: end + 1] for end in range(n_levels)]
    return confidences, n_right, is_right


def _point(
    threshold: float,
    confidences: DoubleArray,
    n_right: IntArray,
    is_right: BoolArray,
    full: IntArray,
    n_true: int,
) -> StoppingPoint:
    levels = np.arange(confidences.shape[1])
    last = np.where(confidences >= threshold, levels, 0).max(axis=1)  # (n_products, levels) -> (n_products,)
    rows = np.arange(len(last))
    n_both, n_given = int(n_right[rows, last].sum()), int((last + 1).sum())
    return StoppingPoint(
        threshold=threshold,
        hierarchical_precision=n_both / n_given,
        hierarchical_recall=n_both / n_true,
        hierarchical_f1=2 * n_both / (n_given + n_true),
        share_stopped=float((last + 1 < full).mean()),
        share_right=float(is_right[rows, last].mean()),
        mean_depth=n_given / len(last),
    )
