"""What is clustered."""

import numpy as np
import pytest

from core.discovery.features import combine, modality_features
from core.domain.errors import ShapeError, TooFewProductsError


def test_features_are_unit_vectors_on_centred_principal_components():
    embedding = np.random.default_rng(0).normal(size=(40, 8)) + 100
    found = modality_features(embedding, 3, 0)
    assert found.shape == (40, 3)
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    centred = embedding - embedding.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ axes[:3].T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(np.abs(found), np.abs(expected), atol=1e-3)  # the sign of an axis is free


def test_a_missing_modality_stays_zero_and_does_not_shift_the_others():
    embedding = np.random.default_rng(0).normal(size=(40, 8)) + 5
    with_gaps = np.vstack([np.zeros((3, 8)), embedding, np.full((1, 8), np.nan)])
    found = modality_features(with_gaps, 4, 0)
    assert not found[[0, 1, 2, 43]].any()
    assert np.allclose(found[3:43], modality_features(embedding, 4, 0), atol=1e-5)


def test_features_are_never_wider_than_the_products_allow():
    assert modality_features(np.random.default_rng(0).normal(size=(5, 20)), 50, 0).shape == (5, 5)


def test_weights_scale_each_modality():
    one, two = np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)[:, :2]
    found = combine([(one, 1.0), (two, 0.5)])
    assert found.shape == (4, 6)
    assert np.array_equal(found, np.hstack([one, 0.5 * two]))


def test_a_modality_nobody_has_is_left_out():
    nobody = modality_features(np.zeros((4, 9)), 3, 0)
    alike = modality_features(np.ones((4, 9)), 3, 0)
    some = np.eye(4, dtype=np.float32)
    assert np.array_equal(combine([(nobody, 1.0), (some, 0.7), (alike, 1.0), (some, 0.0)]), some * np.float32(0.7))


def test_products_that_nothing_tells_apart_are_refused():
    with pytest.raises(TooFewProductsError, match="apart"):
        combine([(modality_features(np.zeros((4, 9)), 3, 0), 1.0), (modality_features(np.ones((4, 9)), 3, 0), 1.0)])


def test_modalities_of_different_products_are_refused():
    with pytest.raises(ShapeError):
        combine([(np.eye(4, dtype=np.float32), 1.0), (np.eye(5, dtype=np.float32), 1.0)])
