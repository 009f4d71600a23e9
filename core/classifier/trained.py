"""A trained classifier: its weights, its tree, its predictions, and what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from core.classifier.decoding import DECODERS
from core.classifier.held_out import HeldOut
from core.classifier.label_tree import LabelTree
from core.classifier.model import MaskedHierarchicalClassifier
from core.classifier.parameters import TrainingParameters
from core.classifier.prediction_network import PredictionNetwork
from core.classifier.split import Split
from core.domain.arrays import FloatArray, IntArray
from core.domain.classifier import HierarchicalMetrics, PredictedPath
from core.domain.errors import ShapeError
from core.domain.model_report import NodeMetrics, TestReport

PREDICTION_BATCH = 4096


@dataclass(frozen=True, eq=False)
class PathPredictor:
    """Predicts calibrated paths from embeddings.

    `temperatures` has one entry per level, `dimensions` the length of each modality's embedding by name, `decoding` is
    how paths are chosen where a caller does not say.
    """

    model: MaskedHierarchicalClassifier
    tree: LabelTree
    temperatures: tuple[float, ...]
    dimensions: dict[str, int]
    decoding: str = "best_path"

    def predict(
        self, features: Mapping[str, FloatArray], decode: str | None = None, batch_size: int = PREDICTION_BATCH
    ) -> list[PredictedPath]:
        """The path of each product, with the calibrated confidence of every level.

        The last confidence of a path that ends at an inner node includes that it ends there.

        Args:
            features: Embedding of each modality; a zero vector where a product lacks it, and a modality left out
                where all do. Shapes: (n_products, its dimension).
            decode: `best_path` (greatest product over the tree) or `greedy` (level by level); `decoding` where None.
            batch_size: Products at a time.

        Returns:
            One path per product, same order.

        Raises:
            ShapeError: If the embeddings do not fit each other or the model, or `decode` is unknown.
        """
        return self.to_paths(*self.predict_arrays(features, decode, batch_size))

    def to_paths(self, class_ids: IntArray, confidences: FloatArray) -> list[PredictedPath]:
        """What `predict` gives, from what `predict_arrays` gave.

        Args:
            class_ids: Shape: (n_products, depth).
            confidences: Cumulative. Shape: (n_products, depth).

        Returns:
            One path per product; without the mask, the nodes down to the first stop, whether or not they lie below
            each other.
        """
        is_masked = all(mask.is_enforced for mask in self.model.masks)
        paths = (self.tree.decode if is_masked else self.tree.decode_levels)(class_ids)
        last = self.tree.depth - 1
        return [
            PredictedPath(path, (*levels[: len(path) - 1], levels[min(len(path), last)]))
            for path, levels in zip(paths, confidences.tolist(), strict=True)
        ]

    def predict_arrays(
        self, features: Mapping[str, FloatArray], decode: str | None = None, batch_size: int = PREDICTION_BATCH
    ) -> tuple[IntArray, FloatArray]:
        """The same as `predict`, as arrays over the tree's classes, stops included.

        Args:
            features: As for `predict`.
            decode: As for `predict`.
            batch_size: As for `predict`.

        Returns:
            Class ids, and the cumulative confidence down to each level. Shapes: (n_products, depth).

        Raises:
            ShapeError: As `predict`.
        """
        decode = self.decoding if decode is None else decode
        if decode not in DECODERS:
            raise ShapeError(f"Unknown decoding {decode!r}.", f"Choose one of {', '.join(DECODERS)}.")
        tensors = feature_tensors(features, self.dimensions)
        network = _prediction_network(self)
        decoded = [DECODERS[decode](network(batch), self.model.masks) for batch in _batches(tensors, batch_size)]
        class_ids = torch.cat([ids for ids, _ in decoded]).numpy()
        return class_ids, torch.cat([scores for _, scores in decoded]).exp().numpy()


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainedClassifier(PathPredictor):
    """A predictor, and how it came about.

    `report` comes from the test part, `split_sizes` counts the products of each part, `curve` has one entry per epoch.
    `split` holds the product ids of each part, or row numbers where there were none; `dropped` those of the training
    part that were left out for their doubtful labels; `test` what was said of the test part. An early artefact keeps
    neither `split` nor `test`. `extra_config` is what was kept beside a loaded artefact.
    """

    parameters: TrainingParameters
    report: TestReport
    split_sizes: dict[str, int]
    curve: tuple[dict[str, float], ...]
    split: Split | None = None
    dropped: tuple[int, ...] = ()
    test: HeldOut | None = None
    extra_config: dict[str, Any] = field(default_factory=dict)

    @property
    def metrics(self) -> HierarchicalMetrics:
        """The report's main figures."""
        return self.report.metrics

    @property
    def node_metrics(self) -> tuple[NodeMetrics, ...]:
        """The report's figures of each node."""
        return self.report.nodes


