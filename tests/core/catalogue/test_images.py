import hashlib
import struct
import threading
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from core.catalogue.archive import NoImages, open_images
from core.catalogue.images import ImageFault, background_cleanliness, decode_image, store_image, store_images
from core.domain.errors import ImageError, ImageTooLargeError, JobCancelledError
from core.domain.product import CLEAN_BACKGROUND, RejectReason, StoredImage
from core.domain.workspace import Workspace

SHARED = Path(__file__).parents[4] / "shared" / "data"
RED = (200, 30, 40)


def encoded(image: Image.Image, image_format: str = "PNG", **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def photo(width: int = 60, height: int = 80, image_format: str = "JPEG", **options) -> bytes:
    image = Image.new("RGB", (width, height), "white")
    image.paste(RED, (width // 3, height // 3, 2 * width // 3, 2 * height // 3))
    return encoded(image, image_format, **options)


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of that size by its header, without any pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "home")


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_common_formats_are_decoded_to_rgb(image_format):
    image = decode_image(photo(image_format=image_format))
    assert (image.mode, image.size) == ("RGB", (60, 80))
    assert np.abs(np.subtract(image.getpixel((30, 40)), RED)).max() < 12
    assert min(image.getpixel((2, 2))) > 245


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif_is_decoded():
    assert decode_image(photo(image_format="AVIF")).size == (60, 80)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_becomes_white(mode):
    image = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 5, 10))
    data = encoded(image.convert(mode), "TIFF" if mode == "PA" else "PNG")
    decoded = decode_image(data)
    assert decoded.getpixel((8, 5)) == (255, 255, 255)
    assert decoded.getpixel((2, 5)) != (255, 255, 255)


def test_half_transparent_red_becomes_pink():
    assert decode_image(encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 128)))).getpixel((1, 1)) == (255, 127, 127)


def test_a_palette_with_a_transparent_colour_is_flattened():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, *RED])
    image.putpixel((0, 0), 0)
    decoded = decode_image(encoded(image, "PNG", transparency=0))
    assert decoded.getpixel((0, 0)) == (255, 255, 255)
    assert decoded.getpixel((3, 3)) == RED


