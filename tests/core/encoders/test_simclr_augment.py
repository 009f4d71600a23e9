"""Each operation on a batch against torchvision's, one image at a time."""

import inspect
from dataclasses import fields, replace

import pytest
import torch
import torchvision.transforms.v2.functional as one
from lightly.transforms.simclr_transform import SimCLRTransform
from torchvision.transforms import RandomResizedCrop

from core.encoders.simclr_augment import AugmentOptions, render_views, sample_views

N, SIDE, SIZE = 12, 20, 16
UNCHANGED = {"brightness": 1.0, "contrast": 1.0, "saturation": 1.0, "hue": 0.0, "sigma": 0.0}


def images(n=N, side=SIDE):
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(1))


def draw(n=N, side=SIDE, seed=0, **options):
    return sample_views(n, side, AugmentOptions(**options), torch.Generator().manual_seed(seed))


def plain(views):
    """The same crops without flip, jitter, grey and blur."""
    factors = {name: torch.full_like(views.top, value) for name, value in UNCHANGED.items()}
    never = torch.zeros_like(views.is_grey)
    return replace(views, **factors, is_flipped=never, is_grey=never)


def crop(image, views, index):
    box = (int(getattr(views, name)[index]) for name in ("top", "left", "height", "width"))
    return one.resized_crop(image, *box, [SIZE, SIZE], antialias=True)


def assert_alike(batch, expected, tolerance=1e-4):
    torch.testing.assert_close(batch, torch.stack(expected), atol=tolerance, rtol=0)


def test_options_default_to_those_of_lightly():
    theirs = inspect.signature(SimCLRTransform.__init__).parameters
    for option in fields(AugmentOptions):
        if option.name != "strength":
            assert option.default == theirs[option.name].default, option.name


def test_crops_equal_resized_crops():
    views, batch = plain(draw()), images()
    assert_alike(render_views(batch, views, SIZE), [crop(batch[i], views, i) for i in range(N)])


def test_flips_equal_horizontal_flips():
    views, batch = plain(draw()), images()
    flipped = replace(views, is_flipped=torch.arange(N) % 2 == 0)
    expected = [crop(batch[i], views, i) for i in range(N)]
    expected = [one.horizontal_flip(image) if i % 2 == 0 else image for i, image in enumerate(expected)]
    assert_alike(render_views(batch, flipped, SIZE), expected)


@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation", "hue"])
def test_a_jitter_equals_that_of_torchvision(name):
    views, batch = draw(cj_prob=1.0, strength=1.0), images()
    single = replace(plain(views), **{name: getattr(views, name)})
    adjust = getattr(one, f"adjust_{name}")
    expected = [adjust(crop(batch[i], views, i), float(getattr(views, name)[i])) for i in range(N)]
    assert_alike(render_views(batch, single, SIZE), expected)


def test_jitters_are_applied_in_the_drawn_order():
    views, batch = draw(cj_prob=1.0, strength=1.0), images()
    jittered = replace(
        plain(views), **{name: getattr(views, name) for name in ("brightness", "contrast", "saturation", "hue")}
    )
    expected = []
    for i in range(N):
        image = crop(batch[i], views, i)
        for name in views.jitter_order:
            image = getattr(one, f"adjust_{name}")(image, float(getattr(views, name)[i]))
        expected.append(image)
    assert_alike(render_views(batch, jittered, SIZE), expected, tolerance=1e-3)


def test_grey_images_are_grey():
    views, batch = plain(draw()), images()
    greyed = replace(views, is_grey=torch.ones(N, dtype=torch.bool))
    expected = [one.rgb_to_grayscale(crop(batch[i], views, i), num_output_channels=3) for i in range(N)]
    assert_alike(render_views(batch, greyed, SIZE), expected)


def test_blur_equals_a_gaussian_over_repeated_edges():
    views, batch = plain(draw()), images()
    sigmas = torch.linspace(0.1, 2, N)
    expected = []
    for i, sigma in enumerate(sigmas.tolist()):
        padded = one.pad(crop(batch[i], views, i), [10, 10, 10, 10], padding_mode="edge")
        expected.append(one.gaussian_blur(padded, [19, 19], [sigma, sigma])[:, 10:-10, 10:-10])
    assert_alike(render_views(batch, replace(views, sigma=sigmas), SIZE), expected, tolerance=1e-3)


def test_drawn_parameters_stay_within_their_ranges():
    views = draw(n=4000, side=80, strength=0.5)
    assert 0.6 <= views.brightness.min() < 0.65
    assert 1.35 < views.brightness.max() <= 1.4
    assert -0.1 <= views.hue.min() < -0.09
    assert views.sigma.max() <= 1.0
    assert (views.top + views.height <= 80).all()
    assert (views.left + views.width <= 80).all()


def test_crops_are_drawn_like_those_of_torchvision():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        blank = torch.zeros(3, 80, 80)
        theirs = torch.tensor([RandomResizedCrop.get_params(blank, [0.08, 1.0], [3 / 4, 4 / 3]) for _ in range(4000)])
    views = draw(n=4000, side=80)
    ours = torch.stack([views.top, views.left, views.height, views.width], dim=1)
    torch.testing.assert_close(ours.mean(dim=0), theirs.float().mean(dim=0), atol=1.5, rtol=0)
    torch.testing.assert_close(ours.std(dim=0), theirs.float().std(dim=0), atol=1.0, rtol=0)
    assert abs((ours[:, 2] * ours[:, 3]).mean() / (theirs[:, 2] * theirs[:, 3]).float().mean() - 1) < 0.05


def test_drawn_chances_are_those_asked_for():
    views = draw(n=4000)
    assert abs(views.is_flipped.float().mean() - 0.5) < 0.03
    assert abs(views.is_grey.float().mean() - 0.2) < 0.03
    assert abs((views.sigma > 0).float().mean() - 0.5) < 0.03
    assert abs((views.brightness != 1).float().mean() - 0.8) < 0.03


def test_same_generator_same_views():
    first, second, other = draw(seed=3), draw(seed=3), draw(seed=4)
    assert torch.equal(render_views(images(), first, SIZE), render_views(images(), second, SIZE))
    assert not torch.equal(render_views(images(), first, SIZE), render_views(images(), other, SIZE))


def test_views_are_colours():
    views = render_views(images(), draw(strength=1.0), SIZE)
    assert views.shape == (N, 3, SIZE, SIZE)
    assert -1e-5 <= views.min() < views.max() <= 1 + 1e-5
