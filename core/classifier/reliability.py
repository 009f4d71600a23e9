"""Whether confidences mean what they say: right nine times in ten where they say 0.9."""

from collections.abc import Sequence

import numpy as np

from core.domain.arrays import AnyArray, BoolArray, DoubleArray, IntArray
from core.domain.errors import ShapeError
from core.domain.model_report import ReliabilityBin

N_BINS = 15


def expected_calibration_error(confidences: AnyArray, is_correct: AnyArray, n_bins: int = N_BINS) -> float:
    """Mean gap between confidence and accuracy over equal-width bins, weighted by their size.

    Args:
        confidences: Confidence of each prediction, in [0, 1]. Shape: (n_products,).
        is_correct: Whether each prediction was right. Shape: (n_products,).
        n_bins: Number of bins over [0, 1].

    Returns:
        A fraction in [0, 1]; 0 is perfectly calibrated.

    Raises:
        ShapeError: If the lengths differ or there are no predictions.

    Source:
        Guo et al. 2017, https://arxiv.org/abs/1706.04599
    """
    scores, outcomes, bins = _binned(confidences, is_correct, n_bins)
    gaps = np.bincount(bins, weights=scores - outcomes, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(scores))


def reliability_bins(confidences: AnyArray, is_correct: AnyArray, n_bins: int = N_BINS) -> tuple[ReliabilityBin, ...]:
    """How often predictions are right, by how sure they were: the points of a reliability diagram.

    Args:
        confidences: Confidence of each prediction, in [0, 1]. Shape: (n_products,).
        is_correct: Whether each prediction was right. Shape: (n_products,).
        n_bins: Number of equal-width bins over [0, 1]; a confidence of 0 is in the first.

    Returns:
        The bins that hold a product, least sure first.

    Raises:
        ShapeError: If the lengths differ or there are no predictions.

    Source:
        Niculescu-Mizil and Caruana 2005 (reliability diagrams); Guo et al. 2017, https://arxiv.org/abs/1706.04599
    """
    scores, outcomes, bins = _binned(confidences, is_correct, n_bins)
    edges = _edges(n_bins)
    return tuple(
        ReliabilityBin(
            low=float(edges[i]),
            high=float(edges[i + 1]),
            n_products=int((bins == i).sum()),
            mean_confidence=float(scores[bins == i].mean()),
            accuracy=float(outcomes[bins == i].mean()),
        )
        for i in np.unique(bins).tolist()
    )


def right_nodes(true_paths: Sequence[tuple[str, ...]], nodes: Sequence[str], level: int) -> BoolArray:
    """Whether the node predicted on a level is the true one there.

    Args:
        true_paths: Node ids from below the root, one path per product.
        nodes: Predicted node of each product on this level.
        level: From 1 below the root.

    Returns:
        False also where the true path ends above the level. Shape: (n_products,).
    """
    pairs = zip(true_paths, nodes, strict=True)
    return np.array([len(path) >= level and path[level - 1] == node for path, node in pairs], dtype=np.bool_)


def _edges(n_bins: int) -> DoubleArray:
    return np.linspace(0.0, 1.0, n_bins + 1)


def _binned(confidences: AnyArray, is_correct: AnyArray, n_bins: int) -> tuple[DoubleArray, DoubleArray, IntArray]:
    scores, outcomes = np.asarray(confidences, dtype=np.float64), np.asarray(is_correct, dtype=np.float64)
    if scores.shape != outcomes.shape or scores.ndim != 1 or not len(scores):
        raise ShapeError(
            f"Expected one outcome per confidence, got shapes {scores.shape} and {outcomes.shape}.",
            "Pass both for the same products, at least one.",
        )
    return scores, outcomes, np.digitize(scores, _edges(n_bins)[1:-1], right=True).astype(np.int64)
