"""Classify what was imported since the last run: two stages, of whose embeddings most are there. Worker only."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.classifier.artefact import load_classifier
from core.classifier.trained import TrainedClassifier
from core.domain.classified import FULL_STAGE, TEXT_STAGE
from core.domain.classifier import ModelVersion, PredictedPath, ReviewState
from core.domain.errors import ModelNotFoundError
from core.domain.product import Product
from core.domain.progress import NullProgress, Progress, SpanProgress
from core.inference.predictor import classify_features
from core.services.context import Context
from core.services.encoding import Encoders, classifier_features, load_encoders
from core.services.escalation import TEXT_STAGE_KEY
from core.services.models import active_model
from db.base import utc_now
from db.models import PredictionRow
from db.repositories import events, predictions, unpredicted
from db.repositories import products as product_rows

CHUNK = 2_048
"""Products whose predictions are written together: what a killed run may have to do once more."""


@dataclass(frozen=True, slots=True)
class NewProductsResult:
    """What came of a run: products found new or changed, those classified, and those the full model had to see."""

    n_new: int
    n_classified: int
    n_escalated: int
    model_id: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What is written of one product."""

    path: PredictedPath
    stage: int
    text: PredictedPath | None


@dataclass(frozen=True, slots=True)
class _Stages:
    """The stages of one model and their encoders; `text` is None where everything goes to the full one."""

    full: TrainedClassifier
    text: TrainedClassifier | None
    escalate_below: float
    encoders: Encoders

    def opinions(self, context: Context, products: Sequence[Product]) -> list[_Opinion]:
        """The path of each product; embeddings of pictures are asked for the escalated only."""
        if self.text is None:
            return [_Opinion(path, FULL_STAGE, None) for path in self._paths(context, self.full, products)]
        said = self._paths(context, self.text, products)
        doubtful = [row for row, path in enumerate(said) if path.confidence < self.escalate_below]
        fuller = self._paths(context, self.full, [products[row] for row in doubtful])
        found = [_Opinion(path, TEXT_STAGE, path) for path in said]
        for row, path in zip(doubtful, fuller, strict=True):
            found[row] = _Opinion(path, FULL_STAGE, said[row])
        return found

    def _paths(self, context: Context, stage: TrainedClassifier, products: Sequence[Product]) -> list[PredictedPath]:
        if not products:
            return []
        encoders = {name: item for name, item in self.encoders.by_modality.items() if name in stage.dimensions}
        features = classifier_features(context, Encoders(encoders), products, NullProgress())
        return classify_features(stage, {name: rows for name, rows in features.items() if name in stage.dimensions})


def classify_new(context: Context, author: str, progress: Progress) -> NewProductsResult:
    """Classify the products that have no prediction of the active model, or changed since it was made.

    Those that a curator settled are left alone. Predictions are written chunk by chunk, so that a run that was killed
    goes on where it was, and a second one finds nothing to do. Afterwards the queue's values and the drift are
    measured anew.

    Args:
        context: The open workspace.
        author: Who asked.
        progress: Told of every chunk.

    Raises:
        ModelNotFoundError: If no model is in use.
        EncoderUnavailableError: If an encoder of the model is no longer in the workspace.
    """
    started = time.monotonic()
    model = active_model(context)
    if model is None:
        raise ModelNotFoundError(
            "No model is in use, so there is nothing to classify with.",
            "Promote one on the page Models, or run `python -m core models promote ID`.",
        )
    with context.database.read() as session:
        ids = unpredicted.unpredicted_ids(session, model.id)
    progress.report(0.0, f"{len(ids):,} products to classify")
    n_classified, n_escalated = _classify_all(context, model, ids, SpanProgress(progress, 0.0, 0.85))
    said = f"Classified {n_classified:,} new products" if ids else "Valued the predictions that wait anew"
    _measure(context, author, said, {"model_id": model.id, "n_escalated": n_escalated}, progress)
    return NewProductsResult(len(ids), n_classified, n_escalated, model.id, time.monotonic() - started)


def _classify_all(context: Context, model: ModelVersion, ids: Sequence[int], progress: Progress) -> tuple[int, int]:
    """Classify and write chunk by chunk; returns how many were written, and how many of these were escalated."""
    if not ids:
        return 0, 0
    stages = _load(context, model)
    n_done = n_written = n_escalated = 0
    for part in product_rows.chunks(ids, CHUNK):
        read_at = utc_now()  # what changes after this moment is found by the next run
        with context.database.read() as session:
            products = product_rows.load_products(session, part)
        opinions = stages.opinions(context, products)
        with context.database.write() as session:
            written = _write(session, model.id, products, opinions, read_at)
        n_done, n_written = n_done + len(part), n_written + len(written)
        n_escalated += sum(opinion.stage == FULL_STAGE for opinion in written)
        progress.report(n_done / len(ids), f"Classified {n_done:,} of {len(ids):,} new products")
    return n_written, n_escalated


def _load(context: Context, model: ModelVersion) -> _Stages:
    folder, name = context.workspace.models, model.config.get(TEXT_STAGE_KEY)
    has_text = name is not None and model.escalate_below is not None
    text = load_classifier(folder / str(name)) if has_text else None
    full = load_classifier(folder / model.artefact_path)
    return _Stages(full, text, model.escalate_below or 0.0, load_encoders(context, model.config["encoders"]))


def _write(
    session: Session, model_id: int, products: Sequence[Product], opinions: Sequence[_Opinion], read_at: datetime
) -> list[_Opinion]:
    """Write what is said of each product; a prediction that waits is renewed, a decided one is left."""
    ids = [product.id for product in products]
    still_open = set(unpredicted.unpredicted_ids(session, model_id, ids))
    query = select(PredictionRow.product_id, PredictionRow.id).where(PredictionRow.model_id == model_id)
    known = dict(session.execute(query.where(PredictionRow.product_id.in_(ids))).all())
    new, renewed, written = [], [], []
    for product, opinion in zip(products, opinions, strict=True):
        if product.id not in still_open:  # settled, or classified by another run meanwhile
            continue
        values = _values(product, opinion, read_at)
        if product.id in known:
            renewed.append({"id": known[product.id], **values})
        else:
            new.append({"model_id": model_id, "product_id": product.id, "review_state": str(ReviewState.PENDING),
                        "decided_by": "", **values})  # fmt: skip
        written.append(opinion)
    predictions.add(session, new)
    if renewed:
        session.execute(update(PredictionRow), renewed)
    return written


def _values(product: Product, opinion: _Opinion, read_at: datetime) -> dict[str, Any]:
    path, text = opinion.path, opinion.text
    return {
        "node_id": path.node_ids[-1], "path": list(path.node_ids),
        "level_confidences": [round(value, 6) for value in path.level_confidences], "confidence": path.confidence,
        "stage": opinion.stage, "text_node_id": text.node_ids[-1] if text else None,
        "text_confidence": text.confidence if text else None, "predicted_at": read_at, "value": 0.0, "group_id": 0,
        "is_change": path.node_ids[-1] != product.node_id,
    }  # fmt: skip


def _measure(context: Context, author: str, said: str, details: dict[str, int], progress: Progress) -> None:
    from core.services.drift_measurement import measure_drift
    from core.services.prediction_scores import score_predictions

    try:
        score_predictions(context, details["model_id"], SpanProgress(progress, 0.85, 0.95))
    finally:  # pages keep what they read until the next event: they must not keep values and groups of before
        with context.database.write() as session:
            events.record(session, author, "classify", said, details=details)
    measure_drift(context, SpanProgress(progress, 0.95, 1.0))
