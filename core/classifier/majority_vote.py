"""One prediction of several: what most configurations say."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from core.domain.arrays import BoolArray, FloatArray
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError


def majority_paths(votes: Sequence[Sequence[PredictedPath]]) -> list[PredictedPath]:
    """The path that most configurations predict.

    A tie goes to the path whose voters are more confident on average, and then to the one that sorts first.

    Args:
        votes: Predictions of each configuration, for the same products.

    Returns:
        One path per product. A level's confidence is the sum of what the configurations that agree down to it give
        it, over the number of all configurations: disagreement lowers it.

    Raises:
        ShapeError: If there are no configurations or they have different numbers of products.

    Source:
        Bi et al. 2020, https://arxiv.org/abs/2008.06179
    """
    _require_ballots([len(ballot) for ballot in votes])
    return [_elect(ballots) for ballots in zip(*votes, strict=True)]


def majority_labels(votes: Sequence[BoolArray], probabilities: Sequence[FloatArray]) -> BoolArray:
    """The labels that most configurations give a product that may have several.

    Args:
        votes: Labels given by each configuration. Shapes: (n_products, n_labels).
        probabilities: Their probabilities, same shapes; a tie goes to their mean, which wins from 0.5 on.

    Returns:
        Shape: (n_products, n_labels).

    Raises:
        ShapeError: If there are no configurations or shapes differ.
    """
    _require_ballots([array.shape for array in (*votes, *probabilities)])
    n_votes = np.sum(votes, axis=0)
    return (2 * n_votes > len(votes)) | ((2 * n_votes == len(votes)) & (np.mean(probabilities, axis=0) >= 0.5))


def _elect(ballots: Sequence[PredictedPath]) -> PredictedPath:
    confidences: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for ballot in ballots:
        confidences[ballot.node_ids].append(ballot.confidence)
    path, _ = min(confidences.items(), key=lambda item: (-len(item[1]), -sum(item[1]) / len(item[1]), item[0]))
    levels = [
        sum(_confidence_down_to(ballot, path[:depth], depth == len(path)) for ballot in ballots) / len(ballots)
        for depth in range(1, len(path) + 1)
    ]
    return PredictedPath(path, tuple(levels))


def _confidence_down_to(ballot: PredictedPath, prefix: tuple[str, ...], is_whole: bool) -> float:
    """Of the whole path only those count that end there."""
    agrees = ballot.node_ids == prefix if is_whole else ballot.node_ids[: len(prefix)] == prefix
    return ballot.level_confidences[len(prefix) - 1] if agrees else 0.0


def _require_ballots(shapes: Sequence[object]) -> None:
    if len(set(shapes)) != 1:
        raise ShapeError(
            f"Expected predictions of one set of products, got shapes {list(shapes)}.",
            "Pass at least one configuration, all predicting the same products.",
        )
