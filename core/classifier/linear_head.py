"""One linear layer on one embedding: the simplest classifier, and the yardstick of all others."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from core.classifier.head_training import HeadSchedule, Labelled, default_schedule, head_probabilities, train_head
from core.classifier.logistic_regression import fit_logistic_regression
from core.domain.arrays import AnyArray, FloatArray, IntArray
from core.domain.errors import ShapeError, TrainingDataError

FEW_PRODUCTS = 1000
"""With more training products, steps and a scale for every dimension are as well calibrated and more often right."""

_MIN_SPREAD = 1e-8


class LinearHead:
    """A softmax (one class per product) or sigmoid (any number of classes) regression.

    Only made by `fit`. Starts from zero weights: the same data give the same head whatever the global generators.
    """

    def __init__(self, layer: nn.Linear, scaling: tuple[Tensor, Tensor], class_ids: Tensor, n_classes: int) -> None:
        self._layer, self._scaling = layer, scaling
        self._class_ids, self.n_classes = class_ids, n_classes
        self.is_multi_label = False

    @classmethod
    def fit(
        cls,
        features: FloatArray,
        targets: AnyArray,
        n_classes: int,
        validation: tuple[FloatArray, AnyArray] | None = None,
        schedule: HeadSchedule | None = None,
        seed: int = 0,
    ) -> "LinearHead":
        """Train on some products, and stop where others say so.

        Up to `FEW_PRODUCTS` train on one scale for all dimensions, as most of those of a small catalogue's TF-IDF are
        noise that a scale of their own would blow up; and one class per product is then a regularised logistic
        regression, which needs no epoch chosen.

        Args:
            features: Embeddings, of any scale. Shape: (n_products, n_dimensions).
            targets: Class ids of shape (n_products,), or 0/1 of shape (n_products, n_classes) for several labels.
            n_classes: Number of classes; those without a product always get the probability 0.
            validation: Features and targets that choose the epoch; None trains all epochs.
            schedule: Learning rate and so on; where it is given, few products train like many.
            seed: Order of the products in training; of no effect on a logistic regression.

        Returns:
            The trained head.

        Raises:
            ShapeError: If there are no products or shapes do not fit.
            TrainingDataError: If no product has a label.
        """
        targets = np.asarray(targets)
        _require_shapes(features, targets, n_classes)
        class_ids = np.flatnonzero(targets.any(axis=0)) if targets.ndim == 2 else np.unique(targets)
        if not len(class_ids):
            raise TrainingDataError("Expected at least one product with a label, got none.", "Label some products.")
        inputs = torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))
        is_small = schedule is None and len(inputs) <= FEW_PRODUCTS
        scaling = inputs.mean(dim=0), _spread(inputs, is_small)
        layer = nn.utils.skip_init(nn.Linear, features.shape[1], len(class_ids))
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
        head = cls(layer, scaling, torch.from_numpy(class_ids), n_classes)
        head.is_multi_label = targets.ndim == 2
        train = head._labelled(features, targets)
        if is_small and not head.is_multi_label:
            fit_logistic_regression(layer, *train)
            return head
        judge = None if validation is None else head._labelled(*validation)
        schedule = schedule or default_schedule(head.is_multi_label)
        train_head(layer, train, judge if judge and len(judge[0]) else None, schedule, seed)
        return head

    def probabilities(self, features: FloatArray) -> FloatArray:
        """Probability of each class.

        Args:
            features: Embeddings. Shape: (n_products, n_dimensions).

        Returns:
            Rows sum to one unless products may have several labels. Shape: (n_products, n_classes).

        Raises:
            ShapeError: If the number of dimensions is not that of the training.
        """
        if features.ndim != 2 or features.shape[1] != self._layer.in_features:
            raise ShapeError(
                f"Expected embeddings of {self._layer.in_features} dimensions, got the shape {features.shape}.",
                "Encode the products with the encoder which the head was trained on.",
            )
        found = np.zeros((len(features), self.n_classes), dtype=np.float32)
        if len(features):
            trained = head_probabilities(self._layer, self._scaled(features), self.is_multi_label)
            found[:, self._class_ids.numpy()] = trained.numpy()
        return found

    def _scaled(self, features: FloatArray) -> Tensor:
        inputs = torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))
        return (inputs - self._scaling[0]) / self._scaling[1]

    def _labelled(self, features: FloatArray, targets: AnyArray) -> Labelled:
        """Inputs and targets over the trained classes; products of other classes alone can judge nothing."""
        columns = self._class_ids.numpy()
        if self.is_multi_label:
            return self._scaled(features), torch.from_numpy(np.asarray(targets)[:, columns].astype(np.float32))
        is_known = np.isin(targets, columns)
        places = torch.from_numpy(np.searchsorted(columns, np.asarray(targets)[is_known]))
        return self._scaled(features[is_known]), places


def one_hot(class_ids: IntArray, n_classes: int) -> FloatArray:
    """One row per product with a single one.

    Args:
        class_ids: Class of each product. Shape: (n_products,).
        n_classes: Number of columns.

    Returns:
        Shape: (n_products, n_classes).
    """
    return np.eye(n_classes, dtype=np.float32)[class_ids]


def concatenated(features: Sequence[FloatArray]) -> FloatArray:
    """Modalities side by side, each scaled so that its rows have a mean square length of one.

    Args:
        features: One embedding per modality; zero rows, of products that lack it, do not count for the scale.
            Shapes: (n_products, its dimension).

    Returns:
        Shape: (n_products, sum of the dimensions).
    """
    scaled = []
    for array in features:
        squares = np.square(array, dtype=np.float32).sum(axis=1)
        n_present = max(int((squares > 0).sum()), 1)
        scaled.append(array / max(float(np.sqrt(squares.sum() / n_present)), _MIN_SPREAD))
    return np.concatenate(scaled, axis=1, dtype=np.float32)


def _spread(inputs: Tensor, is_one_for_all: bool) -> Tensor:
    """What to divide each dimension by; one that never varied says nothing later."""
    spread = inputs.std(dim=0, correction=0)
    varies = spread > _MIN_SPREAD
    if is_one_for_all and varies.any():
        return torch.where(varies, spread[varies].square().mean().sqrt(), torch.inf)
    return torch.where(varies, spread, torch.inf)


def _require_shapes(features: FloatArray, targets: AnyArray, n_classes: int) -> None:
    is_fit = features.ndim == 2 and len(features) == len(targets) > 0
    if not is_fit or targets.shape[1:] not in ((), (n_classes,)):
        raise ShapeError(
            f"Expected one row of targets per embedding and {n_classes} classes, got the shapes {features.shape} and "
            f"{targets.shape}.",
            "Pass embeddings and targets of the same products, at least one.",
        )