def log_conditionals(
    model: MaskedHierarchicalClassifier, tensors: Mapping[str, Tensor], batch_size: int = PREDICTION_BATCH
) -> list[Tensor]:
    """Uncalibrated log-probability of each class among its siblings, without dropout or gradients.

    Args:
        model: The classifier.
        tensors: Embedding of every modality. Shapes: (n_products, its dimension).
        batch_size: Products at a time.

    Returns:
        Per level, shape (n_products, n_classes).
    """
    model.eval()
    with torch.inference_mode():
        batches = [model(batch) for batch in _batches(tensors, batch_size)]
    return [torch.cat(level) for level in zip(*batches, strict=True)]


def feature_tensors(
    features: Mapping[str, FloatArray], dimensions: Mapping[str, int], n_products: int | None = None
) -> dict[str, Tensor]:
    """Embeddings as tensors of the expected shape, zeros for modalities left out.

    Args:
        features: Embedding of each modality. Shapes: (n_products, its dimension).
        dimensions: Expected length of each modality's embedding by name.
        n_products: Expected number of products; None takes that of the first modality.

    Returns:
        One tensor per expected modality, sharing memory with a float32 input.

    Raises:
        ShapeError: If a modality is unknown, a shape differs, or a value is not finite.
    """
    unknown = sorted(set(features) - set(dimensions))
    if unknown or not features:
        raise ShapeError(
            f"Expected embeddings of {', '.join(sorted(dimensions))}, got {', '.join(unknown) or 'none'}.",
            "Pass the modalities which the classifier was trained on.",
        )
    n_products = len(next(iter(features.values()))) if n_products is None else n_products
    tensors = {}
    for name, dimension in dimensions.items():
        array = features.get(name)
        if array is None:
            tensors[name] = torch.zeros(n_products, dimension)
            continue
        if array.shape != (n_products, dimension):
            raise ShapeError(
                f"Expected {name} embeddings of shape {(n_products, dimension)}, got {array.shape}.",
                "Encode the products with the encoders which the classifier was trained on.",
            )
        if not _is_finite(array):
            raise ShapeError(f"The {name} embeddings hold values that are not finite.", "Encode the products again.")
        tensors[name] = torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
    return tensors


_NETWORKS: WeakKeyDictionary[PathPredictor, PredictionNetwork] = WeakKeyDictionary()


def _prediction_network(predictor: PathPredictor) -> PredictionNetwork:
    """Made at the first prediction, and kept as long as the predictor."""
    network = _NETWORKS.get(predictor)
    if network is None:
        network = _NETWORKS[predictor] = PredictionNetwork(predictor.model, predictor.temperatures)
    return network


def _is_finite(array: FloatArray) -> bool:
    """Checked a few rows at a time, which stay in the processor's cache."""
    starts = range(0, len(array), PREDICTION_BATCH)
    return all(bool(np.isfinite(array[start : start + PREDICTION_BATCH]).all()) for start in starts)


def _batches(tensors: Mapping[str, Tensor], batch_size: int) -> list[dict[str, Tensor]]:
    n_products = len(next(iter(tensors.values())))
    starts = range(0, max(n_products, 1), batch_size)
    return [{name: tensor[start : start + batch_size] for name, tensor in tensors.items()} for start in starts]
