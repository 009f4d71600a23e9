import hiclass.metrics
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from core.classifier.metrics import (
    evaluate,
    hierarchical_scores,
    level_metrics,
    node_metrics,
    platform_metrics,
)
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError

paths = st.text("abc", min_size=1, max_size=4).map(lambda word: tuple(word[: i + 1] for i in range(len(word))))
pairs = st.lists(st.tuples(paths, paths), min_size=1, max_size=40)

TRUE = [("a", "a1"), ("a", "a1"), ("a",), ("b", "b1")]
PREDICTED = [("a", "a1"), ("a",), ("a", "a1"), ("a", "a2")]


def _levelled(rows):
    return np.array([[*row, *[""] * (4 - len(row))] for row in rows])


@given(pairs)
def test_scores_over_ancestor_sets_equal_hiclass(rows):
    true, predicted = zip(*rows, strict=True)
    expected = [
        score(_levelled(true), _levelled(predicted)) for score in (hiclass.metrics.precision, hiclass.metrics.recall)
    ]
    precision, recall, f1 = hierarchical_scores(true, predicted)
    assert (precision, recall) == pytest.approx(expected)
    if precision + recall:  # hiclass divides by zero where nothing is right
        assert f1 == pytest.approx(hiclass.metrics.f1(_levelled(true), _levelled(predicted)))


@given(pairs)
def test_level_scores_equal_scikit_learn_without_the_missing_label(rows):
    true, predicted = zip(*rows, strict=True)
    for level in level_metrics(true, predicted):
        y_true = [path[level.level - 1] if len(path) >= level.level else "" for path in true]
        y_predicted = [path[level.level - 1] if len(path) >= level.level else "" for path in predicted]
        labels = sorted({*y_true, *y_predicted} - {""})
        for average, found in (("macro", level.macro_f1), ("weighted", level.weighted_f1)):
            expected = f1_score(y_true, y_predicted, labels=labels, average=average, zero_division=0)
            assert found == pytest.approx(expected)
        assert level.n_products == sum(label != "" for label in y_true)


def test_a_case_by_hand():
    # nodes shared 2 + 1 + 1 + 0 = 4, predicted 2 + 1 + 2 + 2 = 7, true 2 + 2 + 1 + 2 = 7
    assert hierarchical_scores(TRUE, PREDICTED) == pytest.approx((4 / 7, 4 / 7, 4 / 7))
    first, second = level_metrics(TRUE, PREDICTED)
    # level 1: a has 3 hits, 4 predicted, 3 true -> 6/7; b none
    assert (first.n_products, first.macro_f1, first.weighted_f1) == pytest.approx((4, 3 / 7, 6 / 7 * 3 / 4))
    # level 2: a1 has 1 hit (a stop and a false alarm beside it), 2 predicted, 2 true -> 1/2; a2 and b1 none
    assert (second.n_products, second.macro_f1, second.weighted_f1) == pytest.approx((3, 1 / 6, 1 / 2 * 2 / 3))


def test_node_scores_by_hand():
    nodes = {node.node_id: node for node in node_metrics(TRUE, PREDICTED)}
    assert (nodes["a"].precision, nodes["a"].recall, nodes["a"].n_predicted) == (3 / 4, 1.0, 4)
    assert (nodes["b1"].precision, nodes["b1"].recall, nodes["b1"].f1, nodes["b1"].n_products) == (0, 0, 0, 1)
    assert list(nodes) == ["a", "b", "a1", "a2", "b1"]


def test_evaluate_puts_all_figures_together():
    predicted = [PredictedPath(path, (0.9,) * len(path)) for path in PREDICTED]
    metrics = evaluate(TRUE, predicted)
    assert metrics.exact_path_accuracy == 1 / 4
    assert metrics.expected_calibration_error == pytest.approx(0.9 - 1 / 4)
    assert metrics.n_products == 4
    assert [level.level for level in metrics.levels] == [1, 2]
    assert metrics.hierarchical_f1 == pytest.approx(4 / 7)


def test_right_predictions_score_one():
    metrics = evaluate(TRUE, [PredictedPath(path, (1.0,) * len(path)) for path in TRUE])
    assert metrics.hierarchical_f1 == metrics.exact_path_accuracy == 1.0
    assert all(level.macro_f1 == level.weighted_f1 == 1.0 for level in metrics.levels)
    assert metrics.expected_calibration_error == 0.0


@pytest.mark.parametrize(("true", "predicted"), [([], []), ([("a",)], [])])
def test_other_products_or_none_are_refused(true, predicted):
    for score in (hierarchical_scores, node_metrics, evaluate):
        with pytest.raises(ShapeError):
            score(true, predicted)


def test_platforms_are_scored_by_themselves_the_largest_first():
    small, large = platform_metrics(TRUE, PREDICTED, ["shop", "market", "market", "market"])[::-1]
    assert (large.platform, large.n_products, small.platform, small.n_products) == ("market", 3, "shop", 1)
    assert (small.hierarchical_f1, small.exact_path_accuracy) == (1.0, 1.0)
    expected = hierarchical_scores(TRUE[1:], PREDICTED[1:])
    assert (large.hierarchical_precision, large.hierarchical_recall, large.hierarchical_f1) == expected
    assert large.exact_path_accuracy == 0.0


def test_platforms_of_other_products_are_refused():
    with pytest.raises(ShapeError):
        platform_metrics(TRUE, PREDICTED, ["shop"])
