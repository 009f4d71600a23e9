"""Probabilities of products that did not train what gives them, for every product, by K-fold."""

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from core.classifier.head_training import HeadSchedule
from core.classifier.linear_head import LinearHead
from core.classifier.split import group_members, strata
from core.domain.arrays import AnyArray, BoolArray, FloatArray, IntArray
from core.domain.errors import ParameterError, ShapeError
from core.domain.progress import NullProgress, Progress

_JUDGING_FOLDS = 10
"""One in so many of a fold's training products choose its best epoch."""

Groups = Sequence[Hashable] | IntArray | None
"""Group of each product, kept whole; None where every product stands alone."""


def stratified_folds(labels: Sequence[Hashable], groups: Groups, n_folds: int, seed: int = 0) -> IntArray:
    """Deal products into folds so that each label is spread evenly and no group is torn.

    A group with several labels counts as the rarest of them.

    Args:
        labels: Label of each product, such as its path; must sort.
        groups: Products with equal values share a fold.
        n_folds: Number of folds, at least 2; some stay empty where there are fewer groups.
        seed: Decides who goes where.

    Returns:
        Fold of each product, from 0. Shape: (n_products,).

    Raises:
        ParameterError: If there are fewer than two folds.
        ShapeError: If there is not one group per product.
    """
    if n_folds < 2:
        raise ParameterError(f"Expected at least 2 folds, got {n_folds}.", "Choose 5, as is usual.")
    if groups is not None and len(groups) != len(labels):
        raise ShapeError(
            f"Expected one group per label, got {len(groups)} for {len(labels)}.", "Pass both of the same products."
        )
    folds = np.zeros(len(labels), dtype=np.int64)
    in_all_strata = np.zeros(n_folds, dtype=np.int64)
    generator = np.random.default_rng(seed)
    for members in strata(labels, group_members(labels, groups)).values():
        in_stratum = np.zeros(n_folds, dtype=np.int64)
        shuffled = [members[i] for i in generator.permutation(len(members))]
        for rows in sorted(shuffled, key=len, reverse=True):
            fold = int(np.lexsort((in_all_strata, in_stratum))[0])
            folds[rows] = fold
            in_stratum[fold] += len(rows)
            in_all_strata[fold] += len(rows)
    return folds


def out_of_fold_probabilities(
    features: FloatArray,
    targets: AnyArray,
    n_classes: int,
    labels: Sequence[Hashable],
    groups: Groups = None,
    is_present: BoolArray | None = None,
    n_folds: int = 5,
    seed: int = 0,
    schedule: HeadSchedule | None = None,
    progress: Progress | None = None,
) -> FloatArray:
    """Probabilities of a linear head for each product, from a head trained on the other folds only.

    A tenth of those other folds, never of a rare label, chooses the head's best epoch.

    Args:
        features: Embeddings. Shape: (n_products, n_dimensions).
        targets: Class ids of shape (n_products,), or 0/1 of shape (n_products, n_classes) for several labels.
        n_classes: Number of classes.
        labels: What folds are stratified by, such as the paths; must sort.
        groups: Products with equal values share a fold, so that a duplicate cannot vouch for its twin.
        is_present: Products that have this modality; the others neither train nor get probabilities.
        n_folds: Number of folds.
        seed: Decides folds and training.
        schedule: Learning rate and so on.
        progress: Told after each fold.

    Returns:
        Rows of zeros where the modality is missing, columns of zeros where a class had no product outside the fold.
        Shape: (n_products, n_classes).

    Raises:
        ParameterError, ShapeError: As `stratified_folds` and `LinearHead.fit`.
    """
    progress = progress or NullProgress()
    found = np.zeros((len(labels), n_classes), dtype=np.float32)
    present = np.ones(len(labels), dtype=np.bool_) if is_present is None else is_present
    folds = stratified_folds(labels, groups, n_folds, seed)
    for fold in range(n_folds):
        held_out, train = (np.flatnonzero(present & part) for part in (folds == fold, folds != fold))
        has_labels = targets[train].any() if targets.ndim == 2 else len(train) > 0
        if len(held_out) and has_labels:
            learn, judge = judged_rows(train, labels, groups, seed)
            validation = (features[judge], targets[judge])
            head = LinearHead.fit(features[learn], targets[learn], n_classes, validation, schedule, seed)
            found[held_out] = head.probabilities(features[held_out])
        progress.report((fold + 1) / n_folds, f"Fold {fold + 1} of {n_folds}")
    return found


def judged_rows(rows: IntArray, labels: Sequence[Hashable], groups: Groups, seed: int = 0) -> tuple[IntArray, IntArray]:
    """Set a tenth of some products aside to judge a training by.

    Args:
        rows: Rows of products to share out.
        labels: Label of every product.
        groups: Group of every product; none is torn.
        seed: Decides who goes where.

    Returns:
        Rows to learn from, and rows to judge by. A product with a label of fewer than ten is always in the first.
    """
    its_labels = [labels[row] for row in rows]
    its_groups = list(range(len(rows))) if groups is None else [groups[row] for row in rows]
    counts = Counter(its_labels)
    needed = {group for label, group in zip(its_labels, its_groups, strict=True) if counts[label] < _JUDGING_FOLDS}
    is_spare = np.array([group not in needed for group in its_groups], dtype=np.bool_)
    is_judge = is_spare & (stratified_folds(its_labels, its_groups, _JUDGING_FOLDS, seed + 1) == 0)
    return rows[~is_judge], rows[is_judge]
