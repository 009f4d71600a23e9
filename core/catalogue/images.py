"""Decodes pictures safely, keeps originals and thumbnails by content hash, and measures their background."""

import hashlib
import os
import re
import struct
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from core.catalogue.archive import ImageSource
from core.domain.errors import ImageError, ImageTooLargeError
from core.domain.product import RejectReason, StoredImage
from core.domain.workspace import Workspace

MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
THUMB_SIDE = 256
THUMB_QUALITY = 80
THUMB_METHOD = 2  # of 0-6: measured, 40 % quicker than the default for 3 % more bytes
BORDER_SHARE = 0.06
BORDER_TOLERANCE = 16

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_CHUNK = 16
_REPLACE = "Replace the picture, or import the row without it."
# What Pillow raises on broken bytes, as found by feeding it half a million of them.
_BROKEN = (OSError, SyntaxError, ValueError, RuntimeError, TypeError, LookupError, EOFError, struct.error, zlib.error)


@dataclass(frozen=True, slots=True)
class ImageFault:
    """Why a row's picture could not be kept, and what exactly was wrong."""

    reason: RejectReason
    detail: str


def decode_image(data: bytes) -> Image.Image:
    """Decode a picture the right way up, in RGB, on white where it is transparent.

    Args:
        data: A JPEG, PNG, WebP, GIF (its first frame), BMP, TIFF or AVIF file.

    Returns:
        An image in mode RGB.

    Raises:
        ImageTooLargeError: If it has more than `MAX_PIXELS` pixels; told from the header, before any is decoded.
        ImageError: If the bytes are not such a picture, or are cut off.
    """
    return _decode(data, None)[0]


def background_cleanliness(image: Image.Image) -> float:
    """Share of border pixels near the border's median colour.

    The border is a ring of `BORDER_SHARE` of the shorter side, at least one pixel. Near means at most
    `BORDER_TOLERANCE` of 255 away in every channel: wider than the noise of a JPEG around a product on white, narrower
    than a shadow or a patterned wall.

    Args:
        image: An image in mode RGB.

    Returns:
        A fraction in [0, 1].
    """
    pixels = np.asarray(image, dtype=np.int16)  # (height, width, 3)
    height, width = pixels.shape[:2]
    ring = max(1, round(BORDER_SHARE * min(height, width)))
    is_border = np.ones((height, width), dtype=np.bool_)
    is_border[ring : height - ring, ring : width - ring] = False
    border = pixels[is_border]  # (n_border, 3)
    distance = np.abs(border - np.median(border, axis=0)).max(axis=1)
    return float((distance <= BORDER_TOLERANCE).mean())


def store_image(data: bytes, workspace: Workspace) -> StoredImage:
    """Keep a picture: the original as it came and a WebP thumbnail, both under the hash of the original.

    Each file is written whole or not at all. What is there already is not written again.

    Args:
        data: The picture file.
        workspace: Where to keep it.

    Returns:
        Its hash, its size in pixels the right way up, and its cleanliness, measured at the thumbnail's size.

    Raises:
        ImageTooLargeError: If it has more than `MAX_PIXELS` pixels.
        ImageError: If the bytes are not a picture.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    image, (width, height) = _reduced(data)
    image_path, thumb_path = workspace.image_path(sha256), workspace.thumb_path(sha256)
    if not thumb_path.exists():
        _write(thumb_path, _thumbnail_file(image))
    if not image_path.exists():
        _write(image_path, data)
    return StoredImage(sha256, width, height, background_cleanliness(image))


def thumbnail(data: bytes) -> bytes:
    """The thumbnail that `store_image` keeps of a picture, without keeping anything.

    Args:
        data: The picture file.

    Returns:
        A WebP file of at most `THUMB_SIDE` pixels a side.

    Raises:
        ImageTooLargeError: If it has more than `MAX_PIXELS` pixels.
        ImageError: If the bytes are not a picture.
    """
    return _thumbnail_file(_reduced(data)[0])


def store_images(
    refs: Iterable[tuple[int, str]],
    source: ImageSource,
    workspace: Workspace,
    on_done: Callable[[int], None],
    n_threads: int = 2,
) -> dict[int, StoredImage | ImageFault]:
    """Keep the pictures of many rows, in threads; a few chunks of pictures are in memory at a time.

    Args:
        refs: (row, what the row said of its picture).
        source: Where the pictures come from.
        workspace: Where to keep them.
        on_done: Called from this thread with the number of rows done so far, every few of them. What it raises, such
            as `JobCancelledError`, ends the work after the pictures in progress; those kept stay whole.
        n_threads: Threads to decode and encode in.

    Returns:
        Row -> what was kept, or why nothing was, in the order of `refs`.
    """
    results: dict[int, StoredImage | ImageFault] = {}
    pending: deque[Future[dict[int, StoredImage | ImageFault]]] = deque()
    _load_plugins()
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="store-images")
    try:
        for chunk in _chunks(refs):
            pending.append(pool.submit(_store_chunk, chunk, source, workspace))
            if len(pending) > 2 * n_threads:
                results.update(pending.popleft().result())
                on_done(len(results))
        while pending:
            results.update(pending.popleft().result())
            on_done(len(results))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return results


def _chunks(refs: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    iterator = iter(refs)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def _store_chunk(
    chunk: list[tuple[int, str]], source: ImageSource, workspace: Workspace
) -> dict[int, StoredImage | ImageFault]:
    return {row: _store_ref(ref, source, workspace) for row, ref in chunk}


def _store_ref(ref: str, source: ImageSource, workspace: Workspace) -> StoredImage | ImageFault:
    try:
        data = source.read(ref)
        if data is None:
            return ImageFault(RejectReason.IMAGE_MISSING, f"no picture '{ref}' among those given")
        return store_image(data, workspace)
    except ImageTooLargeError as fault:
        return ImageFault(RejectReason.IMAGE_TOO_LARGE, f"'{ref}': {fault.message}")
    except ImageError as fault:
        return ImageFault(RejectReason.IMAGE_CORRUPT, f"'{ref}': {fault.message}")


def _reduced(data: bytes) -> tuple[Image.Image, tuple[int, int]]:
    """The image at a thumbnail's size, and its true size."""
    image, size = _decode(data, THUMB_SIDE)
    image.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    return image, size


