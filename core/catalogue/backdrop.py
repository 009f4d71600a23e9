"""How clean the backgrounds of many pictures are: a signal for pictures that do not belong."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from core.catalogue.images import BORDER_SHARE, BORDER_TOLERANCE
from core.domain.arrays import AnyArray, FloatArray
from core.domain.progress import NullProgress, Progress

SIDE = 64
"""Pictures are sampled to this many pixels a side; the border, at 4 pixels, still has 960."""
BATCH = 256
BRIGHT = 0.5
"""A plain border this bright or brighter is a backdrop; a darker one may be the product filling the frame."""
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def measure_backdrops(
    file_paths: Sequence[Path | None], progress: Progress | None = None, n_threads: int | None = None
) -> FloatArray:
    """Measure the backgrounds of pictures on disk, thumbnails for speed.

    Args:
        file_paths: One per product; None where it has no picture.
        progress: Told the share done.
        n_threads: Threads to decode in; by default one per core, at most 4.

    Returns:
        What `backdrop_cleanliness` says; NaN where there is no picture or it cannot be read. Shape: (n_products,).

    Raises:
        JobCancelledError: If `progress` raised it.
    """
    progress = progress or NullProgress()
    cleanliness = np.full(len(file_paths), np.nan, dtype=np.float32)
    with ThreadPoolExecutor(n_threads or min(4, os.cpu_count() or 1), thread_name_prefix="backdrop") as pool:
        for start in range(0, len(file_paths), BATCH):
            progress.report(start / len(file_paths), f"Looking at backgrounds: {start:,} of {len(file_paths):,}")
            pictures = list(pool.map(_sampled, file_paths[start : start + BATCH]))
            read = [index for index, picture in enumerate(pictures) if picture is not None]
            if read:
                stacked = np.stack([pictures[index] for index in read])  # (n_read, SIDE, SIDE, 3)
                cleanliness[start + np.array(read)] = backdrop_cleanliness(stacked)
    return cleanliness


def backdrop_cleanliness(pictures: AnyArray) -> FloatArray:
    """How uniform and bright the borders of pictures are.

    The share of border pixels within `BORDER_TOLERANCE` of the border's median colour in every channel, times 1 for a
    median of brightness `BRIGHT` or more, falling to one half for black.

    Args:
        pictures: RGB, 0 to 255. Shape: (n, height, width, 3).

    Returns:
        Fractions in [0, 1]. Shape: (n,).
    """
    height, width = pictures.shape[1:3]
    ring = max(1, round(BORDER_SHARE * min(height, width)))
    is_border = np.ones((height, width), dtype=np.bool_)
    is_border[ring : height - ring, ring : width - ring] = False
    border = pictures[:, is_border].astype(np.int16)  # (n, n_border, 3)
    median = np.median(border, axis=1)  # (n, 3)
    distance = np.abs(border - median[:, None].astype(np.int16)).max(axis=2)  # (n, n_border)
    uniform = (distance <= BORDER_TOLERANCE).mean(axis=1)
    brightness = median.astype(np.float32) @ LUMA / 255
    return (uniform * np.minimum(1.0, 1.0 - BRIGHT + brightness)).astype(np.float32)


def _sampled(file_path: Path | None) -> AnyArray | None:
    """A picture at `SIDE` x `SIDE` pixels, taken rather than averaged: a fine pattern must stay one."""
    if file_path is None:
        return None
    try:
        with Image.open(file_path) as image:
            return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.NEAREST))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # a thumbnail lost or damaged is unknown
        return None
