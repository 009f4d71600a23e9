"""What the rest of the code knows of an encoder. Light to import: no deep-learning library."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from core.domain.arrays import FloatArray
from core.domain.progress import Progress


class Encoder(Protocol):
    """What every encoder says of itself.

    `version` identifies the weights or the fitted state and every parameter: two encoders of one name and
    version give the same embedding for the same input.
    """

    @property
    def name(self) -> str:
        """Name in the registry."""

    @property
    def version(self) -> str:
        """Identity of weights and parameters."""

    @property
    def n_dimensions(self) -> int:
        """Length of an embedding."""


class TextEncoder(Encoder, Protocol):
    """Turns texts into embeddings."""

    def encode(self, texts: Sequence[str], progress: Progress) -> FloatArray:
        """Embed texts.

        Args:
            texts: Any strings; an empty one gives the zero vector.
            progress: Hears of it at least every two seconds.

        Returns:
            L2-normalised float32. Shape: (n_texts, n_dimensions).
        """


class ImageEncoder(Encoder, Protocol):
    """Turns image files into embeddings."""

    def encode(self, images: Sequence[Path], progress: Progress) -> FloatArray:
        """Embed image files.

        Args:
            images: Paths of files that Pillow can read.
            progress: Hears of it at least every two seconds.

        Returns:
            L2-normalised float32. Shape: (n_images, n_dimensions).

        Raises:
            ImageError: If a file is missing or is not a picture.
        """
