"""UMAP positions and linear components, side by side and alike in weight."""

from dataclasses import replace

import numpy as np
import pytest

from core.discovery.clustering_space import clustering_space
from core.domain.discovery import DiscoveryParameters

PARAMETERS = DiscoveryParameters(linear_components=4)


def drawn(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def total_variance(positions):
    return float(positions.var(axis=0).sum())


def test_both_halves_weigh_the_same_whatever_their_scale():
    space = clustering_space(1000 * drawn(50, 12), 0.01 * drawn(50, 10) + 7, PARAMETERS)
    assert space.shape == (50, 14)
    assert space.dtype == np.float32
    assert total_variance(space[:, :10]) == pytest.approx(1, rel=1e-4)
    assert total_variance(space[:, 10:]) == pytest.approx(1, rel=1e-4)


def test_distances_within_the_linear_half_are_those_of_the_features():
    features = drawn(30, 4)
    linear = clustering_space(features, drawn(30, 2), PARAMETERS)[:, 2:]
    before = np.linalg.norm(features[:, None] - features[None], axis=2)
    after = np.linalg.norm(linear[:, None] - linear[None], axis=2)
    ratio = after[before > 0] / before[before > 0]
    np.testing.assert_allclose(ratio, ratio.mean(), rtol=1e-3)


@pytest.mark.parametrize(
    "parameters", [replace(PARAMETERS, linear_components=0), replace(PARAMETERS, clusterer="hdbscan")]
)
def test_without_linear_components_and_for_hdbscan_umap_stands_alone(parameters):
    reduced = drawn(20, 3)
    assert clustering_space(drawn(20, 8), reduced, parameters) is reduced


def test_features_that_do_not_vary_leave_the_positions_of_umap():
    space = clustering_space(np.ones((20, 8), dtype=np.float32), drawn(20, 3), PARAMETERS)
    assert np.isfinite(space).all()
    assert not space[:, 3:].any()
