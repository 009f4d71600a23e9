import numpy as np
import pytest
import torch
from PIL import Image

from core.domain.errors import ImageError
from core.encoders.image_tensors import load_batch, normalise_colours, open_on_white


def save(path, colour, size, mode="RGB"):
    Image.new(mode, size, colour).save(path)
    return path


def test_images_are_letterboxed_on_white_with_their_proportions(tmp_path):
    wide = save(tmp_path / "wide.png", (255, 0, 0), (40, 20))
    (picture,) = load_batch([wide], size=16)
    assert picture.dtype == torch.uint8
    red = torch.tensor([255, 0, 0], dtype=torch.uint8)[:, None, None]
    assert (picture[:, 4:12] == red).all()
    assert (picture[:, :4] == 255).all()
    assert (picture[:, 12:] == 255).all()


def test_a_batch_keeps_its_order(tmp_path):
    paths = [save(tmp_path / f"{grey}.png", (grey,) * 3, (8, 8)) for grey in range(0, 250, 10)]
    assert load_batch(paths, size=8)[:, 0, 0, 0].tolist() == list(range(0, 250, 10))


def test_small_and_very_thin_images_fit_too(tmp_path):
    paths = [save(tmp_path / "dot.png", "black", (1, 1)), save(tmp_path / "line.png", "black", (500, 1))]
    dot, line = load_batch(paths, size=16)
    assert (dot == 0).all()
    assert (line == 0).any()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white(tmp_path, mode):
    picture = Image.fromarray(np.zeros((4, 4, 4), dtype=np.uint8), "RGBA").convert(mode)
    picture.save(tmp_path / "clear.png", **({"transparency": picture.getpixel((0, 0))} if mode == "P" else {}))
    assert open_on_white(tmp_path / "clear.png").getpixel((0, 0)) == (255, 255, 255)


def test_a_large_jpeg_is_decoded_close_to_its_full_decoding(tmp_path):
    gradient = np.tile(np.linspace(0, 255, 800, dtype=np.uint8)[None, :, None], (800, 1, 3))
    Image.fromarray(gradient).save(tmp_path / "large.jpg")
    (picture,) = load_batch([tmp_path / "large.jpg"], size=16)
    expected = np.asarray(Image.fromarray(gradient).resize((16, 16), Image.Resampling.BOX)).astype(int)
    assert np.abs(picture.permute(1, 2, 0).numpy().astype(int) - expected).max() <= 6


@pytest.mark.parametrize("content", [None, b"", b"<html>not found</html>"])
def test_what_is_no_picture_says_which_file(tmp_path, content):
    path = tmp_path / "broken.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError, match=r"broken\.jpg"):
        load_batch([path])


def test_a_truncated_picture_is_an_error(tmp_path):
    save(tmp_path / "whole.png", "red", (64, 64))
    (tmp_path / "half.png").write_bytes((tmp_path / "whole.png").read_bytes()[:80])
    with pytest.raises(ImageError):
        load_batch([tmp_path / "half.png"])


def test_normalised_colours_are_centred_on_those_of_imagenet():
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    assert torch.allclose(normalise_colours(mean), torch.zeros(1, 3, 2, 2), atol=1e-6)
