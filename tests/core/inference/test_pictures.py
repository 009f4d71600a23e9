from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from core.catalogue.images import store_image
from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.inference import pictures
from core.inference.pictures import PictureEmbeddings
from core.inference.stage_encoders import load_image_encoder
from core.inference.stopwatch import Stopwatch


@pytest.fixture(scope="module")
def encoder(world):
    return load_image_encoder(Path(world.bundle.encoders["image"]))


class Counting:
    """An encoder that counts the files it is given."""

    def __init__(self, encoder):
        self.encoder, self.n_dimensions, self.n_encoded = encoder, encoder.n_dimensions, 0

    def encode(self, paths, progress):
        self.n_encoded += len(paths)
        return self.encoder.encode(paths, progress)


def embeddings(encoder, files, asked=None):
    def read(refs):
        if asked is not None:
            asked.append(list(refs))
        return [files[ref] for ref in refs]

    return PictureEmbeddings(encoder, read, Stopwatch())


def photo(mode="RGB", size=(900, 700), kind="JPEG", **options) -> bytes:
    rng = np.random.default_rng(4)
    small = Image.fromarray(rng.integers(0, 256, (14, 18, 3), dtype=np.uint8))
    image = small.resize(size, Image.Resampling.BICUBIC).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(size))
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return photo(exif=exif)


@pytest.mark.parametrize("data", [photo(), turned(), photo("RGBA", (300, 500), "PNG"), photo("L", (60, 80))])
def test_a_picture_has_the_embedding_that_an_import_gives_it(encoder, tmp_path, data):
    workspace = Workspace(tmp_path)
    kept = store_image(data, workspace)
    imported = encoder.encode([workspace.thumb_path(kept.sha256)], NullProgress())
    found, reasons = embeddings(encoder, {"a.jpg": data}).embed(["a.jpg"])
    assert reasons == [""]
    np.testing.assert_allclose(found, imported, atol=1e-6)


def test_a_picture_named_twice_is_read_and_encoded_once(encoder, world):
    counting, asked = Counting(encoder), []
    one = embeddings(counting, world.pictures, asked)
    found, _ = one.embed(["0.png", "1.png", "0.png"])
    again, _ = one.embed(["1.png", "0.png"])
    assert asked == [["0.png", "1.png"]]
    assert counting.n_encoded == 2
    np.testing.assert_array_equal(found[[1, 2]], again)


def test_one_content_under_two_names_is_encoded_once(encoder, world):
    counting = Counting(encoder)
    data = world.pictures["0.png"]
    found, _ = embeddings(counting, {"a": data, "b": data, "c": data}).embed(["a", "b", "c"])
    assert counting.n_encoded == 1
    np.testing.assert_array_equal(found[0], found[2])


def test_pictures_are_asked_for_a_few_at_a_time(encoder, world, monkeypatch):
    monkeypatch.setattr(pictures, "FETCHED_AT_ONCE", 4)
    asked = []
    refs = list(world.pictures)[:10]
    found, reasons = embeddings(encoder, world.pictures, asked).embed(refs)
    assert [len(group) for group in asked] == [4, 4, 2]
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-3
    assert reasons == [""] * 10


def test_what_is_kept_is_bounded(encoder, world, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_KEPT", 3)
    asked = []
    one = embeddings(encoder, world.pictures, asked)
    for group in (["0.png", "1.png", "2.png", "3.png"], ["0.png"]):
        found, _ = one.embed(group)
        assert np.any(found, axis=1).all()
    assert asked == [["0.png", "1.png", "2.png", "3.png"], ["0.png"]]  # forgotten, and asked for again


def test_a_broken_picture_is_asked_for_once_and_has_no_embedding(encoder):
    asked = []
    one = embeddings(encoder, {"a": b"GIF89a broken", "b": "no such file", "c": b"GIF89a broken"}, asked)
    found, reasons = one.embed(["a", "b", "", "c"])
    assert not found.any()
    assert reasons[1:3] == ["no such file", "the row names no picture"]
    assert reasons[0] and reasons[3] == reasons[0]
    assert one.embed(["a", "c"])[1] == [reasons[0]] * 2
    assert asked == [["a", "b", "c"]]
