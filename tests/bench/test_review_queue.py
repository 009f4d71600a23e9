"""The simulated curator: honest counts, and an order that pays."""

import numpy as np
import pytest

from bench.review_queue import mean_curve, needed, needed_table, points_table
from bench.review_simulation import Order, Point, World, simulate

N = 600


@pytest.fixture(scope="module")
def world() -> World:
    """Six kinds in pairs that overlap; some products are listed twice, and some titles lie."""
    generator = np.random.default_rng(0)
    labels = generator.integers(6, size=N)
    centres = np.repeat(3 * np.eye(3, 12), 2, axis=0) + 0.7 * np.eye(6, 12, k=4)
    image = (centres[labels] + 0.35 * generator.normal(size=(N, 12))).astype(np.float32)
    title = (centres[labels] + 0.5 * generator.normal(size=(N, 12))).astype(np.float32)
    titles = [f"title {label} {number % 40}" for number, label in enumerate(labels.tolist())]
    return World(image, title, labels, [None] * N, titles)


@pytest.fixture(scope="module")
def curves(world):
    return {order: [simulate(world, order, 0.1, [30, 30], seed) for seed in (1, 2)] for order in Order}


def test_one_decision_settles_one_product_unless_look_alikes_follow(curves):
    for order, runs in curves.items():
        for points in runs:
            assert [point.n_looks for point in points] == [0, 30, 60]
            is_alone = order in (Order.RANDOM, Order.LEAST_CERTAIN, Order.VALUE)
            assert all((point.n_settled == point.n_looks) == is_alone for point in points[1:])


def test_only_what_was_applied_unseen_can_be_settled_wrong(curves):
    for order, runs in curves.items():
        n_wrong = sum(points[-1].n_settled_wrong for points in runs)
        if order is not Order.VALUE_ALL:
            assert n_wrong == 0
        assert (sum(points[-1].n_left_out for points in runs) > 0) <= (order is Order.VALUE_SEEN)


def test_the_queue_gets_further_than_a_random_order(curves):
    reached = {order: mean_curve(runs, "catalogue")[1][-1] for order, runs in curves.items()}
    assert reached[Order.VALUE_SEEN] > reached[Order.RANDOM]
    assert reached[Order.LEAST_CERTAIN] > reached[Order.RANDOM]


def test_all_orders_start_from_the_same_point_and_repeat_themselves(world, curves):
    assert len({runs[0][0] for runs in curves.values()}) == 1
    assert simulate(world, Order.VALUE_SEEN, 0.1, [30, 30], 1) == curves[Order.VALUE_SEEN][0]


def test_decisions_needed_are_read_between_the_points():
    assert needed([0, 100, 200], [0.5, 0.7, 0.9], 0.8) == pytest.approx(150)
    assert needed([0, 100], [0.5, 0.7], 0.4) == 0
    assert needed([0, 100], [0.5, 0.7], 0.75) is None


def test_a_curve_never_falls_back_behind_what_was_reached():
    runs = [[Point(0, 0, 0, 0, 0.5, 0.5), Point(9, 0, 9, 0, 0.4, 0.6)]]
    assert mean_curve(runs, "catalogue") == ([0, 9], [0.5, 0.5])


def test_tables_name_every_order(curves):
    table = "\n".join([*points_table(curves), *needed_table(curves)])
    assert all(str(order) in table for order in Order)
