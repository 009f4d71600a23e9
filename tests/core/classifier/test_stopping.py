import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.metrics import hierarchical_scores
from core.classifier.stopping import THRESHOLDS, stop, stopping_curve
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError
from core.domain.stopping_rule import stop_path

paths = st.text("ab", min_size=1, max_size=4).map(lambda word: tuple(word[: i + 1] for i in range(len(word))))


@st.composite
def predictions(draw):
    path = draw(paths)
    factors = draw(st.lists(st.floats(0.2, 1.0), min_size=len(path), max_size=len(path)))
    return PredictedPath(path, tuple(np.cumprod(factors).tolist()))


PATH = PredictedPath(("a", "ab", "abc"), (0.9, 0.6, 0.3))


@pytest.mark.parametrize(
    ("threshold", "n_levels"), [(0.0, 3), (0.3, 3), (0.31, 2), (0.6, 2), (0.61, 1), (0.9, 1), (0.95, 1)]
)
def test_a_path_ends_at_the_deepest_level_that_is_sure_enough(threshold, n_levels):
    stopped = stop(PATH, threshold)
    assert stopped == PredictedPath(PATH.node_ids[:n_levels], PATH.level_confidences[:n_levels])


def test_the_first_level_is_given_however_unsure_and_an_empty_path_stays_empty():
    assert stop_path(("a", "b"), (0.1, 0.05), 0.99) == 1
    assert stop_path((), (), 0.5) == 0


@given(st.lists(st.tuples(paths, predictions()), min_size=1, max_size=20))
def test_the_curve_equals_scores_of_paths_cut_one_by_one(rows):
    true, predicted = zip(*rows, strict=True)
    thresholds = (0.0, 0.25, 0.5, 0.75, 1.0)
    for point, threshold in zip(stopping_curve(true, predicted, thresholds), thresholds, strict=True):
        cut = [stop(each, threshold).node_ids for each in predicted]
        scores = (point.hierarchical_precision, point.hierarchical_recall, point.hierarchical_f1)
        assert scores == pytest.approx(hierarchical_scores(true, cut))
        is_right = [path == one[: len(path)] for path, one in zip(cut, true, strict=True)]
        is_shorter = [len(path) < len(each.node_ids) for path, each in zip(cut, predicted, strict=True)]
        assert point.share_right == pytest.approx(np.mean(is_right))
        assert point.share_stopped == pytest.approx(np.mean(is_shorter))
        assert point.mean_depth == pytest.approx(np.mean([len(path) for path in cut]))


@given(st.lists(st.tuples(paths, predictions()), min_size=1, max_size=20))
def test_stopping_more_never_gives_more_levels_nor_more_mistakes(rows):
    curve = stopping_curve(*map(list, zip(*rows, strict=True)))
    assert [point.threshold for point in curve] == list(THRESHOLDS)
    for less, more in itertools.pairwise(curve):
        assert more.mean_depth <= less.mean_depth
        assert more.share_right >= less.share_right
    assert curve[0].share_stopped == 0.0


@pytest.mark.parametrize(("true", "predicted"), [([], []), ([("a",), ("b",)], [PATH])])
def test_other_products_or_none_are_refused(true, predicted):
    with pytest.raises(ShapeError):
        stopping_curve(true, predicted)
