"""Intervals of shares against published examples and against what they must do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.inference.proportions import critical_value, difference_interval, ratio_lower_bound, wilson_interval

Z = critical_value()


def test_wilson_gives_newcombes_published_example():
    # Newcombe 1998, Two-sided confidence intervals for the single proportion, table I: 81 of 263.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_difference_gives_newcombes_published_examples():
    # Newcombe 1998, table II, method 10: 56/70 against 48/80, and 9/10 against 3/10.
    assert difference_interval(56, 70, 48, 80, Z) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference_interval(9, 10, 3, 10, Z) == pytest.approx((0.1705, 0.8090), abs=5e-5)


@given(st.integers(0, 300), st.integers(1, 300))
def test_the_interval_holds_the_share_and_lies_between_none_and_all(n_hits, n):
    n_hits = min(n_hits, n)
    low, high = wilson_interval(n_hits, n)
    assert 0.0 <= low <= n_hits / n <= high <= 1.0


def test_nothing_seen_says_nothing():
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert difference_interval(0, 0, 5, 10, Z) == (-1.0, 1.0)
    assert ratio_lower_bound(5, 10, 0, 0, Z) == 0.0
    assert ratio_lower_bound(0, 10, 5, 10, Z) == 0.0


def test_the_ratios_bound_is_that_of_katz_with_half_a_product_more():
    # By hand: 20.5/100.5 is 3.8950 times 10.5/200.5; exp(1.35970 - 1.959964 * 0.359278) with
    # 0.359278 the root of 1/20.5 - 1/100.5 + 1/10.5 - 1/200.5.
    assert ratio_lower_bound(20, 100, 10, 200, Z) == pytest.approx(1.9262, abs=5e-5)


def test_the_more_is_looked_at_the_wider_each_interval():
    assert critical_value() == pytest.approx(1.959964, abs=1e-6)
    assert critical_value(10) == pytest.approx(2.807034, abs=1e-6)
    assert ratio_lower_bound(20, 100, 10, 200, critical_value(10)) < ratio_lower_bound(20, 100, 10, 200, Z)
