"""What pretrained networks of images share: pictures in, a few at a time, unit vectors out."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from torch import Tensor, nn

from core.domain.arrays import FloatArray
from core.domain.progress import Progress
from core.encoders.image_tensors import open_on_white
from core.encoders.workers import encode_batches

_BATCH = 16


class PictureEncoder:
    """Embeds image files by a network that takes Pillow images. A child sets `n_dimensions` and gives `_forward`."""

    n_dimensions: int

    def encode(self, images: Sequence[Path], progress: Progress) -> FloatArray:
        """Embed image files. Shape: (n_images, n_dimensions), L2-normalised.

        Raises:
            ImageError: If a file is missing or is not a picture.
        """
        return encode_batches(images, self._embed, _BATCH, self.n_dimensions, progress)

    def _embed(self, paths: Sequence[Path]) -> FloatArray:
        features = self._forward([open_on_white(path) for path in paths])
        return nn.functional.normalize(features, dim=1).cpu().numpy()

    def _forward(self, pictures: list[Image.Image]) -> Tensor:
        """One embedding per picture, not normalised. Shape: (B, C)."""
        raise NotImplementedError
