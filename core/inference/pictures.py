"""Pictures of products on their way to embeddings: fetched a few at a time, reduced as an import does, encoded once."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.catalogue.images import thumbnail
from core.domain.arrays import FloatArray
from core.domain.errors import ImageError
from core.domain.progress import NullProgress
from core.encoders.encoder import ImageEncoder
from core.encoders.workers import count_cores
from core.inference.stopwatch import Stopwatch

Pictures = Callable[[Sequence[str]], list[bytes | str]]
"""What products call their pictures -> the files, or why there is none, in the same order."""
FETCHED_AT_ONCE = 128
MOST_KEPT = 16_384
"""Embeddings that are kept for products to come with the same picture: 32 MB."""
_MOST_THREADS = 4


@dataclass
class PictureEmbeddings:
    """Embeddings of the pictures of one batch of products. The same picture is read and encoded once.

    The pixels are those of an import: the encoder was taught with thumbnails, and is given thumbnails.

    Args:
        encoder: Of image files.
        pictures: Gives the files.
        stopwatch: Told how long reading and encoding take.
    """

    encoder: ImageEncoder
    pictures: Pictures
    stopwatch: Stopwatch
    _hashes: dict[str, str] = field(default_factory=dict)
    _faults: dict[str, str] = field(default_factory=dict)
    _embeddings: dict[str, FloatArray] = field(default_factory=dict)

    def embed(self, refs: Sequence[str]) -> tuple[FloatArray, list[str]]:
        """Embeddings of pictures by what products call them.

        Args:
            refs: '' for a product that names none.

        Returns:
            One row per product, zero where there is no picture, shape (n_products, n_dimensions); and why there is
            none, '' where there is one.
        """
        if len(self._embeddings) > MOST_KEPT:
            self._forget()
        known = (self._hashes, self._faults)
        new = [ref for ref in dict.fromkeys(refs) if ref and not any(ref in found for found in known)]
        with TemporaryDirectory(prefix="shelfwise-pictures-") as folder:
            thumbs: dict[str, Path] = {}
            with self.stopwatch.part("pictures"), ThreadPoolExecutor(min(count_cores(), _MOST_THREADS)) as pool:
                for start in range(0, len(new), FETCHED_AT_ONCE):
                    self._reduce(new[start : start + FETCHED_AT_ONCE], Path(folder), thumbs, pool)
            with self.stopwatch.part("image encode"):
                vectors = self.encoder.encode(list(thumbs.values()), NullProgress())
        self._embeddings.update(zip(thumbs, vectors, strict=True))
        return self._rows(refs)

    def _reduce(self, refs: Sequence[str], folder: Path, thumbs: dict[str, Path], pool: ThreadPoolExecutor) -> None:
        """Fetch pictures and add the thumbnails of those that are new."""
        files = dict(zip(refs, self.pictures(refs), strict=True))
        contents: dict[str, bytes] = {}
        for ref, content in files.items():
            if isinstance(content, str):
                self._faults[ref] = content
            else:
                self._hashes[ref] = hashlib.sha256(content).hexdigest()
                contents.setdefault(self._hashes[ref], content)
        known = thumbs.keys() | self._embeddings.keys()
        new = {folder / sha256: data for sha256, data in contents.items() if sha256 not in known}
        faults = dict(zip((path.name for path in new), pool.map(_reduce, new.values(), new), strict=True))
        thumbs.update({path.name: path for path in new if not faults[path.name]})
        for ref in [ref for ref in refs if faults.get(self._hashes.get(ref, ""))]:
            self._faults[ref] = faults[self._hashes.pop(ref)]

    def _rows(self, refs: Sequence[str]) -> tuple[FloatArray, list[str]]:
        rows = np.zeros((len(refs), self.encoder.n_dimensions), dtype=np.float32)
        for row, ref in enumerate(refs):
            if ref in self._hashes:
                rows[row] = self._embeddings[self._hashes[ref]]
        return rows, [self._faults.get(ref, "") if ref else "the row names no picture" for ref in refs]

    def _forget(self) -> None:
        for known in (self._hashes, self._faults, self._embeddings):
            known.clear()


def _reduce(data: bytes, path: Path) -> str:
    """Write the thumbnail of a picture; says why there is none."""
    try:
        path.write_bytes(thumbnail(data))
    except ImageError as fault:
        return fault.message
    return ""
