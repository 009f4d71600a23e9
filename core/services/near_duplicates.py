"""Near-duplicates among the products of a grid: what a shop lists twice, or two shops list alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.discovery.near_duplicates import DuplicateReason, duplicate_groups, title_key
from core.domain.arrays import FloatArray
from core.features.whitening import Whitening
from core.services.context import Context
from core.services.embedding_space import EmbeddingSpace, Modality, load_space, space_state
from db.models import ProductRow
from db.repositories.products import chunks

MAX_COMPARED = 10_000
"""Up to so many products every image is compared with every other; more would keep a page waiting for seconds."""
THRESHOLD = 0.97
"""Least cosine of two whitened image embeddings. On 35,257 fashion products, pairs above it show one product twice or
in two colours; below 0.95 they are mostly two products of one kind."""
TITLE_THRESHOLD = 0.8
"""Least cosine where titles are equal. Of 9,683 such pairs of that catalogue half look nothing alike, below 0.5: it
calls 66 different earrings by one title. From 0.8 up they show one product in two colours, or two that are close."""
_KEPT = 32


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups of near-duplicates.

    Attributes:
        groups: Product ids of each group, two or more, in the order they were given.
        reasons: What each product has in common with the first of its group, for people; '' for the first.
        note: What was not compared, for people; '' where everything was.
    """

    groups: tuple[tuple[int, ...], ...]
    reasons: dict[int, str]
    note: str


def find_duplicates(context: Context, product_ids: Sequence[int]) -> Duplicates:
    """Products with the same image, the same title and brand on similar images, or images that are hardly apart.

    Args:
        context: The open workspace.
        product_ids: Where to look, in the order of their importance: the first of a group stands for it.
    """
    return _find(context, tuple(product_ids), space_state(context))


@lru_cache(maxsize=_KEPT)
def _find(context: Context, product_ids: tuple[int, ...], _state: tuple[object, ...]) -> Duplicates:
    with context.database.read() as session:
        images, titles = _keys(session, product_ids)
    vectors, is_encoded = _vectors(context, product_ids)
    note = _note(len(product_ids), is_encoded)
    threshold = None if note else THRESHOLD
    firsts, reasons, similarities = duplicate_groups(images, titles, vectors, threshold, TITLE_THRESHOLD)
    members: dict[int, list[int]] = {}
    for index, first in enumerate(firsts.tolist()):
        members.setdefault(first, []).append(index)
    groups = [group for group in members.values() if len(group) > 1]
    said = {
        product_ids[index]: _reason(DuplicateReason(int(reasons[index])), float(similarities[index]))
        for group in groups
        for index in group
    }
    return Duplicates(tuple(tuple(product_ids[index] for index in group) for group in groups), said, note)


def _keys(session: Session, product_ids: Sequence[int]) -> tuple[list[str | None], list[str | None]]:
    """Image hash and title key of each product, None where it has none."""
    found: dict[int, tuple[str | None, str | None]] = {}
    columns = (ProductRow.id, ProductRow.image_hash, ProductRow.title, ProductRow.brand)
    for part in chunks(product_ids):
        for product_id, image, title, brand in session.execute(select(*columns).where(ProductRow.id.in_(part))):
            found[product_id] = image, title_key(title, brand)
    pairs = [found.get(product_id, (None, None)) for product_id in product_ids]
    return [image for image, _ in pairs], [title for _, title in pairs]


def _vectors(context: Context, product_ids: Sequence[int]) -> tuple[FloatArray, bool]:
    """Whitened image embeddings, zero where there is none; and whether any image of the catalogue was encoded."""
    space = load_space(context, Modality.IMAGE)
    if space.encoder is None:
        return np.zeros((len(product_ids), 1), dtype=np.float32), False
    rows = space.rows_of(product_ids)
    return np.where((rows >= 0)[:, None], _whitening(space).apply(space.vectors[rows]), 0), True


def _note(n_products: int, is_encoded: bool) -> str:
    """What was not compared, for people."""
    if not is_encoded:
        return "No image was encoded yet: only equal images and equal titles were looked for."
    if n_products > MAX_COMPARED:
        return (
            f"More than {MAX_COMPARED:,} products: only equal images and equal titles were looked for. "
            "Open one cluster to compare how its images look."
        )
    return ""


@lru_cache(maxsize=2)
def _whitening(space: EmbeddingSpace) -> Whitening:
    return Whitening.fit(space.vectors)


def _reason(reason: DuplicateReason, similarity: float) -> str:
    if reason is DuplicateReason.ALIKE:
        return f"{int(100 * similarity)} % alike"  # rounded down: 100 % is said of equal images alone
    return {DuplicateReason.SAME_IMAGE: "same image", DuplicateReason.SAME_TITLE: "same title"}.get(reason, "")
