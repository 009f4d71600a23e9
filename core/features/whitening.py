"""Embeddings stretched until no direction says more than another: what sets single items apart comes forward."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from core.domain.arrays import FloatArray

N_DIMENSIONS = 128
ROWS_PER_DIMENSION = 4
"""Directions are told from noise by this many embeddings each; a small catalogue gets fewer of them."""
_FIT_ROWS = 8192
"""More embeddings hardly turn the directions, and take as much longer as there are more."""
_NARROWEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """A fitted projection on the widest directions, each scaled to the same variance.

    An encoder that learned kinds of products puts all heels into one place: their cosine is near 1, whichever two are
    compared. The directions in which they differ are narrow; whitened, they count like the wide ones.

    Attributes:
        mean: Of the embeddings it was fitted on. Shape: (n_features,).
        projection: Shape: (n_features, n_dimensions).
    """

    mean: FloatArray
    projection: FloatArray

    @classmethod
    def fit(cls, vectors: FloatArray, n_dimensions: int = N_DIMENSIONS) -> Self:
        """Learn the directions of embeddings, fewer where there are few of them. Shape: (n, n_features)."""
        sample = vectors[:: -(-len(vectors) // _FIT_ROWS)] if len(vectors) else vectors
        kept = min(n_dimensions, len(sample) // ROWS_PER_DIMENSION, vectors.shape[1])
        if kept == 0:
            return cls(np.zeros(vectors.shape[1], np.float32), np.zeros((vectors.shape[1], 0), np.float32))
        mean = sample.mean(axis=0)
        centred = sample - mean
        variances, directions = np.linalg.eigh(centred.T @ centred / len(centred))  # rising
        widest = variances[-kept:]
        is_wide = widest > _NARROWEST * widest[-1]
        scales = np.where(is_wide, 1 / np.sqrt(np.where(is_wide, widest, 1)), 0)
        return cls(mean, (directions[:, -kept:] * scales).astype(np.float32))

    def apply(self, vectors: FloatArray) -> FloatArray:
        """Whitened embeddings of unit length. Shape: (n, n_features) -> (n, n_dimensions)."""
        whitened = (vectors - self.mean) @ self.projection
        lengths = np.linalg.norm(whitened, axis=1, keepdims=True)
        return whitened / np.where(lengths > 0, lengths, 1)
