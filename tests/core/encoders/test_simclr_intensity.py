import torch

from core.encoders.simclr_augment import render_views, sample_views
from core.encoders.simclr_intensity import INTENSITIES


def test_the_three_of_the_paper_are_there():
    assert list(INTENSITIES) == ["low", "middle", "high"]


def test_middle_is_what_the_encoder_is_trained_with_by_default():
    from core.encoders.simclr import SIMCLR_OPTIONS

    assert INTENSITIES["middle"] == SIMCLR_OPTIONS.augment


def test_a_higher_intensity_leaves_less_of_the_image():
    """Mean difference of a view from its image, over many draws."""
    images = torch.rand(256, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    images = torch.nn.functional.interpolate(images, size=40, mode="bilinear")
    changed = []
    for options in INTENSITIES.values():
        views = sample_views(len(images), 40, options, torch.Generator().manual_seed(1))
        changed.append(float((render_views(images, views, 40) - images).abs().mean()))
    assert changed[0] * 1.1 < changed[1] < changed[2] / 1.1


def test_a_higher_intensity_crops_deeper_and_jitters_more():
    low, middle, high = INTENSITIES.values()
    assert low.min_scale > middle.min_scale > high.min_scale
    assert low.strength < middle.strength < high.strength
