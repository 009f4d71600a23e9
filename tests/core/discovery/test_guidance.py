"""What the curator decided, as a discovery takes it."""

import numpy as np
import pytest

from core.discovery.guidance import Group, Guidance, Teachers
from core.domain.errors import ShapeError


def guidance(labels, groups, aside=(), **more):
    is_set_aside = np.zeros(len(labels), dtype=bool)
    is_set_aside[list(aside)] = True
    return Guidance(np.array(labels, dtype=np.int64), groups, is_set_aside, **more)


def test_it_says_in_words_what_guides_a_run():
    boots, heels, drawn = Group("Boots", "n1"), Group("Heels", "n2"), Group("")
    found = guidance([0, 0, 1, 2, -1, -1], (boots, heels, drawn), aside=[4], n_moved=2)
    assert found.describe() == (
        "3 products in 2 approved subcategories, 1 product in 1 group in review, "
        "2 moved products and 1 excluded product"
    )
    assert guidance([0], (boots,)).describe() == "1 product in 1 approved subcategory"


def test_nothing_known_says_nothing():
    empty = guidance([-1, -1], ())
    assert empty.says_nothing
    assert empty.describe() == ""


def test_teachers_are_heard_only_where_something_is_known_here():
    teachers = Teachers({}, np.array([0, 0, 1, 1]), np.zeros(4, dtype=np.int64))
    assert guidance([-1, -1], (), teachers=teachers).says_nothing
    known = guidance([0, 0, 1, 1], (Group("Boots", "n1"), Group("Heels", "n2")), teachers=teachers)
    assert known.teaches
    assert known.describe() == "4 products in 2 approved subcategories and 2 known groups elsewhere"
    assert not guidance([0, 0, 1], (Group("Boots"), Group("Heels"))).teaches


def test_seeds_are_never_noise_and_excluded_products_always_are():
    found = guidance([0, -1, -1, -1], (Group("Boots"),), aside=[3])
    assert found.noise_after(np.array([True, True, False, False])).tolist() == [False, True, False, True]


def test_excluding_everything_leaves_everything_in():
    found = guidance([-1, -1, -1], (), aside=[0, 1, 2])
    assert not found.noise_after(np.zeros(3, dtype=bool)).any()


def test_a_label_without_a_group_or_a_mark_too_few_is_refused():
    with pytest.raises(ShapeError, match="group 1"):
        guidance([0, 1], (Group("Boots"),))
    with pytest.raises(ShapeError, match="2 labels"):
        Guidance(np.array([-1, -1]), (), np.zeros(3, dtype=bool))
