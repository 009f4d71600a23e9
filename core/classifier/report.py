"""Everything that products a classifier never saw tell about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.classifier.confusion import sibling_confusions
from core.classifier.decoding import invalid_paths
from core.classifier.label_tree import LabelTree, Path
from core.classifier.metrics import evaluate, exact_paths, node_metrics, platform_metrics
from core.classifier.reliability import expected_calibration_error, reliability_bins, right_nodes
from core.classifier.stopping import stopping_curve
from core.classifier.trained import PathPredictor
from core.domain.arrays import BoolArray, FloatArray, IntArray
from core.domain.classifier import PredictedPath
from core.domain.model_report import WHOLE_PATH, LevelCalibration, ReliabilityBin, TestReport

_Judged = tuple[FloatArray, BoolArray]
"""Confidences, and whether each is right."""


def report_on(
    predictor: PathPredictor,
    features: Mapping[str, FloatArray],
    paths: Sequence[Path],
    platforms: Sequence[str] | None = None,
    product_ids: Sequence[int] | None = None,
    decode: str | None = None,
) -> TestReport:
    """Test a classifier on products that it never saw.

    Args:
        predictor: The classifier.
        features: Embedding of each modality; a zero vector where a product lacks it. Shapes: (n_products, dimension).
        paths: True paths; they may hold nodes that the classifier does not know, which it then misses.
        platforms: Platform of each product; no breakdown where None.
        product_ids: Id of each product, for examples of confusions; row numbers where None.
        decode: How paths are chosen; as the classifier does by itself where None.

    Returns:
        All figures.

    Raises:
        ShapeError: If lengths differ, embeddings do not fit the classifier, or there are no products.
    """
    return predict_and_report(predictor, features, paths, platforms, product_ids, decode)[0]


def predict_and_report(
    predictor: PathPredictor,
    features: Mapping[str, FloatArray],
    paths: Sequence[Path],
    platforms: Sequence[str] | None = None,
    product_ids: Sequence[int] | None = None,
    decode: str | None = None,
) -> tuple[TestReport, list[PredictedPath]]:
    """The same as `report_on`, with the predictions it rests on.

    Args:
        predictor: As for `report_on`.
        features: As for `report_on`.
        paths: As for `report_on`.
        platforms: As for `report_on`.
        product_ids: As for `report_on`.
        decode: As for `report_on`.

    Returns:
        The report, and the path of each product.

    Raises:
        ShapeError: As `report_on`.
    """
    class_ids, confidences = predictor.predict_arrays(features, decode)
    predicted = predictor.to_paths(class_ids, confidences)
    said = [path.node_ids for path in predicted]
    report = TestReport(
        metrics=evaluate(paths, predicted),
        nodes=tuple(node_metrics(paths, said)),
        platforms=() if platforms is None else platform_metrics(paths, said, platforms),
        confusions=sibling_confusions(paths, predicted, product_ids),
        calibration=_calibration(predictor, features, paths, decode, (class_ids, confidences)),
        stopping=stopping_curve(paths, predicted),
        share_invalid=float(invalid_paths(class_ids, predictor.model.masks).mean()),
    )
    return report, predicted


def _calibration(
    predictor: PathPredictor,
    features: Mapping[str, FloatArray],
    paths: Sequence[Path],
    decode: str | None,
    after: tuple[IntArray, FloatArray],
) -> tuple[LevelCalibration, ...]:
    """The whole path, then every level that a predicted path reaches."""
    depth = predictor.tree.depth
    uncorrected = replace(predictor, temperatures=(1.0,) * depth)
    before = uncorrected.predict_arrays(features, decode)
    levels = [(WHOLE_PATH, 1.0), *enumerate(predictor.temperatures, start=1)]
    found = []
    for level, temperature in levels:
        judge = _judged_path if level == WHOLE_PATH else _judged_level
        judged_before, judged_after = (judge(predictor, paths, *arrays, level) for arrays in (before, after))
        if len(judged_after[0]):
            (error_before, bins_before), (error_after, bins_after) = map(_error_and_bins, (judged_before, judged_after))
            found.append(LevelCalibration(level, temperature, error_before, error_after, bins_before, bins_after))
    return tuple(found)


def _judged_path(
    predictor: PathPredictor, paths: Sequence[Path], class_ids: IntArray, confidences: FloatArray, level: int
) -> _Judged:
    predicted = predictor.to_paths(class_ids, confidences)
    is_exact = exact_paths(paths, [path.node_ids for path in predicted])
    return np.array([path.confidence for path in predicted], dtype=np.float32), is_exact


def _judged_level(
    predictor: PathPredictor, paths: Sequence[Path], class_ids: IntArray, confidences: FloatArray, level: int
) -> _Judged:
    """Products whose predicted path reaches the level; that it ends there is no part of this confidence."""
    rows = np.flatnonzero(_reaches(predictor.tree, class_ids, level))
    labels = predictor.tree.levels[level - 1]
    nodes = [labels[i].node_id for i in class_ids[rows, level - 1].tolist()]
    return confidences[rows, level - 1], right_nodes([paths[row] for row in rows], nodes, level)


def _reaches(tree: LabelTree, class_ids: IntArray, level: int) -> BoolArray:
    is_node = [~tree.stops[above][class_ids[:, above]] for above in range(level)]
    return np.logical_and.reduce(is_node)


def _error_and_bins(judged: _Judged) -> tuple[float, tuple[ReliabilityBin, ...]]:
    if not len(judged[0]):
        return 0.0, ()
    return expected_calibration_error(*judged), reliability_bins(*judged)
