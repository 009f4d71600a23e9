from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.split import duplicate_groups, stratified_split
from core.domain.errors import ShapeError

labelled_groups = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 30)), min_size=1, max_size=150)


def _rows(split):
    return np.concatenate([split.train, split.validation, split.test])


@given(labelled_groups, st.integers(0, 3))
def test_every_product_is_in_one_part_and_no_group_is_torn(rows, seed):
    labels, groups = zip(*rows, strict=True)
    split = stratified_split(labels, groups, seed)
    assert sorted(_rows(split)) == list(range(len(labels)))
    parts = [{groups[i] for i in part} for part in (split.train, split.validation, split.test)]
    assert sum(map(len, parts)) == len(set(groups))


@given(labelled_groups)
def test_every_label_is_trained_and_small_ones_only_there(rows):
    labels, _ = zip(*rows, strict=True)
    split = stratified_split(labels)
    assert {labels[i] for i in split.train} == set(labels)
    counts = Counter(labels)
    assert all(counts[labels[i]] >= 3 for i in (*split.validation, *split.test))


@given(labelled_groups)
def test_every_label_is_trained_even_where_groups_mix_labels(rows):
    labels, groups = zip(*rows, strict=True)
    split = stratified_split(labels, groups)
    assert {labels[i] for i in split.train} == set(labels)


def test_each_label_is_shared_out_64_16_20():
    labels = ["big"] * 1000 + ["small"] * 50
    split = stratified_split(labels)
    assert [Counter(labels[i] for i in part)["big"] for part in (split.train, split.validation, split.test)] == [
        640,
        160,
        200,
    ]
    assert [Counter(labels[i] for i in part)["small"] for part in (split.train, split.validation, split.test)] == [
        32,
        8,
        10,
    ]


def test_the_seed_decides_who_goes_where():
    labels = ["a"] * 100
    assert stratified_split(labels, seed=1).test.tolist() == stratified_split(labels, seed=1).test.tolist()
    assert stratified_split(labels, seed=1).test.tolist() != stratified_split(labels, seed=2).test.tolist()


@pytest.mark.parametrize(("labels", "groups"), [([], None), (["a", "b"], [1])])
def test_groups_that_do_not_fit_are_refused(labels, groups):
    with pytest.raises(ShapeError):
        stratified_split(labels, groups)


def test_duplicates_are_joined_by_any_key_and_through_chains():
    images = ["x", "x", None, "y", "", ""]
    titles = ["red shoe", "shoe", "shoe", "bag", "", "z"]
    groups = duplicate_groups(images, titles)
    assert groups[0] == groups[1] == groups[2]
    assert len({groups[0], groups[3], groups[4], groups[5]}) == 4


def test_one_key_is_not_taken_for_another():
    assert len(set(duplicate_groups(["x", None], [None, "x"]))) == 2


def test_without_any_key_value_everyone_stands_alone():
    assert sorted(duplicate_groups([None, ""])) == [0, 1]


def test_keys_of_different_length_are_refused():
    with pytest.raises(ShapeError):
        duplicate_groups(["a"], ["a", "b"])
