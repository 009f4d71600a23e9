"""The order in which predictions are worth a look: fills value, group and sample of those that wait. Worker only.

It reads stored embeddings and loads no encoder. Called again, as after new products were classified, it values anew
what waits; the sample stays, and of the new predictions as large a share joins it. A prediction that was made anew, as
when its product changed, is in the sample if it was there before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.discovery.near_duplicates import title_key
from core.domain.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from core.domain.classifier import ReviewState
from core.domain.errors import ModelNotFoundError
from core.domain.progress import Progress
from core.inference.look_alikes import look_alikes
from core.inference.review_sample import draw_sample, sample_order, sample_size
from core.inference.review_value import LEAST, review_values, wrong_probabilities
from core.services.context import Context
from core.services.embedding_space import Modality, load_space
from core.services.training_set import teaching_placements
from core.taxonomy.tree import Taxonomy
from db.models import ModelRow, PredictionRow, ProductRow
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.products import chunks
from db.repositories.rows import update_rows

IMAGE_WEIGHT, TITLE_WEIGHT = 1.0, 1.0
"""Of the embeddings in the space where look-alikes are near; titles at half of it gave less pure groups."""
BATCH = 2_000
"""Rows of one transaction: others who write wait a fraction of a second."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Predictions that wait, column by column, by id; their categories in the present taxonomy."""

    ids: IntArray
    product_ids: IntArray
    node_ids: list[str]
    confidence: DoubleArray
    text_confidence: DoubleArray
    disagrees: BoolArray
    is_sample: BoolArray
    images: list[str | None]
    titles: list[str | None]


def score_predictions(context: Context, model_id: int, progress: Progress) -> None:
    """Say of every prediction of a model that waits what a look is worth, what looks like it, and which are its sample.

    Args:
        context: The open workspace.
        model_id: Whose predictions.
        progress: Told of every step.

    Raises:
        ModelNotFoundError: If there is no such model.
    """
    progress.report(0.0, "Reading the predictions that wait")
    with context.database.read() as session:
        if session.get(ModelRow, model_id) is None:
            raise ModelNotFoundError(f"There is no model {model_id}.", "Choose one from the list.")
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        waiting = _waiting(session, taxonomy, model_id)
        sampled, last_group = _before(session, model_id)
        n_labelled = _labelled(session, taxonomy, waiting.node_ids)
    if not len(waiting.ids):
        return
    progress.report(0.2, "Looking for look-alikes")
    vectors = _vectors(context, waiting.product_ids)
    found = look_alikes(vectors, waiting.node_ids, waiting.images, waiting.titles)
    p_wrong = wrong_probabilities(waiting.confidence, waiting.text_confidence, waiting.disagrees)
    values = review_values(p_wrong, found.n_settled(), n_labelled)
    is_sample = _sample(waiting, model_id, sampled)
    # The sample is met at random times, whatever the model thinks of it: those decided so far are a sample, too.
    places = sample_order(waiting.ids[is_sample], model_id)
    values[is_sample] = np.quantile(values, places) + LEAST * places
    groups = np.where(found.group_ids > 0, found.group_ids + last_group, 0)
    progress.report(0.7, "Writing what a look at each is worth")
    rows = [
        {"id": key, "value": value, "group_id": group, "is_sample": drawn}
        for key, value, group, drawn in zip(
            waiting.ids.tolist(), values.tolist(), groups.tolist(), is_sample.tolist(), strict=True
        )
    ]
    _write(context, rows, progress)


