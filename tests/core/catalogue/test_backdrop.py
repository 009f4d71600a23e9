"""How clean backgrounds are, on pictures that are drawn and saved."""

import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.catalogue.backdrop import BATCH, backdrop_cleanliness, measure_backdrops
from core.catalogue.demo_backdrops import clean_backdrop, cluttered_backdrop
from core.domain.errors import JobCancelledError


def drawn(backdrop, size=(200, 256)) -> Image.Image:
    """A product on a backdrop: a colour, or the pixels of one."""
    if isinstance(backdrop, tuple):
        picture = Image.new("RGB", size, backdrop)
    else:
        picture = Image.fromarray((255 * np.clip(backdrop, 0, 1)).astype(np.uint8))
    width, height = picture.size
    ImageDraw.Draw(picture).ellipse((width // 4, height // 4, 3 * width // 4, 3 * height // 4), fill=(180, 40, 60))
    return picture


def saved(tmp_path, pictures):
    paths = []
    for index, picture in enumerate(pictures):
        paths.append(tmp_path / f"{index}.webp")
        picture.save(paths[-1], "WEBP", quality=80)
    return paths


def test_studios_are_clean_and_rooms_are_busy(tmp_path):
    generator = np.random.default_rng(0)
    studios = [drawn(clean_backdrop((tone, tone, tone), generator)) for tone in (0.75, 0.85, 0.92, 0.97, 1.0)]
    rooms = [drawn(cluttered_backdrop(generator, ground)) for ground in (None, 180, 170, 190, None, 175, 185, 180)]
    found = measure_backdrops(saved(tmp_path, [*studios, *rooms]))
    assert found[: len(studios)].min() > 0.95
    assert np.median(found[len(studios) :]) < 0.6
    assert found[len(studios) :].max() < found[: len(studios)].min()


def test_a_dark_border_counts_less_than_a_bright_one(tmp_path):
    white, grey, black = measure_backdrops(
        saved(tmp_path, [drawn((255, 255, 255)), drawn((128, 128, 128)), drawn((0, 0, 0))])
    )
    assert (white, black) == pytest.approx((1.0, 0.5))
    assert grey == pytest.approx(1.0, abs=0.01)


def test_figures_are_the_slow_count():
    generator = np.random.default_rng(1)
    pictures = generator.integers(60, 110, (5, 33, 50, 3), dtype=np.uint8)
    for picture, figure in zip(pictures, backdrop_cleanliness(pictures), strict=True):
        border = [
            picture[y, x].astype(float) for y in range(33) for x in range(50) if min(x, y, 49 - x, 32 - y) < 2
        ]  # 6 % of 33
        median = np.floor(np.median(border, axis=0))
        uniform = np.mean([max(abs(pixel - median)) <= 16 for pixel in border])
        brightness = np.median(border, axis=0) @ [0.299, 0.587, 0.114] / 255
        assert figure == pytest.approx(uniform * min(1.0, 0.5 + brightness), abs=1e-5)


def test_what_is_not_there_or_broken_is_unknown(tmp_path):
    (broken := tmp_path / "broken.webp").write_bytes(b"RIFF nothing")
    [good] = saved(tmp_path, [drawn((255, 255, 255))])
    found = measure_backdrops([None, broken, tmp_path / "lost.webp", good])
    assert np.isnan(found[:3]).all()
    assert found[3] == 1.0
    assert len(measure_backdrops([])) == 0


def test_thousands_of_borders_a_second_and_batches_keep_their_order(tmp_path):
    paths = saved(tmp_path, [drawn((255, 255, 255)), drawn((0, 0, 0))])
    found = measure_backdrops(paths * BATCH)
    assert np.array_equal(found, np.tile(found[:2], BATCH))
    pictures = np.random.default_rng(0).integers(0, 255, (512, 64, 64, 3), dtype=np.uint8)
    started = time.process_time()
    backdrop_cleanliness(pictures)
    assert time.process_time() - started < 0.5


def test_measuring_can_be_cancelled(tmp_path):
    class Cancelled:
        def report(self, fraction, message="", **metrics):
            raise JobCancelledError

    with pytest.raises(JobCancelledError):
        measure_backdrops(saved(tmp_path, [drawn((255, 255, 255))]), Cancelled())
