import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discovery.map_sample import AT_LEAST, map_sample
from core.domain.errors import ShapeError

groups_of = st.lists(st.integers(-1, 6), min_size=1, max_size=400).map(np.array)


@given(groups_of, st.integers(1, 200), st.integers(0, 5))
def test_a_sample_is_as_large_as_it_may_be_and_holds_nothing_twice(groups, limit, seed):
    drawn = map_sample(groups, limit, seed)
    assert len(drawn) == min(limit, len(groups))
    assert np.array_equal(drawn, np.unique(drawn))
    assert np.array_equal(drawn, map_sample(groups, limit, seed))


@given(groups_of, st.integers(1, 200))
def test_no_group_vanishes_while_there_is_room_for_one_of_each(groups, limit):
    if limit >= len(np.unique(groups)):
        assert set(groups[map_sample(groups, limit, 0)]) == set(groups)


def test_a_small_group_is_shown_whole_beside_a_large_one():
    groups = np.repeat([0, 1], [100_000, AT_LEAST])
    drawn = map_sample(groups, 1_000, 3)
    assert (groups[drawn] == 1).sum() == AT_LEAST


def test_other_groups_leave_most_of_the_sample_as_it_was():
    groups = np.repeat([0, 1], [6_000, 4_000])
    before = set(map_sample(groups, 1_000, 3).tolist())
    moved = np.where(np.arange(10_000) < 50, 1, groups)
    assert len(before & set(map_sample(moved, 1_000, 3).tolist())) > 950


def test_a_sample_of_nothing_is_refused():
    with pytest.raises(ShapeError):
        map_sample(np.zeros(3, dtype=np.int64), 0, 0)
