"""Which images are set aside."""

import numpy as np

from core.discovery.image_filter import MAXIMUM_SHARE, filter_incoherent_images


def category(n_products: int, n_odd: int, seed: int = 0):
    """Images of five kinds, and a few that are each of a kind of their own; the odd ones last."""
    generator = np.random.default_rng(seed)
    kinds = generator.normal(size=(5, 64))[generator.integers(0, 5, n_products - n_odd)]
    ordinary = kinds + 0.3 * generator.normal(size=(n_products - n_odd, 64))
    odd = 2 * generator.normal(size=(n_odd, 64))
    return np.vstack([ordinary, odd]).astype(np.float32), np.arange(n_products) >= n_products - n_odd


def test_odd_images_are_found_and_ordinary_ones_left_alone():
    images, is_odd = category(800, 12)
    found = filter_incoherent_images(images, 800, 0)
    assert found.is_noise[is_odd].mean() > 0.6
    assert found.is_noise[~is_odd].mean() < 0.005
    assert found.outlier_scores[is_odd].min() > np.quantile(found.outlier_scores[~is_odd], 0.95)


def test_a_coherent_category_keeps_nearly_everything():
    images, _ = category(800, 0)
    assert filter_incoherent_images(images, 800, 0).is_noise.mean() < 0.01


def test_never_more_than_the_documented_share_is_set_aside():
    images, _ = category(800, 160)
    found = filter_incoherent_images(images, 800, 0)
    assert found.is_noise.sum() <= MAXIMUM_SHARE * 800
    fewer = filter_incoherent_images(category(800, 12)[0], 800, 0, maximum_share=0.005)
    assert fewer.is_noise.sum() == 4
    everything = filter_incoherent_images(category(800, 12)[0], 800, 0)
    kept_scores = everything.outlier_scores[everything.is_noise & ~fewer.is_noise]
    assert everything.outlier_scores[fewer.is_noise].min() >= kept_scores.max()


def test_without_images_or_with_few_nothing_is_set_aside():
    assert not filter_incoherent_images(None, 500, 0).is_noise.any()
    assert not filter_incoherent_images(np.zeros((500, 8)), 500, 0).is_noise.any()
    assert not filter_incoherent_images(category(59, 5)[0], 59, 0).is_noise.any()


def test_products_without_an_image_are_never_set_aside():
    images, _ = category(800, 12)
    images[::4] = 0
    found = filter_incoherent_images(images, 800, 0)
    assert not found.is_noise[::4].any()
    assert not found.outlier_scores[::4].any()


def test_identical_images_are_no_fault():
    for images in (np.ones((100, 16)), np.repeat(np.eye(2, 16), 50, axis=0)):
        found = filter_incoherent_images(images, 100, 0)
        assert not found.is_noise.any()
        assert np.isfinite(found.outlier_scores).all()


def test_scores_are_fractions_and_the_filter_repeats_itself():
    images, _ = category(400, 8)
    found, again = (filter_incoherent_images(images, 400, 3) for _ in range(2))
    assert 0 <= found.outlier_scores.min() <= found.outlier_scores.max() <= 1
    assert np.array_equal(found.is_noise, again.is_noise)
    assert np.array_equal(found.outlier_scores, again.outlier_scores)
