"""Cohen's kappa against scikit-learn, and what it must be by its definition."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from core.discovery.agreement import cohen_kappa, observed_agreement, pairwise_agreement
from core.domain.errors import ShapeError

LABELS = st.sampled_from(["boots", "heels", "sandals", ("reject", "")])
RATINGS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30)


@given(RATINGS)
def test_kappa_is_that_of_scikit_learn_and_none_where_that_is_not_defined(ratings):
    first, second = ([str(pair[rater]) for pair in ratings] for rater in (0, 1))
    if len({*first, *second}) == 1:
        assert cohen_kappa(first, second) is None
    else:
        assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))


@given(RATINGS)
def test_neither_the_order_of_raters_nor_the_names_of_labels_matter(ratings):
    first, second = zip(*ratings, strict=True)
    renamed = [[hash(label) for label in labels] for labels in (first, second)]
    assert cohen_kappa(first, second) == cohen_kappa(second, first) == cohen_kappa(*renamed)
    assert observed_agreement(first, second) == observed_agreement(second, first)


@given(RATINGS)
def test_kappa_never_exceeds_what_is_observed(ratings):
    first, second = zip(*ratings, strict=True)
    kappa, observed = cohen_kappa(first, second), observed_agreement(first, second)
    assert 0 <= observed <= 1
    assert kappa is None or -1 <= kappa <= observed + 1e-12


@given(st.lists(LABELS, min_size=2, max_size=20).filter(lambda labels: len(set(labels)) > 1))
def test_raters_who_always_agree_have_a_kappa_of_one(labels):
    assert cohen_kappa(labels, list(labels)) == 1.0


def test_a_textbook_table_gives_its_kappa():
    """20 both yes, 15 both no, 5 and 10 mixed, out of 50: observed 0.7, by chance 0.5."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    first, second = zip(*pairs, strict=True)
    assert math.isclose(cohen_kappa(first, second), 0.4)


def test_labels_of_different_lengths_or_none_are_refused():
    for first, second in ((["a"], ["a", "b"]), ([], [])):
        with pytest.raises(ShapeError):
            cohen_kappa(first, second)


def test_of_three_raters_the_mean_over_pairs_on_what_both_rated_is_taken():
    ratings = {
        "ada": {1: "boots", 2: "heels", 3: "boots", 4: "heels"},
        "bob": {1: "boots", 2: "heels", 3: "heels", 9: "boots"},
        "cid": {3: "boots", 4: "boots"},
    }
    found = pairwise_agreement(ratings)
    pairs = [("ada", "bob", (1, 2, 3)), ("ada", "cid", (3, 4)), ("bob", "cid", (3,))]
    kappas = [cohen_kappa_score(*([ratings[who][item] for item in items] for who in (a, b))) for a, b, items in pairs]
    assert found.kappa == pytest.approx(sum(kappas) / 3)
    assert found.observed == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert (found.n_items, found.raters) == (4, ("ada", "bob", "cid"))


def test_a_pair_without_a_kappa_counts_for_what_is_observed_alone():
    found = pairwise_agreement({"ada": {1: "a", 2: "b"}, "bob": {1: "a", 2: "b"}, "cid": {1: "a"}})
    assert (found.observed, found.kappa) == (1.0, 1.0)


def test_raters_who_share_nothing_have_no_agreement():
    assert pairwise_agreement({"ada": {1: "boots"}, "bob": {2: "boots"}}) is None
    assert pairwise_agreement({}) is None
