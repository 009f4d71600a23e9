"""The light classifier that looks at a product first: it reads texts alone, and says how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.classifier.escalation import BothStages, escalation_report
from core.classifier.parameters import TrainingParameters
from core.classifier.split import Split
from core.classifier.trained import PathPredictor, TrainedClassifier
from core.classifier.training import Examples, fit_classifier, tested
from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import TrainingDataError
from core.domain.escalation import EscalationReport
from core.domain.progress import NullProgress, Progress, SpanProgress

TEXTS = ("title", "brand", "description")
IMAGE = "image"
_FIT_SHARE = 0.9
_FASTER, _PATIENCE = 3.0, 3


@dataclass(frozen=True, eq=False)
class TextStage:
    """A classifier that reads texts alone, and what comes of letting it settle what it is sure of."""

    trained: TrainedClassifier
    escalation: EscalationReport


class _Quiet(SpanProgress):
    """Says which stage learns, and keeps its epochs out of the curve, which is that of the full model."""

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        super().report(fraction, message.replace("Training:", "Training the text stage:"))


def has_text_stage(modalities: Mapping[str, object]) -> bool:
    """Whether a classifier of these modalities has anything to spare by reading texts first."""
    return IMAGE in modalities and any(name in modalities for name in TEXTS)


def without_images(features: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """What the text stage looks at."""
    return {name: values for name, values in features.items() if name != IMAGE}


def light(parameters: TrainingParameters) -> TrainingParameters:
    """Parameters of the text stage beside a full model of these.

    Half the widths in larger, longer steps: as good on texts, in half the time. The words of titles carry most of it.

    Args:
        parameters: Those of the full model.
    """
    return replace(
        parameters,
        modality_width=max(parameters.modality_width // 2, 1),
        shared_width=max(parameters.shared_width // 2, 1),
        level_width=max(parameters.level_width // 2, 1),
        batch_size=2 * parameters.batch_size,
        lr=_FASTER * parameters.lr,
        patience=min(parameters.patience, _PATIENCE),
    )


def train_text_stage(
    full: TrainedClassifier,
    examples: Examples,
    progress: Progress | None = None,
    folder_for_checkpoint: Path | None = None,
) -> TextStage:
    """Train a text stage on exactly the products that taught the full model, and compare the two.

    It learns the same paths, has its epoch chosen and its confidences calibrated by the same
    products, and is tested on the same. The same data give the same weights.

    Args:
        full: The full model, with its split.
        examples: The products it was trained on, by the same ids; the features hold images too.
        progress: Told how far it is, without figures of epochs.
        folder_for_checkpoint: As for `train_classifier`; another folder than that of the full model.

    Returns:
        The text stage, and the curve of both together.

    Raises:
        TrainingDataError: If the full model does not say which products taught it, or the loss is not a number.
        JobCancelledError: If `progress` says so.
    """
    quiet = _Quiet(progress or NullProgress(), 0.0, 1.0)
    split = _rows_of_split(full, examples.ids)
    texts = Examples(without_images(examples.features), examples.paths, examples.ids, examples.platforms)
    parameters, fitting = light(full.parameters), SpanProgress(quiet, 0.0, _FIT_SHARE)
    fitted = fit_classifier(
        texts.features, texts.paths, split.train, split.validation, parameters, fitting, folder_for_checkpoint
    )
    quiet.report(_FIT_SHARE, "Comparing the text stage with the full model")
    trained = tested(fitted, parameters, texts, split, full.dropped)
    validation, test = (_both(full, trained, examples, rows) for rows in (split.validation, split.test))
    quiet.report(1.0, "Trained the text stage")
    return TextStage(trained, escalation_report(validation, test))


def _rows_of_split(full: TrainedClassifier, ids: IntArray) -> Split:
    if full.split is None:
        raise TrainingDataError("The full model does not say which products taught it.", "Train it anew.")
    row_of = {product_id: row for row, product_id in enumerate(ids.tolist())}
    parts = (full.split.train, full.split.validation, full.split.test)
    return Split(*(np.array([row_of[product_id] for product_id in part.tolist()], dtype=np.int64) for part in parts))


def _both(full: PathPredictor, text: PathPredictor, examples: Examples, rows: IntArray) -> BothStages:
    features = {name: values[rows] for name, values in examples.features.items()}
    true_paths = [tuple(examples.paths[row]) for row in rows]
    return BothStages(true_paths, text.predict(without_images(features)), full.predict(features))
