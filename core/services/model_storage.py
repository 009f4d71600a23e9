"""Write a trained classifier down: its row, its artefacts, and what it says of every product. Worker only."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.classifier.artefact import save_classifier
from core.classifier.text_stage import TextStage
from core.classifier.trained import TrainedClassifier
from core.domain.classified import FULL_STAGE
from core.domain.classifier import ModelStatus, PredictedPath
from core.domain.product import Product
from core.domain.taxonomy import AssignmentSource
from core.services.context import Context
from core.services.escalation import ESCALATION, TEXT_STAGE_KEY, text_stage_name
from db.models import ModelRow, PredictionRow
from db.repositories import predictions

PREDICTION_CHUNK = 5_000


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """Both stages of a model; `text_stage` is None where there is nothing to spare by reading texts first.

    `extra` is what is kept beside both artefacts, such as the versions of encoders.
    """

    full: TrainedClassifier
    text_stage: TextStage | None
    extra: dict[str, Any]
    taxonomy_version: int


def store_model(session: Session, context: Context, model: TrainedModel, author: str) -> int:
    """Write both artefacts and the row that names them; the row exists once the transaction is committed.

    Returns:
        Id of the new candidate.
    """
    full, stage = model.full, model.text_stage
    row = ModelRow(
        taxonomy_version=model.taxonomy_version, status=str(ModelStatus.CANDIDATE), config=_config(model),
        metrics=asdict(full.metrics), curve=list(full.curve), artefact_path="", author=author,
        escalate_below=None if stage is None else stage.escalation.suggested,
    )  # fmt: skip
    session.add(row)
    session.flush()
    row.artefact_path = f"model-{row.id}"
    folder = context.workspace.models / row.artefact_path
    text_folder = folder.with_name(text_stage_name(row.artefact_path))
    _clear(folder, text_folder)
    if stage is not None:
        extra = model.extra | {ESCALATION: asdict(stage.escalation)}
        save_classifier(text_folder, stage.trained, extra, model.taxonomy_version)
        row.config = row.config | {TEXT_STAGE_KEY: text_folder.name}
    save_classifier(folder, full, model.extra, model.taxonomy_version)
    return row.id


def _clear(*folders: Path) -> None:
    """Remove what a training left that was killed before its row, of the same id, was committed."""
    for folder in folders:
        for left in (folder, *folder.parent.glob(f".{folder.name}.partial-*")):
            shutil.rmtree(left, ignore_errors=True)


def add_predictions(
    session: Session,
    model_id: int,
    read_at: datetime,
    catalogue: Sequence[Product],
    by_full: Sequence[PredictedPath],
    by_text: Sequence[PredictedPath] | None,
) -> None:
    """Write what a model says of every product that no curator has settled.

    Args:
        session: A transaction.
        model_id: Which model.
        read_at: When the products were read, before anything else was done with them.
        catalogue: The products.
        by_full: The path of each by the full stage, which is the one that is shown.
        by_text: The path of each by the text stage; None where there is none.
    """
    decided = set(session.scalars(select(PredictionRow.product_id).where(PredictionRow.review_state != "pending")))
    settled = {product.id for product in catalogue if product.source == AssignmentSource.CURATOR} | decided
    rows = [
        {"model_id": model_id, "product_id": product.id, "node_id": path.node_ids[-1], "path": list(path.node_ids),
         "level_confidences": [round(value, 6) for value in path.level_confidences], "confidence": path.confidence,
         "stage": FULL_STAGE, "text_node_id": None if text is None else text.node_ids[-1],
         "text_confidence": None if text is None else text.confidence,
         "predicted_at": read_at, "is_change": path.node_ids[-1] != product.node_id, "review_state": "pending",
         "decided_by": ""}
        for product, path, text in zip(catalogue, by_full, _each(by_text, len(catalogue)), strict=True)
        if product.id not in settled
    ]  # fmt: skip
    for start in range(0, len(rows), PREDICTION_CHUNK):
        predictions.add(session, rows[start : start + PREDICTION_CHUNK])


def _each(said: Sequence[PredictedPath] | None, n_products: int) -> Iterator[PredictedPath | None]:
    return iter(said) if said is not None else repeat(None, n_products)


def _config(model: TrainedModel) -> dict[str, Any]:
    full = model.full
    return {
        "parameters": asdict(full.parameters), "split_sizes": full.split_sizes,
        "n_nodes": len(set(full.tree.paths)), "temperatures": list(full.temperatures), **model.extra,
    }  # fmt: skip
