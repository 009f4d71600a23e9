from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classifier.head_training import HeadSchedule
from core.classifier.linear_head import LinearHead, one_hot
from core.classifier.out_of_fold import judged_rows, out_of_fold_probabilities, stratified_folds
from core.domain.errors import ParameterError, ShapeError

labelled_groups = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 30)), min_size=1, max_size=120)


@given(labelled_groups, st.integers(2, 6), st.integers(0, 3))
def test_no_group_is_torn(rows, n_folds, seed):
    labels, groups = zip(*rows, strict=True)
    folds = stratified_folds(labels, groups, n_folds, seed)
    assert set(folds.tolist()) <= set(range(n_folds))
    assert len(set(zip(groups, folds.tolist(), strict=True))) == len(set(groups))


@given(labelled_groups, st.integers(2, 6))
def test_every_label_is_spread_as_evenly_as_can_be(rows, n_folds):
    labels, _ = zip(*rows, strict=True)
    folds = stratified_folds(labels, None, n_folds)
    sizes = Counter(zip(labels, folds.tolist(), strict=True))
    for label in set(labels):
        counts = [sizes[label, fold] for fold in range(n_folds)]
        assert max(counts) - min(counts) <= 1
    totals = np.bincount(folds, minlength=n_folds)
    assert totals.max() - totals.min() <= 1


def test_the_seed_decides_the_folds():
    labels = ["a"] * 50
    assert stratified_folds(labels, None, 5, 1).tolist() == stratified_folds(labels, None, 5, 1).tolist()
    assert stratified_folds(labels, None, 5, 1).tolist() != stratified_folds(labels, None, 5, 2).tolist()


def test_impossible_folds_are_refused():
    with pytest.raises(ParameterError):
        stratified_folds(["a"], None, 1)
    with pytest.raises(ShapeError):
        stratified_folds(["a"], [1, 2], 2)


@given(labelled_groups)
def test_judges_are_whole_groups_and_never_of_a_rare_label(rows):
    labels, groups = zip(*rows, strict=True)
    learn, judge = judged_rows(np.arange(len(labels)), labels, groups)
    assert sorted([*learn, *judge]) == list(range(len(labels)))
    assert not {groups[i] for i in learn} & {groups[i] for i in judge}
    assert all(Counter(labels)[labels[i]] >= 10 for i in judge)


def _random_labels(n=120, n_dimensions=200):
    """More dimensions than products: a head remembers every label that it sees."""
    generator = np.random.default_rng(0)
    features = generator.normal(size=(n, n_dimensions)).astype(np.float32)
    return features, generator.permutation(np.arange(n) % 4)


def test_random_labels_are_remembered_in_fold_and_a_mere_guess_out_of_fold():
    features, class_ids = _random_labels()
    schedule = HeadSchedule(max_epochs=15)
    in_fold = LinearHead.fit(features, class_ids, 4, schedule=schedule).probabilities(features)
    found = out_of_fold_probabilities(features, class_ids, 4, class_ids.tolist(), schedule=schedule)
    assert (in_fold.argmax(1) == class_ids).mean() > 0.95
    assert (found.argmax(1) == class_ids).mean() < 0.4


def test_a_twin_does_not_vouch_for_a_label_where_both_are_one_group():
    features, class_ids = _random_labels(60)
    twins, labels = np.vstack([features, features]), np.concatenate([class_ids, class_ids])
    groups = np.concatenate([np.arange(60), np.arange(60)])
    apart = out_of_fold_probabilities(twins, labels, 4, labels.tolist(), None, n_folds=3)
    together = out_of_fold_probabilities(twins, labels, 4, labels.tolist(), groups, n_folds=3)
    assert (apart.argmax(1) == labels).mean() > 0.6
    assert (together.argmax(1) == labels).mean() < 0.45


def test_a_class_of_one_product_has_no_probability_for_that_product_only():
    features, class_ids = _random_labels()
    class_ids[7] = 4
    found = out_of_fold_probabilities(features, class_ids, 5, class_ids.tolist())
    assert found[7, 4] == 0.0
    assert (found[np.arange(120) != 7, 4] > 0).sum() >= 120 * 0.7
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)


def test_products_without_the_modality_neither_train_nor_get_probabilities():
    features, class_ids = _random_labels()
    is_present = np.arange(120) % 3 > 0
    found = out_of_fold_probabilities(features, class_ids, 4, class_ids.tolist(), is_present=is_present)
    spoilt = np.where(is_present[:, None], features, 1e6).astype(np.float32)
    again = out_of_fold_probabilities(spoilt, class_ids, 4, class_ids.tolist(), is_present=is_present)
    np.testing.assert_array_equal(found, again)
    assert not found[~is_present].any()
    np.testing.assert_allclose(found[is_present].sum(axis=1), 1.0, rtol=1e-5)


def test_several_labels_per_product_and_products_without_any():
    features, class_ids = _random_labels()
    targets = one_hot(class_ids, 4)
    targets[:, 0] = features[:, 0] > 0
    targets[:50] = 0
    found = out_of_fold_probabilities(features, targets, 4, [tuple(row) for row in targets.tolist()])
    assert found.shape == (120, 4)
    assert ((found > 0) & (found < 1)).mean() > 0.9


def test_progress_counts_folds():
    features, class_ids = _random_labels(40)
    told = []

    class Listener:
        def report(self, fraction, message="", **metrics):
            told.append(fraction)

    out_of_fold_probabilities(features, class_ids, 4, class_ids.tolist(), n_folds=4, progress=Listener())
    assert told == [0.25, 0.5, 0.75, 1.0]
