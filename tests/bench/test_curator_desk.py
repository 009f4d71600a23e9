import numpy as np
import pytest

from bench.curator_desk import Desk
from core.discovery.review_order import SCREEN
from core.domain.errors import ShapeError

TRUTH = np.array([0, 0, 0, 1, 1, 2])
EVERYTHING = np.arange(6)


def test_naming_a_cluster_is_one_decision_and_labels_its_products():
    desk = Desk(TRUTH.copy())
    desk.name(EVERYTHING, 0)
    assert desk.n_decisions == 1
    assert desk.curve[-1].by_names == pytest.approx(3 / 6)


def test_looking_tells_the_kinds_shown_and_costs_nothing():
    desk = Desk(TRUTH.copy())
    assert desk.look(np.array([5, 0])).tolist() == [2, 0]
    assert (desk.n_decisions, desk.n_screens) == (0, 1)


def test_more_than_a_screen_cannot_be_looked_at():
    with pytest.raises(ShapeError):
        Desk(np.zeros(100, dtype=np.int64)).look(np.arange(SCREEN + 1))


@pytest.mark.parametrize(
    "act",
    [
        lambda desk: desk.label(3, 1),
        lambda desk: desk.move(np.array([3]), 1),
        lambda desk: desk.leave(np.array([3])),
    ],
)
def test_what_nobody_looked_at_cannot_be_labelled(act):
    desk = Desk(TRUTH.copy())
    desk.name(EVERYTHING, 0)
    with pytest.raises(ShapeError):
        act(desk)


def test_own_label_outweighs_the_name_of_the_cluster():
    desk = Desk(TRUTH.copy())
    desk.name(EVERYTHING, 0)
    desk.look(np.array([3, 4]))
    desk.name(np.array([5]), 1)
    desk.move(np.array([3, 4]), 1)
    assert desk.answers().tolist() == [0, 0, 0, 1, 1, 1]
    assert desk.counts == {"name": 2, "move": 1}


def test_moving_to_a_kind_without_a_name_costs_the_naming_too():
    desk = Desk(TRUTH.copy())
    desk.look(np.array([3, 4]))
    desk.move(np.array([3, 4]), 1)
    assert desk.counts == {"name": 1, "move": 1}


def test_what_was_left_in_place_keeps_its_label_when_the_cluster_is_renamed():
    desk = Desk(TRUTH.copy())
    desk.name(EVERYTHING, 0)
    desk.look(np.array([0, 1]))
    desk.leave(np.array([0, 1]))
    desk.name(EVERYTHING, 1)
    assert desk.answers().tolist() == [0, 0, 1, 1, 1, 1]


def test_predictions_answer_where_there_is_no_own_label():
    desk = Desk(TRUTH.copy())
    desk.look(np.array([5]))
    desk.label(5, 2)
    desk.predict(np.array([0, 0, 0, 1, 1, 0]))
    assert desk.curve[-1].by_classifier == 1.0
    assert desk.curve[-1].by_names == pytest.approx(1 / 6)


def test_curve_has_a_point_for_every_decision():
    desk = Desk(TRUTH.copy())
    desk.split()
    desk.name(EVERYTHING, 0)
    assert [point.n_decisions for point in desk.curve] == [0, 1, 2]
