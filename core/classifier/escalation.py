"""From which confidence on a text stage may settle a product by itself, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.classifier.metrics import exact_paths
from core.classifier.reliability import expected_calibration_error
from core.domain.arrays import BoolArray, DoubleArray, IntArray
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError
from core.domain.escalation import MAX_LOSS, EscalationPoint, EscalationReport

EVERYTHING = 1.01
"""Threshold that escalates every product: a confidence of exactly 1 occurs."""
_SHARES = (*np.arange(0.0, 0.3, 0.005), *np.arange(0.3, 1.0, 0.02))
"""Shares of products to escalate that thresholds are wanted for: close together where the choice usually falls."""
_ONE_SIDED_95 = 1.645
FEWEST_JUDGES = 200
"""On fewer products a text stage is not tested well enough to settle what it is unsure of."""
UNTESTED = 0.5
"""The least threshold that is suggested for such a text stage, and for one that never differed from the full model."""

Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class BothStages:
    """What the text stage and the full model say of the same products, with the truth; one entry each, one order.

    Raises:
        ShapeError: If the lengths differ or there are no products.
    """

    true_paths: Sequence[Path]
    text: Sequence[PredictedPath]
    full: Sequence[PredictedPath]

    def __post_init__(self) -> None:
        if not self.true_paths or not len(self.true_paths) == len(self.text) == len(self.full):
            raise ShapeError(
                f"Expected what both stages say of each of at least one product, got {len(self.true_paths)} true "
                f"paths, {len(self.text)} by text and {len(self.full)} by everything.",
                "Predict the same products with both stages.",
            )


@dataclass(frozen=True, eq=False)
class _Overlaps:
    """Per product: nodes of the path that are true, nodes of the path, and whether the path is right to its end."""

    n_right: IntArray
    n_given: IntArray
    is_exact: BoolArray


def escalation_report(validation: BothStages, test: BothStages) -> EscalationReport:
    """The curve on some products, and the threshold that others suggest.

    Args:
        validation: Products that chose the epoch of both stages: they give the thresholds, and choose among them.
        test: Products that neither stage ever saw: all figures are theirs.

    Returns:
        The report; its thresholds rise from 0 to `EVERYTHING`.
    """
    thresholds = escalation_thresholds(validation.text)
    is_exact = exact_paths(test.true_paths, [path.node_ids for path in test.text])
    return EscalationReport(
        points=escalation_curve(test, thresholds),
        suggested=suggested_threshold(validation, thresholds),
        n_products=len(test.true_paths),
        text_calibration_error=expected_calibration_error(_confidences(test.text), is_exact),
    )


def escalation_thresholds(text: Sequence[PredictedPath]) -> tuple[float, ...]:
    """Thresholds that escalate shares of all sizes.

    Args:
        text: Predictions of the text stage, at least one.

    Returns:
        Rising from 0, which escalates nothing, to `EVERYTHING`; few where confidences are much the same. None lies
        from 1 up to it: who asks for 1 means everything.
    """
    ordered = np.sort(_confidences(text))
    ranks = (np.asarray(_SHARES) * len(ordered)).astype(np.int64)
    found = {round(float(value), 6) for value in ordered[ranks]}
    return (0.0, *sorted(value for value in found if 0.0 < value < 1.0), EVERYTHING)


def escalation_curve(both: BothStages, thresholds: Sequence[float]) -> tuple[EscalationPoint, ...]:
    """What comes of giving the full model the products of which the text stage is less sure than a threshold.

    Args:
        both: What the stages say.
        thresholds: Confidences of the whole path.

    Returns:
        One point per threshold, same order.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013 (a light text model first, the multimodal one where it is
        unsure)
    """
    confidences = _confidences(both.text)
    text, full = (_overlaps(both.true_paths, said) for said in (both.text, both.full))
    n_true = sum(len(set(path)) for path in both.true_paths)
    return tuple(_point(threshold, confidences < threshold, text, full, n_true) for threshold in thresholds)


def suggested_threshold(both: BothStages, thresholds: Sequence[float], max_loss: float = MAX_LOSS) -> float:
    """The least threshold from which on the two stages together surely stay near the full model.

    A loss measured on some products is more or less than that on others, by chance alone. So that the loss is kept
    where it counts, on products not seen yet, the upper end of its 95 % interval (one-sided) decides.

    Args:
        both: What the stages say of products that taught neither.
        thresholds: Rising; the last escalates everything.
        max_loss: hF1 that may be lost against the full model, in [0, 1].

    Returns:
        A threshold that is no lucky dip: all higher ones lose at most as much, too. At least `UNTESTED` where fewer
        than `FEWEST_JUDGES` products judge, or the stages say the same of all of them: that tells nothing of a loss.
    """
    confidences = _confidences(both.text)
    text, full = (_influence(both.true_paths, said) for said in (both.text, both.full))
    points = escalation_curve(both, thresholds)
    chosen = thresholds[-1]
    for point in reversed(points):
        differences = np.where(confidences < point.threshold, 0.0, full - text)
        chance = _ONE_SIDED_95 * float(differences.std()) / len(differences) ** 0.5
        if points[-1].hierarchical_f1 - point.hierarchical_f1 + chance > max_loss:
            break
        chosen = point.threshold
    never_differ = all(text.node_ids == full.node_ids for text, full in zip(both.text, both.full, strict=True))
    if never_differ or len(confidences) < FEWEST_JUDGES:
        return next(threshold for threshold in thresholds if threshold >= min(max(chosen, UNTESTED), thresholds[-1]))
    return chosen


def _point(threshold: float, is_escalated: BoolArray, text: _Overlaps, full: _Overlaps, n_true: int) -> EscalationPoint:
    n_right = int(np.where(is_escalated, full.n_right, text.n_right).sum())
    n_given = int(np.where(is_escalated, full.n_given, text.n_given).sum())
    return EscalationPoint(
        threshold=threshold,
        share_escalated=float(is_escalated.mean()),
        hierarchical_f1=2 * n_right / (n_given + n_true),
        share_right=float(np.where(is_escalated, full.is_exact, text.is_exact).mean()),
    )


def _overlaps(true_paths: Sequence[Path], said: Sequence[PredictedPath]) -> _Overlaps:
    paths = [path.node_ids for path in said]
    pairs = zip(true_paths, paths, strict=True)
    return _Overlaps(
        n_right=np.array([len(set(true) & set(path)) for true, path in pairs], dtype=np.int64),
        n_given=np.array([len(set(path)) for path in paths], dtype=np.int64),
        is_exact=exact_paths(true_paths, paths),
    )


def _influence(true_paths: Sequence[Path], said: Sequence[PredictedPath]) -> DoubleArray:
    """How far each product moves hF1: the terms whose mean is its error to the first order. Shape: (n_products,)."""
    overlaps = _overlaps(true_paths, said)
    sizes = overlaps.n_given + np.array([len(set(path)) for path in true_paths])
    f1 = 2 * overlaps.n_right.sum() / sizes.sum()
    return np.asarray((2 * overlaps.n_right - f1 * sizes) / sizes.mean(), dtype=np.float64)


def _confidences(said: Sequence[PredictedPath]) -> DoubleArray:
    return np.array([path.confidence for path in said], dtype=np.float64)
