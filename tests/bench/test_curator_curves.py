import numpy as np
import pytest

from bench.curator_curves import Crossing, crossing, mean_curve, share_after
from bench.curator_desk import Desk

TRUTH = np.array([0, 0, 1, 1])


def _desk(*named: int) -> Desk:
    desk = Desk(TRUTH.copy())
    for position in named:
        desk.name(np.array([position]), int(TRUTH[position]))
    return desk


def test_mean_curve_averages_the_seeds_after_each_decision():
    curve = mean_curve([_desk(0, 1, 2, 3), _desk(0)], "by_names", 4)
    assert curve == pytest.approx([0.0, 0.25, 0.375, 0.5, 0.625])


def test_curve_that_dips_is_reached_before_it_is_held():
    assert crossing(np.array([0.0, 0.9, 0.8, 0.95, 0.97]), 0.9) == Crossing(1, 3)


def test_curve_that_ends_below_the_mark_does_not_hold_it():
    assert crossing(np.array([0.0, 0.9, 0.8]), 0.9) == Crossing(1, None)


def test_mark_out_of_reach_is_never_crossed():
    assert crossing(np.array([0.0, 0.5]), 0.9) == Crossing(None, None)


def test_share_after_more_decisions_than_were_made_is_the_last():
    assert share_after(np.array([0.0, 0.5]), 7) == 0.5
