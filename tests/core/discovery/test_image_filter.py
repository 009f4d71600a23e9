"""Which images are set aside."""

import numpy as np
import pytest

from core.discovery.image_filter import MAXIMUM_SHARE, filter_incoherent_images
from core.domain.discovery import OutlierReason
from core.domain.errors import ParameterError, ShapeError


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


@pytest.mark.parametrize("method", ["hdbscan", "kmeans"])
def test_the_method_says_what_it_did_and_every_outlier_has_a_reason(method):
    images, is_odd = category(800, 12)
    found = filter_incoherent_images(images, 800, 0, method=method)
    assert f": {found.is_noise.sum()} of 800 images" in found.method
    assert np.array_equal(found.reasons > 0, found.is_noise)
    assert set(found.reasons[found.is_noise]) == {OutlierReason.UNLIKE}
    assert found.is_noise[is_odd].mean() > 0.6


def test_none_keeps_every_image():
    found = filter_incoherent_images(category(800, 12)[0], 800, 0, method="none")
    assert not found.is_noise.any()
    assert found.method == "none"


def test_an_unknown_filter_is_refused_with_the_valid_ones():
    with pytest.raises(ParameterError, match="hdbscan, kmeans, none"):
        filter_incoherent_images(None, 5, 0, method="sieve")


@pytest.mark.parametrize("method", ["hdbscan", "kmeans"])
def test_a_busy_background_alone_sets_nothing_aside(method):
    images, _ = category(800, 0)
    backdrop = np.ones(800, dtype=np.float32)
    plain = filter_incoherent_images(images, 800, 0, method=method, backdrop=backdrop)
    backdrop[::5] = 0.0
    busy = filter_incoherent_images(images, 800, 0, method=method, backdrop=backdrop)
    assert busy.is_noise.sum() <= plain.is_noise.sum() + 2


def borderline(unevenness: float):
    """Images of five kinds, more and less like their kind, so that some are just short of being set aside."""
    generator = np.random.default_rng(1)
    width = np.exp(unevenness * generator.normal(size=800))
    kinds = generator.normal(size=(5, 64))[generator.integers(0, 5, 800)]
    images = kinds + 0.5 * width[:, None] * generator.normal(size=(800, 64))
    return images.astype(np.float32), width > np.quantile(width, 0.93)


@pytest.mark.parametrize(("method", "unevenness"), [("hdbscan", 0.5), ("kmeans", 0.4)])
def test_among_candidates_a_busy_background_tips_the_scale_and_is_named(method, unevenness):
    images, is_wide = borderline(unevenness)
    clean, busy = np.ones(800, dtype=np.float32), np.where(is_wide, 0, 1).astype(np.float32)
    without, with_busy = (
        filter_incoherent_images(images, 800, 0, method=method, backdrop=backdrop) for backdrop in (clean, busy)
    )
    assert with_busy.is_noise.sum() > without.is_noise.sum()
    assert with_busy.is_noise[without.is_noise].all()
    assert set(with_busy.reasons[with_busy.is_noise & is_wide]) == {OutlierReason.BUSY_BACKGROUND}
    moved = with_busy.outlier_scores - without.outlier_scores
    assert (moved[~is_wide] == 0).all()
    assert (moved[is_wide] >= 0).all()
    assert moved.max() > 0


@pytest.mark.parametrize(("method", "unevenness"), [("hdbscan", 0.5), ("kmeans", 0.4)])
def test_a_clean_background_among_busy_ones_speaks_for_an_image(method, unevenness):
    images, is_wide = borderline(unevenness)
    busy, cleaner = np.zeros(800, dtype=np.float32), is_wide.astype(np.float32)
    of_busy, of_cleaner = (
        filter_incoherent_images(images, 800, 0, method=method, backdrop=backdrop) for backdrop in (busy, cleaner)
    )
    assert of_cleaner.is_noise.sum() < of_busy.is_noise.sum()


def test_unknown_backgrounds_change_nothing():
    images, _ = category(400, 8)
    without = filter_incoherent_images(images, 400, 0)
    unknown = filter_incoherent_images(images, 400, 0, backdrop=np.full(400, np.nan, dtype=np.float32))
    assert np.array_equal(without.outlier_scores, unknown.outlier_scores)
    assert np.array_equal(without.is_noise, unknown.is_noise)


def test_backgrounds_of_other_products_are_refused():
    with pytest.raises(ShapeError, match="400"):
        filter_incoherent_images(category(400, 8)[0], 400, 0, backdrop=np.ones(399, dtype=np.float32))
