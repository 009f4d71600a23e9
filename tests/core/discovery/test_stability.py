"""Whether clusters are found again in subsets."""

import numpy as np
import pytest

from core.discovery.cut import cut
from core.discovery.dendrogram import Dendrogram
from core.discovery.linkage import ward_dendrogram
from core.discovery.stability import Resample, bootstrap_stability, resampled_dendrograms, stability_over


def blobs(n_products: int, n_groups: int, distance: float, seed: int = 0):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, n_groups, n_products)
    centres = np.eye(n_groups, 10) * distance
    return (centres[truth] + generator.normal(size=(n_products, 10))).astype(np.float32), truth


def test_real_groups_are_found_again_and_arbitrary_cuts_are_not():
    points, truth = blobs(400, 4, 20)
    assert bootstrap_stability(points, truth).min() == pytest.approx(1.0)
    cloud, _ = blobs(400, 1, 0)
    assert bootstrap_stability(cloud, cut(ward_dendrogram(cloud), 6)).mean() < 0.6


def test_a_split_group_is_less_stable_than_its_whole_neighbour():
    points, truth = blobs(400, 3, 30)
    split = truth.copy()
    split[np.flatnonzero(truth == 2)[::2]] = 3  # a split at random cannot be found again
    found = bootstrap_stability(points, split)
    assert found[:2].min() > 0.85
    assert found[2:].max() < 0.7


def test_noise_takes_no_part():
    points, truth = blobs(200, 3, 20)
    found = np.append(truth, [-1] * 20)
    far = np.vstack([points, np.full((20, 10), 1e4, dtype=np.float32)])
    assert np.array_equal(bootstrap_stability(far, found), bootstrap_stability(points, truth))


def test_the_same_seed_gives_the_same_figure():
    points, truth = blobs(200, 3, 3)
    assert np.array_equal(bootstrap_stability(points, truth, seed=3), bootstrap_stability(points, truth, seed=3))
    assert not np.array_equal(bootstrap_stability(points, truth, seed=3), bootstrap_stability(points, truth, seed=4))


def test_subsets_are_capped_and_hold_no_product_twice():
    points = np.random.default_rng(0).normal(size=(5_000, 3)).astype(np.float32)
    (resample,) = resampled_dendrograms(points, 1, 0)
    assert len(resample.positions) == 3_000 == len(np.unique(resample.positions))


def test_one_product_is_as_stable_as_can_be():
    assert bootstrap_stability(np.zeros((1, 2), dtype=np.float32), np.array([0])).tolist() == [1.0]


def test_products_that_a_subset_leaves_between_clusters_agree_with_none():
    ids = np.repeat([0, 1], 10)
    leaves = np.repeat([0, 1], 10)
    leaves[:5] = -1
    resample = Resample(np.arange(20), Dendrogram(np.array([[0.0, 1.0, 1.0, 15.0]]), leaves))
    assert stability_over([resample], ids).tolist() == [0.5, 1.0]
