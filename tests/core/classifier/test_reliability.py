import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.reliability import expected_calibration_error, reliability_bins, right_nodes
from core.domain.errors import ShapeError

outcomes = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def _slow_bins(confidences, is_right, n_bins):
    """One product after the other, bin by bin: those in (low, high], and 0 in the first."""
    found, edges = [], np.linspace(0, 1, n_bins + 1).tolist()
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = [
            (confidence, right)
            for confidence, right in zip(confidences, is_right, strict=True)
            if low < confidence <= high or (number == 0 and confidence == 0)
        ]
        if inside:
            sure, right = (sum(column) / len(inside) for column in zip(*inside, strict=True))
            found.append((low, high, len(inside), sure, right))
    return found


@given(outcomes, st.integers(1, 15))
def test_bins_and_error_equal_a_slow_reference(rows, n_bins):
    confidences, is_right = zip(*rows, strict=True)
    expected = _slow_bins(confidences, is_right, n_bins)
    bins = reliability_bins(confidences, is_right, n_bins)
    assert [(b.low, b.high, b.n_products) for b in bins] == [each[:3] for each in expected]
    for found, (*_, sure, right) in zip(bins, expected, strict=True):
        assert (found.mean_confidence, found.accuracy) == pytest.approx((sure, right))
    error = sum(n * abs(sure - right) for _, _, n, sure, right in expected) / len(rows)
    assert expected_calibration_error(confidences, is_right, n_bins) == pytest.approx(error, abs=1e-12)


def test_a_bin_holds_its_upper_edge_and_not_its_lower_one():
    [low, high] = reliability_bins([0.0, 0.5, 0.51, 1.0], [1, 0, 1, 1], n_bins=2)
    assert (low.low, low.high, low.n_products, low.accuracy) == (0.0, 0.5, 2, 0.5)
    assert (high.n_products, high.mean_confidence, high.accuracy) == (2, pytest.approx(0.755), 1.0)


def test_bins_without_products_are_left_out():
    [only] = reliability_bins([0.9, 0.91], [1, 0])
    assert only.n_products == 2


@pytest.mark.parametrize(("confidences", "is_right"), [([], []), ([0.5], [1, 0])])
def test_outcomes_of_other_products_or_none_are_refused(confidences, is_right):
    for measure in (expected_calibration_error, reliability_bins):
        with pytest.raises(ShapeError):
            measure(confidences, is_right)


def test_a_node_is_right_where_the_truth_has_it_on_that_level():
    true = [("a", "b"), ("a",), ("a", "c"), ("b", "a")]
    assert right_nodes(true, ["b", "b", "b", "b"], 2).tolist() == [True, False, False, False]
    assert right_nodes(true, ["a", "a", "b", "a"], 1).tolist() == [True, True, False, False]
