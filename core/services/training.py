"""Retrain the classifier on what the curator approved, and predict every product. Worker only."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from core.classifier.checkpoint import delete_checkpoint
from core.classifier.parameters import TrainingParameters
from core.classifier.text_stage import TextStage, has_text_stage, train_text_stage, without_images
from core.classifier.trained import TrainedClassifier
from core.classifier.training import Examples, train_classifier
from core.domain.arrays import FloatArray
from core.domain.classifier import PredictedPath
from core.domain.errors import JobCancelledError, TrainingDataError
from core.domain.product import Product
from core.domain.progress import Progress, SpanProgress
from core.inference.predictor import classify_features
from core.services.context import Context
from core.services.encoding import MODALITIES, Encoders, classifier_features, prepare_encoders
from core.services.model_storage import TrainedModel, add_predictions, store_model
from core.services.prediction_scores import score_predictions
from core.services.product_groups import product_groups
from core.services.training_set import teaching_rows
from core.services.versions import save_version, unsaved_changes
from core.taxonomy.tree import Taxonomy
from db.base import utc_now
from db.repositories import events
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows


def run_training(
    context: Context,
    parameters: TrainingParameters,
    author: str,
    progress: Progress,
    modalities: tuple[str, ...] | None = None,
    drop_label_errors: float = 0.0,
) -> int:
    """Train a candidate on the newest taxonomy and predict all products with it.

    Where it reads images as well as texts, a text stage is trained beside it on the same products, and the two are
    compared. A training that was stopped goes on where it was, also after its last epoch.

    Args:
        context: The open workspace.
        parameters: What to train.
        author: Who asked.
        progress: Told of every step, with `train_loss`, `validation_loss` and `validation_hf1` per epoch of the full
            model.
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
    read_at = utc_now()  # what changes after this moment is found by `classify_new`
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        version = taxonomy_rows.latest_version_number(session)
        catalogue = product_rows.all_products(session)
    rows = teaching_rows(taxonomy, catalogue)
    _check_classes(catalogue, rows)
    encoders = prepare_encoders(context, catalogue, SpanProgress(progress, 0.0, 0.3), chosen)
    _require_present(modalities, encoders)
    features = classifier_features(context, encoders, catalogue, SpanProgress(progress, 0.3, 0.45))
    known = [catalogue[row] for row in rows]
    examples = _examples(taxonomy, known, {name: values[rows] for name, values in features.items()})
    full, text = _train(context, examples, known, parameters, drop_label_errors, SpanProgress(progress, 0.45, 0.85))
    extra = {"encoders": encoders.versions, "modalities": sorted(encoders.versions),
             "drop_label_errors": drop_label_errors, "n_dropped": len(full.dropped)}  # fmt: skip
    model = TrainedModel(full, text, extra, version)
    said = _predict(model, features, SpanProgress(progress, 0.85, 0.92))
    progress.report(0.92, "Writing the model and its predictions")
    with context.database.write() as session:
        model_id = store_model(session, context, model, author)
        add_predictions(session, model_id, read_at, catalogue, *said)
        events.record(session, author, "train", f"Trained model {model_id} on taxonomy version {version}")
    for folder in _checkpoints(context):
        delete_checkpoint(folder)
    score_predictions(context, model_id, _Unstoppable(progress, 0.94, 1.0))
    return model_id


class _Unstoppable(SpanProgress):
    """For what remains to be done once the model is written: who cancels then would get half of it."""

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        with suppress(JobCancelledError):
            super().report(fraction, message, **metrics)


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


def _check_classes(catalogue: Sequence[Product], rows: Sequence[int]) -> None:
    n_nodes = len({catalogue[row].node_id for row in rows})
    if n_nodes < 2:
        what = "only one category" if n_nodes else "no category"
        raise TrainingDataError(
            f"A classifier needs products in at least two categories, and {what} holds any that can teach it.",
            "Approve at least two clusters, or import products of another category.",
        )


def _examples(taxonomy: Taxonomy, products: Sequence[Product], features: dict[str, FloatArray]) -> Examples:
    return Examples(
        features,
        paths=[tuple(node.id for node in taxonomy.path(product.node_id)) for product in products],
        ids=np.array([product.id for product in products], dtype=np.int64),
        platforms=[product.platform for product in products],
    )


def _train(
    context: Context,
    examples: Examples,
    products: Sequence[Product],
    parameters: TrainingParameters,
    drop_label_errors: float,
    progress: Progress,
) -> tuple[TrainedClassifier, TextStage | None]:
    """Both stages; the full one first, so that its curve stands on the page when it is done."""
    for_full, for_text = _checkpoints(context)
    is_alone = not has_text_stage(examples.features)
    full = train_classifier(
        examples.features,
        examples.paths,
        groups=product_groups(products).tolist(),
        parameters=parameters,
        progress=SpanProgress(progress, 0.0, 1.0 if is_alone else 0.7),
        folder_for_checkpoint=for_full,
        platforms=examples.platforms,
        product_ids=examples.ids.tolist(),
        drop_label_errors=drop_label_errors,
    )
    if is_alone:
        return full, None
    return full, train_text_stage(full, examples, SpanProgress(progress, 0.7, 1.0), for_text)


def _checkpoints(context: Context) -> tuple[Path, Path]:
    """Where the unfinished trainings of the full model and of its text stage are kept."""
    return context.workspace.models / "training", context.workspace.models / "training-text"


def _predict(
    model: TrainedModel, features: dict[str, FloatArray], progress: Progress
) -> tuple[list[PredictedPath], list[PredictedPath] | None]:
    """What both stages say of every product."""
    progress.report(0.0, "Predicting every product")
    by_full = classify_features(model.full, features, progress=SpanProgress(progress, 0.0, 0.6))
    if model.text_stage is None:
        return by_full, None
    texts = without_images(features)
    return by_full, classify_features(model.text_stage.trained, texts, progress=SpanProgress(progress, 0.6, 1.0))