def test_cmyk_and_bilevel_pictures_are_decoded():
    cmyk = decode_image(encoded(Image.new("RGB", (8, 8), RED).convert("CMYK"), "JPEG", quality=95))
    assert np.abs(np.subtract(cmyk.getpixel((4, 4)), RED)).max() < 8
    assert decode_image(encoded(Image.new("1", (4, 4), 1))).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_sixteen_bit_grey_keeps_its_shades(image_format):
    levels = np.array([[0, 256, 32768, 65535]], dtype=np.uint16)
    decoded = decode_image(encoded(Image.fromarray(levels), image_format))
    assert [decoded.getpixel((x, 0))[0] for x in range(4)] == [0, 1, 128, 255]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(orientation, workspace):
    upright = Image.new("RGB", (60, 40), "white")
    upright.paste("red", (0, 0, 30, 20))  # the quarter that tells all eight apart, with the long side across
    exif = Image.Exif()
    exif[0x0112] = orientation
    inverse = {
        1: lambda image: image,
        2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
        4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
        6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
        7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
        8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
    }
    data = encoded(inverse[orientation](upright), "PNG", exif=exif)
    decoded = decode_image(data)
    assert decoded.size == (60, 40)
    assert np.array_equal(np.asarray(decoded), np.asarray(upright))
    stored = store_image(data, workspace)
    assert (stored.width, stored.height) == (60, 40)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_cost_the_picture():
    assert decode_image(photo(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")).size == (60, 80)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"this is text named .jpg\n", "Not a picture, but text"),
        (b"<!DOCTYPE html><html>404</html>", "Not a picture, but a web page"),
        (b"", "Not a picture, but an empty file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "Not a picture"),
        (photo()[:500], "damaged or cut off"),
        (photo(image_format="PNG")[:60], "damaged or cut off"),
        (photo(image_format="WEBP")[:40], "picture"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data, expected):
    with pytest.raises(ImageError, match=expected) as caught:
        decode_image(data)
    assert not isinstance(caught.value, ImageTooLargeError)
    assert caught.value.remedy


# Were a pixel decoded, these would be found cut off instead of too large. The last is below Pillow's own limit.
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(20_000, 20_000), (12_000, 12_000), (7_100, 7_100)])
def test_a_header_that_claims_too_many_pixels_is_refused_before_decoding(size):
    with pytest.raises(ImageTooLargeError, match="limit is 50 million"):
        decode_image(png_claiming(*size))


def test_a_header_below_the_limit_is_decoded_and_found_cut_off():
    with pytest.raises(ImageError, match="cut off"):
        decode_image(png_claiming(100, 100))


SEEDS = [photo(image_format=name) for name in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow grumbles about what it mends
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 199), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_bytes_give_a_picture_or_an_image_fault(seed, edits):
    data = bytearray(seed)
    for position, value in edits:
        data[position % len(data)] = value
    with suppress(ImageError):
        assert decode_image(bytes(data)).mode == "RGB"


def test_a_product_on_white_is_clean_and_one_on_noise_is_not():
    noise = np.random.default_rng(0).integers(0, 256, (80, 60, 3), dtype=np.uint8)
    assert background_cleanliness(decode_image(photo())) > CLEAN_BACKGROUND
    assert background_cleanliness(Image.fromarray(noise)) < 0.2


def test_cleanliness_is_the_share_of_the_ring_near_its_median():
    image = Image.new("RGB", (100, 100), (200, 200, 200))
    image.paste((100, 100, 100), (20, 20, 80, 80))  # the middle does not count
    assert background_cleanliness(image) == 1.0
    image.paste((100, 100, 100), (0, 0, 50, 6))  # 50 x 6 of the ring of 100² - 88² pixels
    assert background_cleanliness(image) == pytest.approx(1 - 300 / (100**2 - 88**2))


def test_cleanliness_tolerates_what_is_near_and_only_that():
    for difference, expected in ((16, 1.0), (17, 0.75)):
        image = Image.new("RGB", (4, 1), (100, 100, 100))
        image.putpixel((0, 0), (100, 100 + difference, 100))
        assert background_cleanliness(image) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_cleanliness_equals_a_slow_count(width, height, seed):
    pixels = np.random.default_rng(seed).integers(90, 130, (height, width, 3), dtype=np.uint8)
    ring = max(1, round(0.06 * min(width, height)))
    border = [
        pixels[y, x].astype(int)
        for y in range(height)
        for x in range(width)
        if min(x, y, width - 1 - x, height - 1 - y) < ring
    ]
    median = np.median(border, axis=0)
    expected = sum(max(abs(pixel - median)) <= 16 for pixel in border) / len(border)
    assert background_cleanliness(Image.fromarray(pixels)) == pytest.approx(expected)


def test_a_picture_is_kept_as_it_came_with_a_thumbnail(workspace):
    data = photo(600, 1200, quality=95)
    stored = store_image(data, workspace)
    assert (stored.sha256, stored.width, stored.height) == (hashlib.sha256(data).hexdigest(), 600, 1200)
    assert workspace.image_path(stored.sha256).read_bytes() == data
    with Image.open(workspace.thumb_path(stored.sha256)) as thumb:
        assert (thumb.format, thumb.size, thumb.mode) == ("WEBP", (128, 256), "RGB")
    assert stored.background_cleanliness > 0.99


def test_a_thumbnail_is_never_larger_than_its_picture(workspace):
    stored = store_image(photo(60, 80), workspace)
    with Image.open(workspace.thumb_path(stored.sha256)) as thumb:
        assert thumb.size == (60, 80)


def test_a_large_jpeg_decoded_at_a_fraction_still_reports_its_true_size(workspace):
    for size in ((3001, 3000), (3000, 3001), (2047, 1021)):
        stored = store_image(photo(*size), workspace)
        assert (stored.width, stored.height) == size
        with Image.open(workspace.thumb_path(stored.sha256)) as thumb:
            assert max(thumb.size) == 256


def test_a_thin_picture_has_a_thumbnail_of_one_pixel(workspace):
    stored = store_image(photo(2000, 1, "PNG"), workspace)
    assert (stored.width, stored.height) == (2000, 1)
    with Image.open(workspace.thumb_path(stored.sha256)) as thumb:
        assert thumb.size == (256, 1)


def test_storing_twice_says_the_same_and_writes_once(workspace):
    first = store_image(photo(), workspace)
    paths = [workspace.image_path(first.sha256), workspace.thumb_path(first.sha256)]
    before = [path.stat().st_mtime_ns for path in paths]
    assert store_image(photo(), workspace) == first
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_whichever_file_is_missing_is_written_again(workspace):
    first = store_image(photo(), workspace)
    for path in (workspace.image_path(first.sha256), workspace.thumb_path(first.sha256)):
        path.unlink()
        store_image(photo(), workspace)
        assert path.exists()


def test_a_refused_picture_leaves_no_files(workspace):
    with pytest.raises(ImageError):
        store_image(photo()[:300], workspace)
    assert not workspace.home.exists() or not [path for path in workspace.home.rglob("*") if path.is_file()]


class Shelf:
    """Pictures in a dictionary."""

    def __init__(self, pictures: dict[str, bytes | Exception]) -> None:
        self._pictures = pictures

    def read(self, ref: str) -> bytes | None:
        picture = self._pictures.get(ref)
        if isinstance(picture, Exception):
            raise picture
        return picture


def test_every_row_gets_its_picture_or_the_reason_why_not(workspace):
    shelf = Shelf(
        {
            "good": photo(),
            "text": b"not a picture",
            "huge": png_claiming(20_000, 20_000),
            "fat": ImageTooLargeError("'fat' is larger than 64 MiB.", "Scale it down."),
            "torn": ImageError("'torn' is damaged in the archive.", "Pack it again."),
        }
    )
    refs = list(enumerate(["good", "text", "huge", "fat", "torn", "gone", "good"], start=3))
    results = store_images(refs, shelf, workspace, lambda n_done: None)
    assert list(results) == [row for row, _ in refs]
    assert isinstance(results[3], StoredImage)
    assert results[9] == results[3]
    faults = {ref: results[row].reason for row, ref in refs if isinstance(results[row], ImageFault)}
    assert faults == {
        "text": RejectReason.IMAGE_CORRUPT,
        "huge": RejectReason.IMAGE_TOO_LARGE,
        "fat": RejectReason.IMAGE_TOO_LARGE,
        "torn": RejectReason.IMAGE_CORRUPT,
        "gone": RejectReason.IMAGE_MISSING,
    }
    assert "'gone'" in results[8].detail


@pytest.mark.parametrize("n_threads", [1, 2, 4])
def test_threads_change_nothing_and_leave_no_temporary_files(workspace, n_threads):
    pictures = {f"{i % 40}": photo(20 + i % 40, 30, "PNG") for i in range(80)}
    refs = [(row, f"{row % 40}") for row in range(200)]
    counts: list[int] = []
    results = store_images(refs, Shelf(pictures), workspace, counts.append, n_threads)
    assert results == {row: store_image(pictures[ref], workspace) for row, ref in refs}
    assert counts == sorted(counts)
    assert counts[-1] == 200
    files = [path for path in workspace.home.rglob("*") if path.is_file()]
    assert len(files) == 2 * 40
    assert not [path for path in files if path.suffix == ".tmp"]


def test_progress_is_told_in_the_calling_thread(workspace):
    callers: set[int] = set()
    store_images(
        [(1, "a")], Shelf({"a": photo()}), workspace, lambda n_done: callers.add(threading.get_ident()), n_threads=2
    )
    assert callers == {threading.get_ident()}


def test_cancelling_stops_reading_and_leaves_whole_files_only(workspace):
    read: list[str] = []

    class Watched(Shelf):
        def read(self, ref: str) -> bytes | None:
            read.append(ref)
            return super().read(ref)

    def cancel(n_done: int) -> None:
        raise JobCancelledError

    pictures = {f"{i}": photo(20 + i % 50, 20 + i // 50, "PNG") for i in range(2000)}
    with pytest.raises(JobCancelledError):
        store_images(list(enumerate(pictures)), Watched(pictures), workspace, cancel)
    assert len(read) < 400
    for path in workspace.images.rglob("*"):
        if path.is_file():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_references_are_taken_as_needed_not_all_at_once(workspace):
    taken = 0
    lead: list[int] = []

    def refs():
        nonlocal taken
        for row in range(1000):
            taken += 1
            yield row, "none"

    store_images(refs(), NoImages(), workspace, lambda n_done: lead.append(taken - n_done))
    assert taken == 1000
    assert max(lead) <= 200


def test_a_full_disk_is_not_taken_for_a_broken_picture(workspace):
    workspace.home.parent.mkdir(exist_ok=True)
    workspace.home.write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match="Not a directory"):
        store_images([(1, "a")], Shelf({"a": photo()}), workspace, lambda n_done: None)


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent")
def test_real_photographs_are_kept(workspace):
    refs = [(row, f"{row}.jpg") for row in range(1163, 4163)]
    with open_images(SHARED / "fashion" / "images.zip") as source:
        results = store_images(refs, source, workspace, lambda n_done: None)
    kept = [result for result in results.values() if isinstance(result, StoredImage)]
    assert len(kept) > 500
    assert {image.width for image in kept} == {60}
    assert {image.height for image in kept} <= {60, 80}
    assert 0.4 < np.mean([image.background_cleanliness > CLEAN_BACKGROUND for image in kept]) < 1
    assert {fault.reason for fault in results.values() if isinstance(fault, ImageFault)} == {RejectReason.IMAGE_MISSING}
