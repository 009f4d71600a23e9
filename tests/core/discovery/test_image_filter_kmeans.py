"""Which images K-Means finds incoherent."""

import numpy as np

from core.discovery.image_filter import filter_incoherent_images
from core.discovery.image_filter_kmeans import kmeans_candidates


def kinds_of(sizes, spreads, n_odd, seed=0, d=64):
    """Kinds of given sizes and spreads, and odd images last."""
    generator = np.random.default_rng(seed)
    parts = [
        generator.normal(size=d) + spread * generator.normal(size=(size, d))
        for size, spread in zip(sizes, spreads, strict=True)
    ]
    odd = 2 * generator.normal(size=(n_odd, d))
    return np.vstack([*parts, odd]).astype(np.float32)


def flagged(images, **options):
    return filter_incoherent_images(images, len(images), 0, method="kmeans", **options).is_noise


def test_odd_images_are_found_and_ordinary_ones_left_alone():
    images = kinds_of([300, 200, 150, 100, 50], [0.3] * 5, 12)
    found = flagged(images)
    assert found[-12:].mean() > 0.8
    assert found[:-12].mean() < 0.005


def test_a_wide_kind_and_a_rare_kind_are_kept():
    images = kinds_of([400, 300, 120, 12], [0.25, 0.3, 0.5, 0.3], 10)
    found = flagged(images)
    assert found[-10:].mean() > 0.8
    assert found[700:820].mean() < 0.03
    assert not found[820:832].any()


def test_twins_of_an_odd_image_do_not_hide_it():
    images = kinds_of([400, 300], [0.3, 0.3], 4)
    images = np.vstack([images, images[-4:]])  # two shops sell each
    assert flagged(images)[-8:].all()


def test_never_more_than_the_documented_share_is_set_aside():
    images = kinds_of([300, 300], [0.3, 0.3], 80)
    assert 0.04 * 680 < flagged(images).sum() <= 0.05 * 680
    assert flagged(images, maximum_share=0.01).sum() == 6


def test_identical_images_are_no_fault_and_none_is_odd():
    for images in (np.ones((100, 16)), np.repeat(np.eye(2, 16), 50, axis=0)):
        assert not flagged(images).any()


def test_the_same_seed_finds_the_same():
    components = kinds_of([200, 200], [0.3, 0.4], 10)
    first, again = (kmeans_candidates(components, 7) for _ in range(2))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
