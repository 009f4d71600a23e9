"""The catalogue's stored embeddings of one modality in memory, kept between the pages that ask. Loads no encoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.arrays import FloatArray, IntArray
from core.features.embed import text_key
from core.features.stored_encoders import StoredEncoder, store_state, stored_encoders
from core.services.context import Context
from db.models import ImportRow, ProductRow

_KEPT = 4
"""Both modalities of two states of the workspace: the one that pages look at, and the one before it."""


class Modality(StrEnum):
    """What of a product was encoded."""

    IMAGE = "image"
    TITLE = "title"


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingSpace:
    """Embeddings of all products by one encoder, of unit length. Equal images and equal titles share a row.

    Attributes:
        encoder: Whose embeddings they are; None where nothing was encoded.
        product_ids: All products, rising. Shape: (n_products,).
        rows: Row of each product's embedding, -1 for one without. Shape: (n_products,).
        vectors: Those of images are centred on their mean. Shape: (n_rows, n_dimensions).
    """

    encoder: StoredEncoder | None
    product_ids: IntArray
    rows: IntArray
    vectors: FloatArray

    def rows_of(self, product_ids: Sequence[int]) -> IntArray:
        """Row of each product, -1 for one that is unknown or has no embedding. Shape: (n,)."""
        wanted = np.asarray(product_ids, dtype=np.int64)
        if len(self.product_ids) == 0:
            return np.full(len(wanted), -1)
        places = np.minimum(np.searchsorted(self.product_ids, wanted), len(self.product_ids) - 1)
        return np.where(self.product_ids[places] == wanted, self.rows[places], -1)


def load_space(context: Context, modality: Modality) -> EmbeddingSpace:
    """Embeddings of a modality by the encoder that knows most of the catalogue, the newest of equals."""
    return _load(context, modality, space_state(context))


def space_state(context: Context) -> tuple[object, ...]:
    """A key that changes with every import and every embedding written."""
    with context.database.read() as session:
        last_import = session.scalar(select(func.max(ImportRow.id)))
    return last_import, store_state(context.workspace.features)


@lru_cache(maxsize=_KEPT)
def _load(context: Context, modality: Modality, _state: tuple[object, ...]) -> EmbeddingSpace:
    with context.database.read() as session:
        product_ids, keys = _keys(session, modality)
    distinct = [key for key in dict.fromkeys(keys) if key is not None]
    encoder, known = _best_encoder(context, distinct)
    row_of: dict[str | None, int] = {key: row for row, key in enumerate(known)}
    rows = np.array([row_of.get(key, -1) for key in keys], dtype=np.int64)
    vectors = np.zeros((0, 1), dtype=np.float32)
    if encoder is not None:
        vectors = _to_units(context.features.read(encoder.name, encoder.version, known), modality is Modality.IMAGE)
    return EmbeddingSpace(encoder, np.array(product_ids, dtype=np.int64), rows, vectors)


def _keys(session: Session, modality: Modality) -> tuple[Sequence[int], list[str | None]]:
    """Content key of every product, by id; None where it lacks the modality."""
    column = ProductRow.image_hash if modality is Modality.IMAGE else ProductRow.title
    query = select(ProductRow.id, column).order_by(ProductRow.id)
    # The driver's own tuples: Row objects around all of a catalogue would take longer than reading it.
    found = session.connection().execute(query).cursor.fetchall()
    product_ids, values = zip(*found, strict=True) if found else ((), ())
    if modality is Modality.IMAGE:
        return product_ids, list(values)
    key_of = {title: text_key(title) for title in set(values)}
    return product_ids, [key_of[title] for title in values]


def _best_encoder(context: Context, keys: list[str]) -> tuple[StoredEncoder | None, list[str]]:
    """The encoder that has embedded most of the keys, and these keys."""
    best: tuple[StoredEncoder | None, list[str]] = (None, [])
    for encoder in stored_encoders(context.workspace.features):
        missing = set(context.features.missing(encoder.name, encoder.version, keys))
        if len(keys) - len(missing) > len(best[1]):
            best = encoder, [key for key in keys if key not in missing]
    return best


def _to_units(vectors: FloatArray, is_centred: bool) -> FloatArray:
    """Make vectors unit length in place, without another array of their size; a zero one stays zero.

    Embeddings of images lie in a narrow cone, where any two look alike; from the cone's axis they are told apart.
    """
    if is_centred:
        vectors -= vectors.mean(axis=0)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    vectors /= np.where(lengths > 0, lengths, 1)
    return vectors