def _waiting(session: Session, taxonomy: Taxonomy, model_id: int) -> _Waiting:
    columns = (PredictionRow.id, PredictionRow.product_id, PredictionRow.node_id, PredictionRow.confidence,
               PredictionRow.text_node_id, PredictionRow.text_confidence, PredictionRow.is_sample,
               ProductRow.image_hash, ProductRow.title, ProductRow.brand)  # fmt: skip
    query = select(*columns).join(ProductRow, ProductRow.id == PredictionRow.product_id)
    pending = (PredictionRow.model_id == model_id) & (PredictionRow.review_state == str(ReviewState.PENDING))
    rows = session.execute(query.where(pending).order_by(PredictionRow.id)).all()
    unasked = float("nan")
    live = {node.id: taxonomy.replacement(node.id).id for node in taxonomy.nodes}
    return _Waiting(
        ids=np.array([row.id for row in rows], dtype=np.int64),
        product_ids=np.array([row.product_id for row in rows], dtype=np.int64),
        node_ids=[live[row.node_id] for row in rows],
        confidence=np.array([row.confidence for row in rows], dtype=np.float64),
        text_confidence=np.array(
            [unasked if row.text_confidence is None else row.text_confidence for row in rows], dtype=np.float64
        ),
        disagrees=np.array(
            [row.text_node_id is not None and live[row.text_node_id] != live[row.node_id] for row in rows], dtype=bool
        ),
        is_sample=np.array([row.is_sample for row in rows], dtype=bool),
        images=[row.image_hash for row in rows],
        titles=[title_key(row.title, row.brand) for row in rows],
    )


def _before(session: Session, model_id: int) -> tuple[IntArray, int]:
    """Ids of the sample so far, and the last group of decided predictions."""
    own = PredictionRow.model_id == model_id
    sampled = session.scalars(select(PredictionRow.id).where(own, PredictionRow.is_sample.is_(True)))
    decided = own & (PredictionRow.review_state != str(ReviewState.PENDING))
    last_group = session.scalar(select(func.max(PredictionRow.group_id)).where(decided)) or 0
    return np.array(sampled.all(), dtype=np.int64), last_group


def _labelled(session: Session, taxonomy: Taxonomy, node_ids: Sequence[str]) -> IntArray:
    """Products that teach the category of each prediction. Shape: (n,)."""
    counts = product_rows.placement_counts(session)
    teaching = teaching_placements(taxonomy, ((node_id, source) for node_id, source, _ in counts))
    n_of: dict[str, int] = {}
    for node_id, source, n_products in counts:
        if (node_id, source) in teaching:
            n_of[node_id] = n_of.get(node_id, 0) + n_products
    return np.array([n_of.get(node_id, 0) for node_id in node_ids], dtype=np.int64)


def _vectors(context: Context, product_ids: IntArray) -> FloatArray:
    """Image and title of each product side by side, of unit length; zero without either. Shape: (n, d)."""
    parts = []
    for modality, weight in ((Modality.IMAGE, IMAGE_WEIGHT), (Modality.TITLE, TITLE_WEIGHT)):
        space = load_space(context, modality)
        if space.encoder is not None:
            rows = space.rows_of(product_ids)
            parts.append(np.where((rows >= 0)[:, None], weight * space.vectors[rows], 0).astype(np.float32))
    if not parts:
        return np.zeros((len(product_ids), 1), dtype=np.float32)
    joined = np.concatenate(parts, axis=1)
    lengths = np.linalg.norm(joined, axis=1, keepdims=True)
    joined /= np.where(lengths > 0, lengths, 1)  # in place: another array of its size would be gigabytes
    return joined


def _sample(waiting: _Waiting, model_id: int, sampled: IntArray) -> BoolArray:
    """Which predictions are the sample: at first so many of all, later every one that is drawn before the last of it.

    So whoever was drawn stays, whoever was not never joins, however often it is scored, and the share stays the same.
    """
    draws = draw_sample(waiting.ids, model_id)
    if len(sampled):
        return waiting.is_sample | (draws <= draw_sample(sampled, model_id).max())
    chosen = np.zeros(len(draws), dtype=bool)
    chosen[np.argsort(draws, kind="stable")[: sample_size(len(draws))]] = True
    return chosen


def _write(context: Context, rows: Sequence[dict[str, Any]], progress: Progress) -> None:
    n_done = 0
    for part in chunks(rows, BATCH):
        with context.database.write() as session:
            update_rows(session, PredictionRow, part)
        n_done += len(part)
        progress.report(0.7 + 0.3 * n_done / len(rows), f"Valued {n_done:,} of {len(rows):,} predictions")
