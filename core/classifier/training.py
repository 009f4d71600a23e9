"""From labelled embeddings to a calibrated, tested classifier."""

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from core.classifier.calibration import fit_temperatures
from core.classifier.doubtful_labels import without_doubtful
from core.classifier.fitting import LabelledProducts, fit
from core.classifier.held_out import HeldOut
from core.classifier.label_tree import LabelTree
from core.classifier.model import build_model
from core.classifier.parameters import TrainingParameters
from core.classifier.report import predict_and_report
from core.classifier.split import Split, stratified_split
from core.classifier.trained import PathPredictor, TrainedClassifier, feature_tensors, log_conditionals
from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import ShapeError, TrainingDataError
from core.domain.model_report import TestReport
from core.domain.progress import NullProgress, Progress, SpanProgress

MIN_PRODUCTS = 10
_DROP_SHARE = 0.2
_FIT_SHARE = 0.95
_REMEDY = "Approve more subcategories, or assign products to them, then train again."

__all__ = ["MIN_PRODUCTS", "Examples", "FittedClassifier", "TrainingParameters", "fit_classifier", "tested",
           "train_classifier"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class FittedClassifier:
    """A calibrated classifier that was not tested; `curve` has one entry per epoch."""

    predictor: PathPredictor
    curve: tuple[dict[str, float], ...]


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled products, in one order; `features` and `platforms` are as `train_classifier` takes them."""

    features: Mapping[str, FloatArray]
    paths: Sequence[tuple[str, ...]]
    ids: IntArray
    platforms: Sequence[str] | None = None


def train_classifier(
    features: Mapping[str, FloatArray],
    paths: Sequence[tuple[str, ...]],
    groups: Sequence[Hashable] | IntArray | None = None,
    parameters: TrainingParameters | None = None,
    progress: Progress | None = None,
    folder_for_checkpoint: Path | None = None,
    platforms: Sequence[str] | None = None,
    product_ids: Sequence[int] | None = None,
    drop_label_errors: float = 0.0,
) -> TrainedClassifier:
    """Train on 64 % of the products, choose the epoch and calibrate on 16 %, test on 20 %.

    The same data and parameters give the same weights, whatever the state of torch's generators, which is left
    as it was.

    Args:
        features: Embedding of each modality by name; a zero vector where a product lacks it.
            Shapes: (n_products, its dimension).
        paths: True path of each product: node ids from below the root.
        groups: Products of one group (duplicates) stay in one part; None where every product stands alone.
        parameters: What to train; the defaults where None.
        progress: Told of each epoch with `epoch`, `train_loss`, `validation_loss` and `validation_hf1`.
        folder_for_checkpoint: Where the training is kept and taken up again, also a finished one: who has put its
            outcome in a safe place calls `delete_checkpoint`. None keeps nothing.
        platforms: Platform of each product; no breakdown where None.
        product_ids: Id of each product; row numbers where None.
        drop_label_errors: Share of the training part that is left out for its doubtful labels, in [0, 0.5]. What
            validates and tests stays as it is.

    Returns:
        The classifier, with figures from the untouched test part.

    Raises:
        TrainingDataError: If there are fewer than ten products, one path only, none can be held out, the loss is not a
            number, or a share is out of its range.
        ShapeError: If embeddings, paths, groups, platforms and ids do not fit each other.
        JobCancelledError: If `progress` says so.
    """
    parameters, progress = parameters or TrainingParameters(), progress or NullProgress()
    ids = np.arange(len(paths)) if product_ids is None else np.asarray(product_ids, dtype=np.int64)
    _require_one_each(paths, platforms, ids)
    split = _require_learnable(paths, groups, parameters.seed)
    start = _DROP_SHARE if drop_label_errors else 0.0
    judging, fitting = SpanProgress(progress, 0.0, start), SpanProgress(progress, start, _FIT_SHARE)
    kept = without_doubtful(features, paths, groups, split.train, drop_label_errors, parameters.seed, judging)
    fitted = fit_classifier(features, paths, kept, split.validation, parameters, fitting, folder_for_checkpoint)
    progress.report(_FIT_SHARE, "Testing")
    dropped = tuple(ids[np.setdiff1d(split.train, kept)].tolist())
    parts = Split(kept, split.validation, split.test)
    trained = tested(fitted, parameters, Examples(features, paths, ids, platforms), parts, dropped)
    progress.report(1.0, "Trained")
    return trained


def tested(
    fitted: FittedClassifier,
    parameters: TrainingParameters,
    examples: Examples,
    split: Split,
    dropped: tuple[int, ...] = (),
) -> TrainedClassifier:
    """Test a classifier that was fitted on the other parts of a split.

    Args:
        fitted: The classifier.
        parameters: How it was trained.
        examples: All products of the split.
        split: Rows of each part among them.
        dropped: Ids of products that were left out of the training part.

    Returns:
        The classifier, with figures from the test part.
    """
    report, held_out = _test(fitted.predictor, examples, split.test)
    its_split = Split(*(examples.ids[rows] for rows in (split.train, split.validation, split.test)))
    return TrainedClassifier(
        **vars(fitted.predictor),
        parameters=parameters,
        report=report,
        split_sizes=its_split.sizes,
        curve=fitted.curve,
        split=its_split,
        dropped=dropped,
        test=held_out,
    )


def fit_classifier(
    features: Mapping[str, FloatArray],
    paths: Sequence[tuple[str, ...]],
    train_rows: IntArray,
    validation_rows: IntArray,
    parameters: TrainingParameters,
    progress: Progress | None = None,
    folder_for_checkpoint: Path | None = None,
) -> FittedClassifier:
    """Train on some products, choose the epoch and calibrate on others; the rest is never looked at.

    The tree holds the paths of these products only. The same data and parameters give the same weights, whatever the
    state of torch's generators, which is left as it was.

    Args:
        features: Embedding of each modality by name; a zero vector where a product lacks it.
            Shapes: (n_products, its dimension).
        paths: True path of each product: node ids from below the root.
        train_rows: Rows of the products to learn from, at least two. Shape: (n_train,).
        validation_rows: Those that choose the epoch and calibrate, at least one. Shape: (n_validation,).
        parameters: What to train.
        progress: Told of each epoch with `epoch`, `train_loss`, `validation_loss` and `validation_hf1`.
        folder_for_checkpoint: Where the training is kept and taken up again, also a finished one: who has put its
            outcome in a safe place calls `delete_checkpoint`. None keeps nothing.

    Returns:
        The calibrated classifier.

    Raises:
        TrainingDataError: If there are too few products or one path only, or the loss is not a number.
        ShapeError: If embeddings and paths do not fit each other.
        JobCancelledError: If `progress` says so.
    """
    progress = progress or NullProgress()
    seen = [paths[row] for row in (*train_rows, *validation_rows)]
    tree = _require_choice(seen)
    if len(train_rows) < 2 or not len(validation_rows):
        raise TrainingDataError(
            f"Training needs two products to learn from and one to validate, got {len(train_rows)} and "
            f"{len(validation_rows)}.",
            _REMEDY,
        )
    dimensions = {name: array.shape[-1] for name, array in features.items()}
    tensors = feature_tensors(features, dimensions, n_products=len(paths))
    train, validation = (
        _labelled(tensors, tree, paths, np.asarray(rows, dtype=np.int64)) for rows in (train_rows, validation_rows)
    )
    fingerprint = _fingerprint(train, validation, seen, parameters) if folder_for_checkpoint else ""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(parameters.seed)
        model = build_model(dimensions, tree, parameters)
        model.fusion.fit_scale(train.features)
        state = fit(model, tree, train, validation, parameters, progress, folder_for_checkpoint, fingerprint)
    scores = [level.numpy() for level in log_conditionals(model, validation.features)]
    temperatures = fit_temperatures(scores, validation.class_ids.numpy(), tree, parameters.is_masked)
    predictor = PathPredictor(model, tree, temperatures, dimensions, parameters.decode)
    return FittedClassifier(predictor, tuple(state.curve))


def _test(predictor: PathPredictor, examples: Examples, rows: IntArray) -> tuple[TestReport, HeldOut]:
    embeddings = {name: array[rows] for name, array in examples.features.items()}
    true_paths, its_ids = [tuple(examples.paths[row]) for row in rows], examples.ids[rows].tolist()
    platforms = None if examples.platforms is None else [examples.platforms[row] for row in rows]
    report, predicted = predict_and_report(predictor, embeddings, true_paths, platforms, its_ids)
    told = tuple(platforms or [""] * len(rows))
    return report, HeldOut(tuple(its_ids), told, tuple(true_paths), tuple(predicted))


def _labelled(
    tensors: Mapping[str, torch.Tensor], tree: LabelTree, paths: Sequence[tuple[str, ...]], rows: IntArray
) -> LabelledProducts:
    class_ids = torch.from_numpy(tree.encode([paths[row] for row in rows]))
    chosen = torch.from_numpy(rows)
    return LabelledProducts({name: tensor[chosen] for name, tensor in tensors.items()}, class_ids)


def _require_learnable(
    paths: Sequence[tuple[str, ...]], groups: Sequence[Hashable] | IntArray | None, seed: int
) -> Split:
    n_paths = len(_require_choice(paths).paths)
    if len(paths) < MIN_PRODUCTS:
        raise TrainingDataError(f"Training needs at least {MIN_PRODUCTS} products, got {len(paths)}.", _REMEDY)
    split = stratified_split(paths, groups, seed)
    if min(split.sizes.values()) < 1 or len(split.train) < 2:
        raise TrainingDataError(
            f"Training holds products back to validate and test; {len(paths)} products in {n_paths} "
            "subcategories are too few, or too many are duplicates.",
            "Assign at least five different products to some subcategories, then train again.",
        )
    return split


def _require_choice(paths: Sequence[tuple[str, ...]]) -> LabelTree:
    tree = LabelTree(paths)
    if len(tree.paths) < 2:
        raise TrainingDataError("Training needs at least two subcategories with products, got one.", _REMEDY)
    return tree


def _require_one_each(paths: Sequence[tuple[str, ...]], platforms: Sequence[str] | None, ids: IntArray) -> None:
    n_platforms = len(paths) if platforms is None else len(platforms)
    if not len(paths) == n_platforms == len(ids):
        raise ShapeError(
            f"Expected a platform and an id for each of {len(paths)} products, got {n_platforms} and {len(ids)}.",
            "Pass all for the same products.",
        )


def _fingerprint(
    train: LabelledProducts,
    validation: LabelledProducts,
    paths: Sequence[tuple[str, ...]],
    parameters: TrainingParameters,
) -> str:
    facts = [asdict(parameters), len(train), list(map(list, paths))]
    digest = hashlib.sha256(json.dumps(facts).encode())
    for part in (train, validation):
        for name in sorted(part.features):
            digest.update(f"{name}:{tuple(part.features[name].shape)}".encode())
            digest.update(part.features[name].numpy().data)
    return digest.hexdigest()
