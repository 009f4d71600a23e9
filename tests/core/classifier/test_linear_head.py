import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from core.classifier.head_training import HeadSchedule, default_schedule, train_head
from core.classifier.linear_head import FEW_PRODUCTS, LinearHead, concatenated, one_hot
from core.domain.errors import ShapeError, TrainingDataError


def _blobs(n=300, n_classes=4, n_dimensions=6, noise=0.8, seed=0):
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(n_classes, n_dimensions))
    class_ids = np.arange(n) % n_classes
    features = centres[class_ids] + noise * generator.normal(size=(n, n_dimensions))
    return features.astype(np.float32), class_ids.astype(np.int64)


def _log_loss(class_ids, probabilities):
    return -np.log(probabilities[np.arange(len(class_ids)), class_ids]).mean()


def test_probabilities_are_nearly_those_of_a_logistic_regression():
    features, class_ids = _blobs()
    head = LinearHead.fit(features, class_ids, 4, schedule=HeadSchedule(max_epochs=80, weight_decay=0.0))
    reference = LogisticRegression(C=1e3, max_iter=500).fit(features, class_ids)
    mine, theirs = head.probabilities(features), reference.predict_proba(features)
    assert abs(_log_loss(class_ids, mine) - _log_loss(class_ids, theirs)) < 0.03
    assert (mine.argmax(1) == theirs.argmax(1)).mean() > 0.97


@pytest.mark.parametrize("n_classes", [2, 4])
def test_few_products_get_the_very_probabilities_of_a_logistic_regression(n_classes):
    features, class_ids = _blobs(n_classes=n_classes)
    centred = features.astype(np.float64) - features.mean(axis=0)
    inputs = centred / np.sqrt(np.square(centred).mean())
    reference = LogisticRegression(C=0.3, max_iter=1000, tol=1e-8).fit(inputs, class_ids).predict_proba(inputs)
    mine = LinearHead.fit(features, class_ids, n_classes).probabilities(features)
    np.testing.assert_allclose(mine, reference, atol=2e-3)


def _one_hot_words(n, n_rare, seed=0):
    """Two kinds told apart by two strong dimensions among many that are rare words and say nothing."""
    generator = np.random.default_rng(seed)
    class_ids = np.arange(n) % 2
    kinds = np.where(generator.random(n) < 0.85, class_ids, 1 - class_ids)  # the rest looks like the other kind
    rare = 0.02 * generator.normal(size=(n, n_rare))
    return np.hstack([0.7 * np.eye(2)[kinds], rare]).astype(np.float32), class_ids.astype(np.int64)


@pytest.mark.parametrize("is_multi_label", [False, True])
def test_many_faint_dimensions_do_not_drown_two_strong_ones_where_products_are_few(is_multi_label):
    features, class_ids = _one_hot_words(120, 200)
    unseen, true_ids = _one_hot_words(2000, 200, seed=1)
    validation = _one_hot_words(40, 200, seed=2)
    if is_multi_label:
        class_ids, validation = one_hot(class_ids, 2), (validation[0], one_hot(validation[1], 2))
    probabilities = LinearHead.fit(features, class_ids, 2, validation).probabilities(unseen)
    share_right = (probabilities.argmax(1) == true_ids).mean()
    assert share_right > 0.75, "a scale for every dimension finds 0.65, and 0.85 is all there is to find"
    assert abs(probabilities.max(1).mean() - share_right) < 0.12, "about as sure as it is right"


def test_with_more_products_each_dimension_has_its_own_scale_and_steps_train_the_layer():
    n = FEW_PRODUCTS + 1
    features, class_ids = _blobs(n)
    features *= np.array([0.01, 1.0, 30.0, 1.0, 1.0, 5.0], dtype=np.float32)
    inputs = torch.from_numpy(features)
    mean, spread = inputs.mean(dim=0), inputs.std(dim=0, correction=0)
    layer = nn.Linear(6, 4)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    train_head(layer, ((inputs - mean) / spread, torch.from_numpy(class_ids)), None, default_schedule(False), seed=3)
    expected = layer((inputs - mean) / spread).softmax(dim=1).detach().numpy()
    np.testing.assert_array_equal(LinearHead.fit(features, class_ids, 4, seed=3).probabilities(features), expected)


def test_a_single_class_is_certain():
    features, _ = _blobs(20)
    found = LinearHead.fit(features, np.full(20, 1), 3).probabilities(features)
    np.testing.assert_array_equal(found, one_hot(np.full(20, 1), 3))


