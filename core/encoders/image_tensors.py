"""Image files as tensors: decoded in threads, letterboxed on white, all of one square size."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from core.domain.errors import ImageError

_THREADS = 4
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


def load_batch(paths: Sequence[Path], size: int = 64) -> torch.Tensor:
    """Decode image files and fit each into a white square.

    Args:
        paths: Files that Pillow can read.
        size: Side of the square in pixels; the longer side of an image fills it.

    Returns:
        Colours from 0 to 255. Shape: (n_paths, 3, size, size), uint8.

    Raises:
        ImageError: If a file is missing or is not a picture.
    """
    canvas = np.full((len(paths), size, size, 3), 255, dtype=np.uint8)

    def fill(index: int) -> None:
        _paste(paths[index], canvas[index])

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(fill, range(len(paths))))
    return torch.from_numpy(canvas).permute(0, 3, 1, 2).contiguous()  # (B, H, W, C) -> (B, C, H, W)


def normalise_colours(images: torch.Tensor) -> torch.Tensor:
    """Centre and scale colours in [0, 1] by ImageNet's mean and deviation. Shape: (B, 3, H, W)."""
    mean = torch.tensor(_MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(_STD, device=images.device).view(1, 3, 1, 1)
    return ((images - mean) / std).contiguous(memory_format=torch.channels_last)


def open_on_white(path: Path, draft_size: int | None = None) -> Image.Image:
    """Decode an image file to RGB, transparency on white.

    Args:
        path: A file that Pillow can read.
        draft_size: Where given, a large JPEG may be decoded at a fraction of its size, not below this one in pixels.

    Raises:
        ImageError: If the file is missing or is not a picture.
    """
    try:
        with Image.open(path) as image:
            if draft_size is not None:
                image.draft("RGB", (draft_size, draft_size))
            if not image.has_transparency_data:
                return image.convert("RGB")
            layered = image.convert("RGBA")
            return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    except (OSError, Image.DecompressionBombError, ValueError, SyntaxError) as fault:
        raise ImageError(f"Expected a picture in {path}, got: {fault}.", "Import the image again.") from fault


def _paste(path: Path, canvas: np.ndarray) -> None:
    size = canvas.shape[0]
    picture = open_on_white(path, draft_size=2 * size)
    scale = size / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    if (width, height) != picture.size:
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (size - width) // 2, (size - height) // 2
    canvas[top : top + height, left : left + width] = np.asarray(picture)
