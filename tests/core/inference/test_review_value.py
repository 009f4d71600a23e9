import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import ShapeError
from core.inference.review_value import DISAGREEMENT, LEAST, N_HALF, RARITY, review_values, wrong_probabilities

SHARES = st.floats(0, 1)


def value(p_wrong, n_settled=1.0, n_labelled=100):
    return float(review_values(np.array([p_wrong]), np.array([n_settled]), np.array([n_labelled]))[0])


def wrong(confidence, text=float("nan"), disagrees=False):
    return float(wrong_probabilities(np.array([confidence]), np.array([text]), np.array([disagrees]))[0])


def test_a_lone_prediction_of_a_well_known_category_is_worth_its_doubt():
    assert value(0.4, 1.0, 10**9) == pytest.approx(0.4)
    assert value(0.4, 8.0, 10**9) == pytest.approx(0.4 * 4)


def test_rarity_adds_its_share_to_an_unknown_category_and_half_of_it_to_one_with_a_few():
    assert value(0.4, 1.0, 0) == pytest.approx(0.4 * (1 + RARITY))
    assert value(0.4, 1.0, N_HALF) == pytest.approx(0.4 * (1 + RARITY / 2))


def test_a_stage_that_disagrees_takes_confidence_away_by_how_sure_it_is():
    assert wrong(0.8) == wrong(0.8, 0.9) == wrong(0.8, 0.0, True) == pytest.approx(0.2)
    assert wrong(0.8, 1.0, True) == pytest.approx(1 - 0.8 * (1 - DISAGREEMENT))


def test_a_stage_that_was_not_asked_takes_nothing_away():
    assert wrong(0.8, float("nan"), True) == pytest.approx(0.2)


@given(SHARES, SHARES, SHARES)
def test_doubt_rises_with_every_reason_for_it(confidence, text, more):
    assert 0 <= wrong(confidence, text, False) <= wrong(confidence, text, True) <= 1
    assert wrong(confidence, max(text, more), True) >= wrong(confidence, min(text, more), True)
    assert wrong(min(confidence, more), text, True) >= wrong(max(confidence, more), text, True)


@given(SHARES, SHARES, st.floats(1, 1e6), st.floats(1, 1e6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_values_rise_with_every_part_and_are_bounded(p, q, n, m, few, many):
    assert LEAST <= value(p, n, few) <= (1 + np.log2(n)) * (1 + RARITY)
    assert value(max(p, q), n, few) >= value(min(p, q), n, few)
    assert value(p, max(n, m), few) >= value(p, min(n, m), few)
    assert value(p, n, min(few, many)) >= value(p, n, max(few, many))


def test_lengths_must_agree():
    with pytest.raises(ShapeError, match="got 2, 1 and 2"):
        review_values(np.zeros(2), np.ones(1), np.zeros(2))
