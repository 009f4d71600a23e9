"""The flat baseline: a linear head over whole paths, on one embedding, blind to the tree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.classifier.head_training import HeadSchedule
from core.classifier.label_tree import LabelTree
from core.classifier.linear_head import LinearHead
from core.domain.arrays import FloatArray, IntArray
from core.domain.classifier import PredictedPath

Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FlatClassifier:
    """Predicts one of the paths that it was trained on.

    Source:
        Gross et al. 2025, table I, https://arxiv.org/abs/2508.20013
    """

    head: LinearHead
    tree: LabelTree

    def predict(self, features: FloatArray) -> list[PredictedPath]:
        """The most probable path of each product.

        Args:
            features: Embeddings. Shape: (n_products, n_dimensions).

        Returns:
            One path per product; a level's confidence is the sum over the paths through its node.

        Raises:
            ShapeError: If the number of dimensions is not that of the training.
        """
        return most_probable_paths(self.head.probabilities(features), self.tree)


def fit_flat_classifier(
    features: FloatArray,
    paths: Sequence[Path],
    train_rows: IntArray,
    validation_rows: IntArray,
    seed: int = 0,
    schedule: HeadSchedule | None = None,
) -> FlatClassifier:
    """Train a linear head over the distinct paths of the training products.

    Args:
        features: One embedding, or several side by side. Shape: (n_products, n_dimensions).
        paths: True path of each product; those outside the two parts are not looked at.
        train_rows: Products to learn from.
        validation_rows: Products that choose the epoch; may be empty.
        seed: Order of the products in training.
        schedule: Learning rate and so on.

    Returns:
        The trained classifier.

    Raises:
        TrainingDataError: If there are no training products or their paths are no tree.
        ShapeError: If shapes do not fit.
    """
    tree = LabelTree([paths[row] for row in train_rows])
    train_ids, validation_ids = path_class_ids(paths, train_rows, tree), path_class_ids(paths, validation_rows, tree)
    validation = features[validation_rows], validation_ids
    head = LinearHead.fit(features[train_rows], train_ids, len(tree.paths), validation, schedule, seed)
    return FlatClassifier(head, tree)


def path_class_ids(paths: Sequence[Path], rows: IntArray, tree: LabelTree) -> IntArray:
    """Which of the tree's paths each product has.

    Args:
        paths: Path of every product.
        rows: Products asked about.
        tree: Whose paths are the classes.

    Returns:
        Class ids, -1 for a path that the tree lacks. Shape: (n_rows,).
    """
    index = {path: i for i, path in enumerate(tree.paths)}
    return np.array([index.get(tuple(paths[row]), -1) for row in rows], dtype=np.int64)


def most_probable_paths(probabilities: FloatArray, tree: LabelTree) -> list[PredictedPath]:
    """From probabilities of whole paths to one path per product.

    Args:
        probabilities: Columns are `tree.paths`. Shape: (n_products, n_paths).
        tree: Whose paths are the classes.

    Returns:
        The most probable path of each product; a level's confidence is the sum over the paths through its node, the
        last one's that of the path itself.
    """
    chosen = probabilities.argmax(axis=1)
    rows = np.arange(len(chosen))
    through = np.empty((len(chosen), tree.depth), dtype=np.float64)
    for level, class_ids in enumerate(tree.path_class_ids.T):
        # Paths are in depth-first order: those through one node are neighbours.
        starts = np.flatnonzero(np.diff(class_ids, prepend=-1))
        through[:, level] = np.add.reduceat(probabilities, starts, axis=1)[rows, class_ids[chosen]]
    through = np.minimum(through, 1.0)
    own = probabilities[rows, chosen].astype(np.float64).tolist()
    return [
        PredictedPath(path, (*levels[: len(path) - 1], last))
        for path, levels, last in zip((tree.paths[i] for i in chosen), through.tolist(), own, strict=True)
    ]