def test_products_that_are_all_alike_get_the_shares_of_their_classes():
    found = LinearHead.fit(np.ones((8, 3), dtype=np.float32), np.array([0] * 6 + [1] * 2), 2)
    np.testing.assert_allclose(found.probabilities(np.full((1, 3), 9.0))[0], [0.75, 0.25], atol=1e-3)


def test_several_labels_are_learnt_as_independent_ones():
    features, _ = _blobs(400)
    targets = np.stack([features[:, 0] > 0, features[:, 1] > 0.5, features[:, 2] + features[:, 3] > 0], axis=1)
    head = LinearHead.fit(features, targets.astype(np.float32), 3)
    probabilities = head.probabilities(features)
    assert head.is_multi_label
    assert ((probabilities > 0.5) == targets).mean() > 0.95
    assert abs(probabilities.sum(axis=1) - 1).max() > 0.3


@pytest.mark.parametrize("is_multi_label", [False, True])
def test_a_class_without_a_product_never_has_a_probability(is_multi_label):
    features, class_ids = _blobs()
    class_ids[class_ids == 2] = 3
    targets = one_hot(class_ids, 5) if is_multi_label else class_ids
    probabilities = LinearHead.fit(features, targets, 5).probabilities(features)
    assert probabilities.shape == (300, 5)
    assert not probabilities[:, [2, 4]].any()
    assert probabilities[:, [0, 1, 3]].all()


@pytest.mark.parametrize("schedule", [None, HeadSchedule()])
def test_scale_and_constant_dimensions_change_nothing(schedule):
    features, class_ids = _blobs()
    plain = LinearHead.fit(features, class_ids, 4, schedule=schedule).probabilities(features)
    odd = np.hstack([features * 0.001 + 5.0, np.full((300, 1), 7.0)]).astype(np.float32)
    head = LinearHead.fit(odd, class_ids, 4, schedule=schedule)
    np.testing.assert_allclose(head.probabilities(odd), plain, atol=0.02)
    odd[:, -1] = 1e6  # a dimension that never varied in training says nothing later
    np.testing.assert_allclose(head.probabilities(odd), plain, atol=0.02)


def test_the_same_seed_gives_the_same_head_and_leaves_the_global_generator_alone():
    features, class_ids = _blobs()
    torch.manual_seed(5)
    expected_draw = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (
        LinearHead.fit(features, class_ids, 4, schedule=HeadSchedule(), seed=seed).probabilities(features)
        for seed in (1, 1, 2)
    )
    assert torch.equal(torch.rand(3), expected_draw)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_validation_stops_before_the_labels_are_memorised():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(60, 50)).astype(np.float32)
    class_ids = generator.integers(0, 2, 60)
    other = generator.normal(size=(200, 50)).astype(np.float32), generator.integers(0, 2, 200)
    free = LinearHead.fit(features, class_ids, 2, schedule=HeadSchedule()).probabilities(features)
    stopped = LinearHead.fit(features, class_ids, 2, other, HeadSchedule()).probabilities(features)
    assert free.max(1).mean() > stopped.max(1).mean() + 0.1


def test_validation_of_unknown_classes_alone_is_no_judge():
    features, class_ids = _blobs()
    unknown = features[:3], np.full(3, 4)
    with_it = LinearHead.fit(features, class_ids, 5, unknown, HeadSchedule()).probabilities(features)
    without = LinearHead.fit(features, class_ids, 5, schedule=HeadSchedule()).probabilities(features)
    np.testing.assert_array_equal(with_it, without)


def test_shapes_that_do_not_fit_are_refused():
    features, class_ids = _blobs()
    with pytest.raises(ShapeError):
        LinearHead.fit(features, class_ids[:-1], 4)
    with pytest.raises(ShapeError):
        LinearHead.fit(features, one_hot(class_ids, 4), 5)
    with pytest.raises(ShapeError):
        LinearHead.fit(features, class_ids, 4).probabilities(features[:, :2])
    with pytest.raises(TrainingDataError):
        LinearHead.fit(features, np.zeros((300, 4)), 4)


def test_no_products_have_no_probabilities():
    features, class_ids = _blobs()
    assert LinearHead.fit(features, class_ids, 4).probabilities(features[:0]).shape == (0, 4)


def test_concatenated_modalities_weigh_the_same_and_missing_rows_do_not_count():
    small = np.array([[0.3, 0.4], [0.0, 0.0]], dtype=np.float32)
    large = np.array([[30.0], [-40.0]], dtype=np.float32)
    joined = concatenated([small, large])
    np.testing.assert_allclose(joined[:, :2], [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)
    np.testing.assert_allclose((joined[:, 2] ** 2).mean(), 1.0, rtol=1e-6)
    assert not concatenated([np.zeros((2, 3), dtype=np.float32)]).any()
