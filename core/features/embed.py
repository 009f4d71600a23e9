"""Embeddings of texts and images through the store: only what is missing is computed, and kept as it comes."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.domain.arrays import FloatArray
from core.domain.errors import ImageError
from core.domain.progress import Progress, SpanProgress
from core.features.store import FeatureStore

_TEXT_CHUNK = 4096
_IMAGE_CHUNK = 1024


class Embedder(Protocol):
    """What this room needs of an encoder of texts or of image files."""

    @property
    def name(self) -> str:
        """Name in the registry."""

    @property
    def version(self) -> str:
        """Identity of weights and parameters."""

    @property
    def n_dimensions(self) -> int:
        """Length of an embedding."""

    def encode(self, items: Sequence[Any], progress: Progress, /) -> FloatArray:
        """Embeddings of the items. Shape: (n_items, n_dimensions)."""


def normalise_text(text: str) -> str:
    """The text that stands for all that differ from it in spacing and Unicode form only."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def text_key(text: str) -> str:
    """Content key of a text: SHA-256 of its normalised form."""
    return hashlib.sha256(normalise_text(text).encode("utf-8", "surrogatepass")).hexdigest()


def embed_texts(store: FeatureStore, encoder: Embedder, texts: Sequence[str], progress: Progress) -> FloatArray:
    """Embeddings of texts, from the store where it has them.

    Args:
        store: Where embeddings are kept.
        encoder: A text encoder.
        texts: Any strings; equal ones are encoded once.
        progress: May cancel between chunks; what was encoded until then is kept.

    Returns:
        One row per text, in their order. Shape: (n_texts, n_dimensions).
    """
    keys = [text_key(text) for text in texts]
    items = {key: normalise_text(text) for key, text in zip(keys, texts, strict=True)}
    _encode_missing(store, encoder, items, _TEXT_CHUNK, progress)
    return _read(store, encoder, keys)


def embed_images(
    store: FeatureStore, encoder: Embedder, images: Mapping[str, Path], keys: Sequence[str], progress: Progress
) -> FloatArray:
    """Embeddings of images, from the store where it has them.

    Args:
        store: Where embeddings are kept.
        encoder: An image encoder.
        images: File path of each image by its content hash.
        keys: Content hashes, in the order wanted; they may repeat.
        progress: May cancel between chunks; what was encoded until then is kept.

    Returns:
        One row per key. Shape: (n_keys, n_dimensions).

    Raises:
        ImageError: If a key has no file path, or the file is not a picture.
    """
    unknown = [key for key in keys if key not in images]
    if unknown:
        raise ImageError(
            f"Expected a file for each of {len(keys)} images, found none for {len(unknown)}, such as {unknown[0]!r}.",
            "Import the catalogue's images again.",
        )
    _encode_missing(store, encoder, {key: images[key] for key in keys}, _IMAGE_CHUNK, progress)
    return _read(store, encoder, keys)


def _encode_missing(
    store: FeatureStore, encoder: Embedder, items: Mapping[str, Any], chunk: int, progress: Progress
) -> None:
    missing = store.missing(encoder.name, encoder.version, list(items))
    progress.report(0.0, f"{len(missing):,} of {len(items):,} to encode")
    for start in range(0, len(missing), chunk):
        keys = missing[start : start + chunk]
        end = start + len(keys)
        span = SpanProgress(progress, start / len(missing), end / len(missing))
        vectors = encoder.encode([items[key] for key in keys], span)
        store.append(encoder.name, encoder.version, keys, vectors)
        progress.report(end / len(missing), f"Encoded {end:,} of {len(missing):,}")
    progress.report(1.0, f"{len(items):,} encoded")


def _read(store: FeatureStore, encoder: Embedder, keys: Sequence[str]) -> FloatArray:
    if not keys:
        return np.zeros((0, encoder.n_dimensions), dtype=np.float32)
    return store.read(encoder.name, encoder.version, keys)
