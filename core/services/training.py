"""Retrain the classifier on what the curator approved, and predict every product. Worker only."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.classifier.artefact import save_classifier
from core.classifier.parameters import TrainingParameters
from core.classifier.trained import TrainedClassifier
from core.classifier.training import train_classifier
from core.domain.arrays import FloatArray
from core.domain.classifier import ModelStatus, PredictedPath
from core.domain.errors import TrainingDataError
from core.domain.product import Product
from core.domain.progress import Progress, SpanProgress
from core.domain.taxonomy import AssignmentSource
from core.inference.predictor import classify_features
from core.services.context import Context
from core.services.encoding import MODALITIES, Encoders, classifier_features, prepare_encoders
from core.services.product_groups import product_groups
from core.services.training_set import teaching_rows
from core.services.versions import save_version, unsaved_changes
from core.taxonomy.tree import Taxonomy
from db.models import ModelRow, PredictionRow
from db.repositories import events, predictions
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

PREDICTION_CHUNK = 5_000


def run_training(
    context: Context,
    parameters: TrainingParameters,
    author: str,
    progress: Progress,
    modalities: tuple[str, ...] | None = None,
    drop_label_errors: float = 0.0,
) -> int:
    """Train a candidate on the newest taxonomy and predict all products with it.

    Args:
        context: The open workspace.
        parameters: What to train.
        author: Who asked.
        progress: Told of every step, with `train_loss`, `validation_loss` and `validation_hf1` per epoch.
        modalities: Which of `MODALITIES` to learn from; None takes all that the catalogue has.
        drop_label_errors: Share of the products to learn from that is left out for its doubtful labels, in [0, 0.5].

    Returns:
        The id of the new model version, a candidate.

    Raises:
        TrainingDataError: If the labels cannot train a classifier, or a modality is unknown or absent.
    """
    chosen = known_modalities(modalities)
    progress.report(0.0, "Reading products and their categories")
    if unsaved_changes(context).n_changes:  # a model speaks of a version that stays
        save_version(context, "Before training", author)
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        version = taxonomy_rows.latest_version_number(session)
        catalogue = product_rows.all_products(session)
    rows = teaching_rows(taxonomy, catalogue)
    _check_classes(catalogue, rows)
    encoders = prepare_encoders(context, catalogue, SpanProgress(progress, 0.0, 0.3), chosen)
    _require_present(modalities, encoders)
    features = classifier_features(context, encoders, catalogue, SpanProgress(progress, 0.3, 0.5))
    trained = _train(context, taxonomy, [catalogue[row] for row in rows], {n: v[rows] for n, v in features.items()},
                     parameters, drop_label_errors, SpanProgress(progress, 0.5, 0.9))  # fmt: skip
    progress.report(0.9, "Predicting every product")
    predicted = classify_features(trained, features, progress=SpanProgress(progress, 0.9, 0.95))
    progress.report(0.95, "Writing the model and its predictions")
    with context.database.write() as session:
        extra = {"encoders": encoders.versions, "modalities": sorted(encoders.versions),
                 "drop_label_errors": drop_label_errors, "n_dropped": len(trained.dropped)}  # fmt: skip
        model_id = _store(session, context, trained, extra, version, author)
        _add_predictions(session, model_id, predicted, catalogue)
        events.record(session, author, "train", f"Trained model {model_id} on taxonomy version {version}")
    return model_id


def known_modalities(modalities: Sequence[str] | None) -> tuple[str, ...]:
    """The modalities asked for, each once; all where None.

    Raises:
        TrainingDataError: If one is unknown, or none is asked for.
    """
    unknown = sorted(set(modalities or ()) - set(MODALITIES))
    if unknown or modalities == ():
        raise TrainingDataError(
            f"Unknown modality {unknown[0]!r}." if unknown else "Training needs at least one modality.",
            f"Choose among {', '.join(MODALITIES)}.",
        )
    return MODALITIES if modalities is None else tuple(dict.fromkeys(modalities))


def _require_present(modalities: Sequence[str] | None, encoders: Encoders) -> None:
    absent = [name for name in modalities or () if name not in encoders.by_modality]
    if absent:
        present = ", ".join(encoders.by_modality) or "none of those asked for"
        raise TrainingDataError(
            f"Too few products of this catalogue have a value for {absent[0]!r}.", f"Choose among {present}."
        )


def _train(
    context: Context,
    taxonomy: Taxonomy,
    products: Sequence[Product],
    features: dict[str, FloatArray],
    parameters: TrainingParameters,
    drop_label_errors: float,
    progress: Progress,
) -> TrainedClassifier:
    return train_classifier(
        features,
        paths=[tuple(node.id for node in taxonomy.path(product.node_id)) for product in products],
        groups=product_groups(products).tolist(),
        parameters=parameters,
        progress=progress,
        folder_for_checkpoint=context.workspace.models / "training",
        platforms=[product.platform for product in products],
        product_ids=[product.id for product in products],
        drop_label_errors=drop_label_errors,
    )


def _check_classes(catalogue: Sequence[Product], rows: Sequence[int]) -> None:
    n_nodes = len({catalogue[row].node_id for row in rows})
    if n_nodes < 2:
        what = "only one category" if n_nodes else "no category"
        raise TrainingDataError(
            f"A classifier needs products in at least two categories, and {what} holds any that can teach it.",
            "Approve at least two clusters, or import products of another category.",
        )


def _store(
    session: Session,
    context: Context,
    trained: TrainedClassifier,
    extra: dict[str, Any],
    taxonomy_version: int,
    author: str,
) -> int:
    config: dict[str, Any] = {
        "parameters": asdict(trained.parameters), "split_sizes": trained.split_sizes,
        "n_nodes": len(set(trained.tree.paths)), "temperatures": list(trained.temperatures), **extra,
    }  # fmt: skip
    row = ModelRow(
        taxonomy_version=taxonomy_version, status=str(ModelStatus.CANDIDATE), config=config,
        metrics=asdict(trained.metrics), curve=list(trained.curve), artefact_path="", author=author,
    )  # fmt: skip
    session.add(row)
    session.flush()
    row.artefact_path = f"model-{row.id}"
    save_classifier(context.workspace.models / row.artefact_path, trained, extra, taxonomy_version)
    return row.id


def _add_predictions(
    session: Session, model_id: int, predicted: Sequence[PredictedPath], catalogue: Sequence[Product]
) -> None:
    decided = set(session.scalars(select(PredictionRow.product_id).where(PredictionRow.review_state != "pending")))
    settled = {product.id for product in catalogue if product.source == AssignmentSource.CURATOR} | decided
    rows = [
        {"model_id": model_id, "product_id": product.id, "node_id": path.node_ids[-1], "path": list(path.node_ids),
         "level_confidences": [round(value, 6) for value in path.level_confidences], "confidence": path.confidence,
         "stage": 2, "is_change": path.node_ids[-1] != product.node_id, "review_state": "pending", "decided_by": ""}
        for product, path in zip(catalogue, predicted, strict=True)
        if product.id not in settled
    ]  # fmt: skip
    for start in range(0, len(rows), PREDICTION_CHUNK):
        predictions.add(session, rows[start : start + PREDICTION_CHUNK])
