"""Embeddings on disk: one Lance dataset per encoder and version, found again by content key.

Lance commits an append as a whole or not at all, so a crash leaves what was there before.
"""

import hashlib
import re
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.domain.arrays import FloatArray
from core.domain.errors import AppError, ShapeError

if TYPE_CHECKING:
    import pyarrow
    from lance import LanceDataset

_TAKE_SHARE = 0.1  # below this share of the rows, picking them is quicker than reading all


class EmbeddingMissingError(AppError):
    """Asked for the embedding of something that was never encoded with that encoder."""


class FeatureStore:
    """Keeps embeddings under a folder, by encoder name, encoder version and content key.

    Args:
        folder: Where the datasets lie; made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def missing(self, encoder: str, version: str, keys: Sequence[str]) -> list[str]:
        """Keys that have no embedding yet, each once, in the order given."""
        known = _rows_by_key(self._open(encoder, version))
        return list(dict.fromkeys(key for key in keys if key not in known))

    def count(self, encoder: str, version: str) -> int:
        """Number of keys that have an embedding."""
        return len(_rows_by_key(self._open(encoder, version)))

    def append(self, encoder: str, version: str, keys: Sequence[str], vectors: FloatArray) -> None:
        """Add embeddings. A key that is there already, or comes twice, keeps its first embedding.

        Args:
            encoder: Encoder name.
            version: Encoder version.
            keys: Content keys.
            vectors: Their embeddings, stored as float32. Shape: (n_keys, n_dimensions).

        Raises:
            ShapeError: If there is not one vector per key, or their length is not that of the stored ones.
        """
        if vectors.ndim != 2 or len(vectors) != len(keys):
            raise ShapeError(
                f"Expected one vector for each of {len(keys)} keys, got an array of shape {vectors.shape}.",
                "Pass a two-dimensional array with one row per key.",
            )
        first_rows = {key: row for row, key in reversed(list(enumerate(keys)))}
        new = self.missing(encoder, version, keys)
        if new:
            self._write(encoder, version, new, vectors[[first_rows[key] for key in new]])

    def read(self, encoder: str, version: str, keys: Sequence[str]) -> FloatArray:
        """Embeddings in the order of the keys, which may repeat. Shape: (n_keys, n_dimensions).

        Raises:
            EmbeddingMissingError: If a key has no embedding under this encoder and version.
        """
        dataset = self._open(encoder, version)
        known = _rows_by_key(dataset)
        absent = [key for key in keys if key not in known]
        if dataset is None or absent:
            raise EmbeddingMissingError(
                f"Expected an embedding by {encoder} ({version}) for each of {len(keys)} keys, "
                f"found none for {len(absent)}, such as {absent[:1]}.",
                "Encode the catalogue again.",
            )
        return _read_rows(dataset, np.array([known[key] for key in keys], dtype=np.int64))

    def drop(self, encoder: str, version: str) -> None:
        """Delete every embedding of this encoder and version."""
        path = self._path(encoder, version)
        if path.exists():
            # Renamed first: a crash must not leave half a dataset under its name.
            shutil.rmtree(path.rename(self._folder / f".dropped-{uuid.uuid4().hex}"))

    def _path(self, encoder: str, version: str) -> Path:
        slug = re.sub(r"[^a-z0-9]+", "-", encoder.lower()).strip("-")[:40]
        digest = hashlib.sha256(f"{encoder}\0{version}".encode()).hexdigest()[:16]
        return self._folder / f"{slug}-{digest}.lance"

    def _open(self, encoder: str, version: str) -> "LanceDataset | None":
        path = self._path(encoder, version)
        if not (path / "_versions").is_dir():
            return None
        import lance

        return lance.dataset(str(path))

    def _write(self, encoder: str, version: str, keys: list[str], vectors: FloatArray) -> None:
        import lance

        dataset = self._open(encoder, version)
        if dataset is not None and dataset.schema.field("vector").type.list_size != vectors.shape[1]:
            raise ShapeError(
                f"Expected vectors of length {dataset.schema.field('vector').type.list_size} for {encoder} "
                f"({version}), got {vectors.shape[1]}.",
                "Give the changed encoder another version.",
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        mode = "create" if dataset is None else "append"
        lance.write_dataset(_table(encoder, version, keys, vectors), str(self._path(encoder, version)), mode=mode)


def _table(encoder: str, version: str, keys: list[str], vectors: FloatArray) -> "pyarrow.Table":
    import pyarrow

    flat = pyarrow.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    columns = [pyarrow.array(keys), pyarrow.FixedSizeListArray.from_arrays(flat, vectors.shape[1])]
    return pyarrow.table(columns, names=["key", "vector"], metadata={"encoder": encoder, "version": version})


def _rows_by_key(dataset: "LanceDataset | None") -> dict[str, int]:
    if dataset is None:
        return {}
    return {key: row for row, key in enumerate(dataset.to_table(columns=["key"])["key"].to_pylist())}


def _read_rows(dataset: "LanceDataset", rows: np.ndarray) -> FloatArray:
    distinct, positions = np.unique(rows, return_inverse=True)
    if len(distinct) < _TAKE_SHARE * dataset.count_rows():
        return _matrix(dataset.take(distinct.tolist(), columns=["vector"]))[positions]
    return _matrix(dataset.to_table(columns=["vector"]))[rows]


def _matrix(table: "pyarrow.Table") -> FloatArray:
    width = table.schema.field("vector").type.list_size
    return table["vector"].combine_chunks().flatten().to_numpy().reshape(-1, width)  # (n * d,) -> (n, d)
