"""From labelled embeddings to a calibrated, tested classifier."""

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from core.classifier.calibration import fit_temperatures
from core.classifier.checkpoint import FitState, delete_checkpoint
from core.classifier.fitting import LabelledProducts, fit
from core.classifier.label_tree import LabelTree
from core.classifier.metrics import evaluate, node_metrics
from core.classifier.model import MaskedHierarchicalClassifier, build_model
from core.classifier.parameters import TrainingParameters
from core.classifier.split import Split, stratified_split
from core.classifier.trained import PathPredictor, TrainedClassifier, feature_tensors, log_conditionals
from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import TrainingDataError
from core.domain.progress import NullProgress, Progress, SpanProgress

MIN_PRODUCTS = 10
_FIT_SHARE = 0.95

__all__ = ["MIN_PRODUCTS", "TrainingParameters", "train_classifier"]


def train_classifier(
    features: Mapping[str, FloatArray],
    paths: Sequence[tuple[str, ...]],
    groups: Sequence[Hashable] | IntArray | None = None,
    parameters: TrainingParameters | None = None,
    progress: Progress | None = None,
    folder_for_checkpoint: Path | None = None,
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
        folder_for_checkpoint: Where an unfinished training is kept and taken up again; None keeps nothing.

    Returns:
        The classifier, with figures from the untouched test part.

    Raises:
        TrainingDataError: If there are fewer than ten products, one path only, none can be held out, or the loss is
            not a number.
        ShapeError: If embeddings, paths and groups do not fit each other.
        JobCancelledError: If `progress` says so.
    """
    parameters, progress = parameters or TrainingParameters(), progress or NullProgress()
    tree, split = _require_learnable(paths, groups, parameters.seed)
    dimensions = {name: array.shape[-1] for name, array in features.items()}
    products = LabelledProducts(
        feature_tensors(features, dimensions, n_products=len(paths)), torch.from_numpy(tree.encode(paths))
    )
    train, validation, test = (
        products.take(torch.from_numpy(rows)) for rows in (split.train, split.validation, split.test)
    )
    fingerprint = _fingerprint(features, paths, groups, parameters) if folder_for_checkpoint else ""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(parameters.seed)
        model = build_model(dimensions, tree, parameters)
        model.fusion.fit_scale(train.features)
        fitting = SpanProgress(progress, 0.0, _FIT_SHARE)
        state = fit(model, tree, train, validation, parameters, fitting, folder_for_checkpoint, fingerprint)
    progress.report(_FIT_SHARE, "Calibrating and testing")
    trained = _calibrate_and_test(model, tree, validation, test, parameters, split, state)
    if folder_for_checkpoint is not None:
        delete_checkpoint(folder_for_checkpoint)
    progress.report(1.0, "Trained")
    return trained


def _require_learnable(
    paths: Sequence[tuple[str, ...]], groups: Sequence[Hashable] | IntArray | None, seed: int
) -> tuple[LabelTree, Split]:
    remedy = "Approve more subcategories, or assign products to them, then train again."
    tree = LabelTree(paths)
    if len(tree.paths) < 2:
        raise TrainingDataError("Training needs at least two subcategories with products, got one.", remedy)
    if len(paths) < MIN_PRODUCTS:
        raise TrainingDataError(f"Training needs at least {MIN_PRODUCTS} products, got {len(paths)}.", remedy)
    split = stratified_split(paths, groups, seed)
    if min(split.sizes.values()) < 1 or len(split.train) < 2:
        raise TrainingDataError(
            f"Training holds products back to validate and test; {len(paths)} products in {len(tree.paths)} "
            "subcategories are too few, or too many are duplicates.",
            "Assign at least five different products to some subcategories, then train again.",
        )
    return tree, split


def _calibrate_and_test(
    model: MaskedHierarchicalClassifier,
    tree: LabelTree,
    validation: LabelledProducts,
    test: LabelledProducts,
    parameters: TrainingParameters,
    split: Split,
    state: FitState,
) -> TrainedClassifier:
    scores = [level.numpy() for level in log_conditionals(model, validation.features)]
    predictor = PathPredictor(
        model=model,
        tree=tree,
        temperatures=fit_temperatures(scores, validation.class_ids.numpy(), tree),
        dimensions={name: tensor.shape[1] for name, tensor in test.features.items()},
    )
    predicted = predictor.predict({name: tensor.numpy() for name, tensor in test.features.items()})
    true_paths = tree.decode(test.class_ids.numpy())
    return TrainedClassifier(
        **vars(predictor),
        parameters=parameters,
        metrics=evaluate(true_paths, predicted),
        node_metrics=tuple(node_metrics(true_paths, [path.node_ids for path in predicted])),
        split_sizes=split.sizes,
        curve=tuple(state.curve),
    )


def _fingerprint(
    features: Mapping[str, FloatArray],
    paths: Sequence[tuple[str, ...]],
    groups: Sequence[Hashable] | IntArray | None,
    parameters: TrainingParameters,
) -> str:
    facts = [asdict(parameters), list(map(list, paths)), [str(group) for group in ([] if groups is None else groups)]]
    digest = hashlib.sha256(json.dumps(facts).encode())
    for name in sorted(features):
        digest.update(f"{name}:{features[name].shape}".encode())
        digest.update(np.ascontiguousarray(features[name]).data)
    return digest.hexdigest()
