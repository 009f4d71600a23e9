"""HDBSCAN carried over from a sample."""

import numpy as np
import pytest

from core.discovery.image_filter import _joining_distances
from core.discovery.sampled_joining import sampled_joining

N_OUTLIERS = 12


@pytest.fixture(scope="module")
def images():
    """Three dense groups, and a few images far from everything, the last rows."""
    generator = np.random.default_rng(0)
    centres = 10 * generator.normal(size=(3, 8))
    inside = centres[generator.integers(0, 3, 1200)] + generator.normal(size=(1200, 8))
    outside = 40 * generator.normal(size=(N_OUTLIERS, 8))
    return np.vstack([inside, outside]).astype(np.float32)


def test_a_small_set_is_fitted_whole(images):
    whole, same = _joining_distances(images), sampled_joining(images, _joining_distances, 0)
    assert np.array_equal(whole[0], same[0])
    assert np.array_equal(whole[1], same[1])


def test_groups_and_outliers_are_told_apart_as_in_a_whole_fit(images):
    labels, distances = sampled_joining(images, _joining_distances, 0, n_sampled=500)
    whole_labels, whole_distances = _joining_distances(images)
    assert (labels[-N_OUTLIERS:] == -1).all()
    assert distances[-N_OUTLIERS:].min() > np.quantile(distances[:-N_OUTLIERS], 0.99)
    joined = (labels >= 0) & (whole_labels >= 0)
    assert joined.mean() > 0.7
    pairs = set(zip(labels[joined].tolist(), whole_labels[joined].tolist(), strict=True))
    assert len(pairs) == 3  # one label of the one fit for each of the other
    assert np.corrcoef(np.log(distances), np.log(whole_distances))[0, 1] > 0.8


def test_the_sample_follows_the_seed(images):
    first, again, other = (sampled_joining(images, _joining_distances, seed, n_sampled=300)[1] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_copies_of_one_image_have_no_distance_between_them():
    rows = np.repeat(np.random.default_rng(0).normal(size=(10, 4)), 40, axis=0).astype(np.float32)
    labels, distances = sampled_joining(rows, _joining_distances, 0, n_sampled=200)
    assert np.isfinite(distances).all()
    assert labels.shape == (400,)