def _thumbnail_file(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=THUMB_QUALITY, method=THUMB_METHOD)
    return buffer.getvalue()


def _decode(data: bytes, at_least: int | None) -> tuple[Image.Image, tuple[int, int]]:
    """The image in RGB and its true size; the image may be smaller, but not below `at_least` at its longest side."""
    _load_plugins()
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise _too_many_pixels(f"{width} x {height}")
            if at_least is not None and image.format == "JPEG":
                image.draft(None, (2 * at_least, 2 * at_least))  # a JPEG can be decoded at 1/2, 1/4 or 1/8
            image.load()
            orientation = _orientation(image)
            upright = image.transpose(_TURNS[orientation]) if orientation in _TURNS else image
            true_size = (height, width) if orientation in _SIDEWAYS else (width, height)
            return _on_white(upright), true_size
    except Image.DecompressionBombError as fault:
        counted = re.search(r"(\d+) pixels", str(fault))
        raise _too_many_pixels(f"{int(counted[1]) // 1_000_000:,} million" if counted else "far too many") from fault
    except UnidentifiedImageError as fault:
        raise ImageError(f"Not a picture, but {_content_kind(data)}.", _REPLACE) from fault
    except _BROKEN as fault:
        raise ImageError(f"The picture is damaged or cut off: {fault}.", _REPLACE) from fault


def _orientation(image: Image.Image) -> int:
    with suppress(*_BROKEN):  # a picture with broken EXIF is still a picture
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    return 1


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16-bit grey levels; Pillow would clip them to 255
        levels = np.clip(np.asarray(image, dtype=np.int64), 0, 65535)
        return Image.fromarray((levels >> 8).astype(np.uint8), "L").convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        flat = Image.new("RGB", rgba.size, "white")
        flat.paste(rgba, mask=rgba.getchannel("A"))
        return flat
    return image if image.mode == "RGB" else image.convert("RGB")


def _too_many_pixels(size: str) -> ImageTooLargeError:
    message = f"The picture has {size} pixels; the limit is {MAX_PIXELS // 1_000_000} million."
    return ImageTooLargeError(message, "Scale the picture down.")


def _content_kind(data: bytes) -> str:
    if not data:
        return "an empty file"
    start = data[:200].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html")):
        return "a web page"
    return "text" if all(byte >= 32 or byte in b"\t\r\n" for byte in start) else "other data"


def _write(file_path: Path, data: bytes) -> None:
    """Write through a temporary file of this thread's own, so that nobody ever sees half of it."""
    temporary = file_path.with_name(f".{file_path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        try:
            temporary.write_bytes(data)
        except FileNotFoundError:  # rare: 256 folders serve all pictures
            file_path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data)
        temporary.replace(file_path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@cache
def _load_plugins() -> None:
    """Register Pillow's formats once: its own lazy registration is not safe in threads."""
    Image.init()
