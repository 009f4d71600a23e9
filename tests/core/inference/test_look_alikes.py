import numpy as np
import pytest

from core.domain.errors import ShapeError
from core.inference import look_alikes as module
from core.inference.look_alikes import look_alikes


def unit(degrees):
    radians = np.radians(np.asarray(degrees, dtype=np.float32))
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def grouped(vectors, categories=None, images=None, titles=None, threshold=0.9):
    n = len(vectors)
    nothing = [None] * n
    return look_alikes(vectors, categories or ["a"] * n, images or nothing, titles or nothing, threshold)


def members(found):
    return {tuple(np.flatnonzero(found.group_ids == group).tolist()) for group in set(found.group_ids.tolist()) - {0}}


def test_near_ones_share_a_group_and_far_ones_stand_alone():
    found = grouped(unit([0, 5, 10, 90, 180, 185]))
    assert members(found) == {(0, 1, 2), (4, 5)}
    assert found.group_ids[3] == 0
    assert not found.is_leader[3]


def test_no_chain_of_small_steps_joins_two_that_are_far_apart():
    vectors = unit(np.arange(0, 180, 10))  # each within 25 degrees of its neighbours
    found = grouped(vectors)
    for group in members(found):
        leader = next(index for index in group if found.is_leader[index])
        assert all(vectors[leader] @ vectors[index] >= 0.9 for index in group)
        assert all(found.similarities[index] == pytest.approx(vectors[leader] @ vectors[index]) for index in group)


def test_the_one_with_the_most_look_alikes_leads():
    found = grouped(unit([0, 20, 40]))
    assert found.is_leader.tolist() == [False, True, False]


def test_what_is_predicted_differently_is_no_look_alike():
    assert members(grouped(unit([0, 1, 0, 1]), categories=["a", "b", "a", "b"])) == {(0, 2), (1, 3)}


def test_equal_images_and_equal_titles_are_alike_for_certain():
    vectors = unit([0, 90, 180, 270])
    found = grouped(vectors, images=["x", "x", None, None], titles=[None, "t", "t", None])
    assert members(found) == {(0, 1, 2)}
    assert found.is_leader.tolist() == [False, True, False, False]
    assert found.similarities[:3].tolist() == [1, 1, 1]


def test_products_of_which_nothing_is_known_are_no_look_alikes():
    assert members(grouped(np.zeros((3, 2), dtype=np.float32))) == set()


def test_a_leader_settles_its_group_by_likeness_and_the_others_themselves():
    found = grouped(unit([0, 10, 90]))
    assert found.n_settled().tolist() == pytest.approx([1 + np.cos(np.radians(10)), 1, 1])


def test_groups_are_no_larger_than_what_a_curator_takes_in():
    found = grouped(unit(np.linspace(0, 1, 3 * module.MAX_GROUP + 1)), titles=["t"] * (3 * module.MAX_GROUP + 1))
    sizes = np.bincount(found.group_ids)[1:]
    assert sizes.max() == module.MAX_GROUP
    assert sizes.min() >= 2


def test_many_of_one_category_are_compared_slice_by_slice(monkeypatch):
    monkeypatch.setattr(module, "MAX_COMPARED", 3)
    assert members(grouped(unit([0, 0, 0, 0, 0]))) == {(0, 1, 2), (3, 4)}


def test_the_same_products_give_the_same_groups():
    vectors = unit(np.random.default_rng(0).uniform(0, 360, 200))
    first, second = grouped(vectors), grouped(vectors)
    assert first.group_ids.tolist() == second.group_ids.tolist()
    assert len(members(first)) > 5


def test_every_group_has_one_leader_and_at_least_two_members():
    found = grouped(unit(np.random.default_rng(1).uniform(0, 360, 200)), threshold=0.999)
    for group in members(found):
        assert len(group) >= 2
        assert found.is_leader[list(group)].sum() == 1


def test_nothing_is_grouped_of_nothing():
    assert len(grouped(np.zeros((0, 2), dtype=np.float32)).group_ids) == 0


def test_lengths_must_agree():
    with pytest.raises(ShapeError):
        look_alikes(unit([0, 1]), ["a"], [None, None], [None, None])
