"""PCA that keeps a share of the variance, fitted on the embeddings an encoder gave, and the encoder wrapped in it.

The reference paper reduces its ViT this way, to 90 %. The fitted state is one safetensors file: loading runs no code.

Use: embed the catalogue with the plain encoder, `VariancePca.fit` on these embeddings, and wrap both in a
`ReducedImageEncoder`, whose version holds the weights' and the fit's. Whoever stores the plain embeddings may
`transform` them instead of encoding again.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from core.domain.arrays import FloatArray
from core.domain.errors import EncoderUnavailableError, ShapeError
from core.domain.progress import Progress
from core.encoders.encoder import ImageEncoder

FILE_NAME = "variance_pca.safetensors"
VARIANCE_SHARE = 0.9


class VariancePca:
    """A fitted PCA. Made by `fit` or `load`.

    Args:
        mean: Of the embeddings it was fitted on. Shape: (n_features,).
        components: Directions, the widest first. Shape: (n_dimensions, n_features).
    """

    def __init__(self, mean: FloatArray, components: FloatArray) -> None:
        self.mean, self.components = mean, components
        self.version = hashlib.sha256(mean.tobytes() + components.tobytes()).hexdigest()[:16]

    @property
    def n_dimensions(self) -> int:
        """Directions kept."""
        return self.components.shape[0]

    @classmethod
    def fit(cls, embeddings: FloatArray, share: float = VARIANCE_SHARE) -> Self:
        """Find the fewest directions that hold a share of the variance.

        Args:
            embeddings: Of a catalogue. A row of zeros is a product without one: it does not count.
                Shape: (n, n_features).
            share: Of the variance, in (0, 1).

        Raises:
            ShapeError: If fewer than two rows count, or all are alike.
        """
        from sklearn.decomposition import PCA

        known = embeddings[np.any(embeddings, axis=1)]
        if len(known) < 2 or not np.any(known != known[0]):
            raise ShapeError(
                f"A PCA needs two different embeddings at least, got {len(known)} of shape {embeddings.shape}.",
                "Import more products with images.",
            )
        pca = PCA(share, svd_solver="covariance_eigh").fit(known)
        return cls(pca.mean_.astype(np.float32), np.ascontiguousarray(pca.components_, dtype=np.float32))

    def transform(self, embeddings: FloatArray) -> FloatArray:
        """Reduce embeddings; a row of zeros stays one. Shape: (n, n_features) -> (n, n_dimensions), L2-normalised."""
        reduced = (embeddings - self.mean) @ self.components.T
        reduced[~np.any(embeddings, axis=1)] = 0
        norms = np.linalg.norm(reduced, axis=1, keepdims=True)
        return (reduced / np.maximum(norms, 1e-12)).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write the fitted state into `folder`, by a temporary file and a rename."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{FILE_NAME}.tmp"
        save_file({"mean": self.mean, "components": self.components}, temporary)
        temporary.replace(folder / FILE_NAME)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            EncoderUnavailableError: If the folder holds no fitted PCA that can be read.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            arrays = load_file(folder / FILE_NAME)
            return cls(arrays["mean"], arrays["components"])
        except (OSError, SafetensorError, KeyError) as fault:
            raise EncoderUnavailableError(
                f"Expected a fitted PCA in {folder}, got: {fault}.", "Encode the catalogue again."
            ) from fault


class ReducedImageEncoder:
    """An image encoder whose embeddings go through a PCA fitted on those it gave before.

    Args:
        encoder: The plain encoder.
        pca: Fitted on its embeddings.
    """

    def __init__(self, encoder: ImageEncoder, pca: VariancePca) -> None:
        if encoder.n_dimensions != len(pca.mean):
            raise ShapeError(
                f"The PCA was fitted on embeddings of {len(pca.mean)} dimensions, '{encoder.name}' gives "
                f"{encoder.n_dimensions}.",
                "Fit it on this encoder's embeddings.",
            )
        self.name, self.n_dimensions = encoder.name, pca.n_dimensions
        self.version = hashlib.sha256(f"{encoder.version}:{pca.version}".encode()).hexdigest()[:16]
        self.plain, self.pca = encoder, pca

    def encode(self, images: Sequence[Path], progress: Progress) -> FloatArray:
        """Embed image files. Shape: (n_images, n_dimensions), L2-normalised.

        Raises:
            ImageError: If a file is missing or is not a picture.
        """
        return self.pca.transform(self.plain.encode(images, progress))
