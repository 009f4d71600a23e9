"""Labels that the other products contradict."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.classifier.linear_head import concatenated
from core.classifier.out_of_fold import Groups, out_of_fold_probabilities
from core.domain.arrays import BoolArray, FloatArray, IntArray
from core.domain.errors import ParameterError, ShapeError
from core.domain.progress import Progress

MIN_OTHERS = 5
"""A label is judged where it has at least so many products besides the product and its duplicates."""

Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LabelQuality:
    """How well the label of each product agrees with the other products.

    `quality` is the out-of-fold probability of the present path, 1 where too few others have it to tell.
    `suggested_paths` are the most probable other paths, `suggested_confidence` their probabilities. `is_issue` says
    which labels are probably wrong. Arrays have the shape (n_products,).
    """

    quality: FloatArray
    suggested_paths: tuple[Path, ...]
    suggested_confidence: FloatArray
    is_issue: BoolArray
    is_judged: BoolArray


def label_quality(
    features: Mapping[str, FloatArray],
    paths: Sequence[Path],
    groups: Groups,
    seed: int = 0,
    n_folds: int = 5,
    progress: Progress | None = None,
) -> LabelQuality:
    """Judge every label by a linear head that saw neither the product nor its duplicates.

    Args:
        features: Embedding of each modality; zero rows where a product lacks it. Shapes: (n_products, its dimension).
        paths: Present path of each product.
        groups: Group of duplicates of each product; None where every product stands alone.
        seed: Decides folds and training.
        n_folds: Number of folds.
        progress: Told after each fold.

    Returns:
        One judgement per product, same order.

    Raises:
        ShapeError: If there are no products or lengths differ.
        ParameterError: If there are fewer than two folds.

    Source:
        Northcutt et al. 2021, https://arxiv.org/abs/1911.00068 (confident learning, in cleanlab);
        Bi et al. 2020, https://arxiv.org/abs/2008.06179 (its use on product labels)
    """
    paths = [tuple(path) for path in paths]
    _require_products(features, paths)
    classes = sorted(set(paths))
    index = {path: i for i, path in enumerate(classes)}
    class_ids = np.array([index[path] for path in paths], dtype=np.int64)
    inputs = concatenated([features[name] for name in sorted(features)])
    probabilities = out_of_fold_probabilities(
        inputs, class_ids, len(classes), paths, groups, n_folds=n_folds, seed=seed, progress=progress
    )
    is_judged = _judged(paths, groups) & probabilities.any(axis=1)
    rows = np.arange(len(paths))
    present = probabilities[rows, class_ids]
    others = probabilities.copy()
    others[rows, class_ids] = -1.0  # with one class alone, it is its own suggestion
    suggested = others.argmax(axis=1)
    confidence = probabilities[rows, suggested]
    return LabelQuality(
        quality=np.where(is_judged, present, 1.0).astype(np.float32),
        suggested_paths=tuple(classes[i] for i in suggested.tolist()),
        suggested_confidence=confidence,
        is_issue=_issues(probabilities, class_ids, is_judged) & (confidence > present),
        is_judged=is_judged,
    )


def worst(quality: FloatArray, share: float) -> IntArray:
    """Rows of the least credible labels, the worst first.

    Args:
        quality: Quality of each label, in [0, 1]; labels of quality 1 are beyond doubt and never among them.
            Shape: (n_products,).
        share: Share of all products, in [0, 1].

    Returns:
        At most `share` of the rows, rounded down; ties by row.

    Raises:
        ParameterError: If the share is not in [0, 1].
    """
    if not 0.0 <= share <= 1.0:
        raise ParameterError(f"Expected a share in [0, 1], got {share}.", "Choose 0.1 for the worst tenth.")
    rows = np.argsort(quality, kind="stable")[: int(share * len(quality))]
    return rows[quality[rows] < 1.0].astype(np.int64)


def _judged(paths: Sequence[Path], groups: Groups) -> BoolArray:
    its_groups: Sequence[Hashable] = range(len(paths)) if groups is None else list(groups)
    counts, twins = Counter(paths), Counter(zip(paths, its_groups, strict=True))
    return np.array(
        [counts[path] - twins[path, group] >= MIN_OTHERS for path, group in zip(paths, its_groups, strict=True)],
        dtype=np.bool_,
    )


def _issues(probabilities: FloatArray, class_ids: IntArray, is_judged: BoolArray) -> BoolArray:
    """Confident learning among the judged products and their classes."""
    from cleanlab.filter import find_label_issues

    found = np.zeros(len(class_ids), dtype=np.bool_)
    columns, labels = np.unique(class_ids[is_judged], return_inverse=True)
    if len(columns) < 2:
        return found
    among = probabilities[is_judged][:, columns].astype(np.float64)
    total = among.sum(axis=1, keepdims=True)
    among = np.where(total > 0, among / np.where(total > 0, total, 1.0), 1.0 / len(columns))
    found[is_judged] = find_label_issues(labels, among, filter_by="prune_by_noise_rate", n_jobs=1)
    return found


def _require_products(features: Mapping[str, FloatArray], paths: Sequence[Path]) -> None:
    shapes = {name: array.shape for name, array in features.items()}
    if not features or not paths or any(array.ndim != 2 or len(array) != len(paths) for array in features.values()):
        raise ShapeError(
            f"Expected embeddings of {len(paths)} labelled products, got the shapes {shapes}.",
            "Pass at least one modality and the path of each of its products.",
        )
