"""Leave the labels out of a training that the other products contradict most."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from core.classifier.label_errors import label_quality, worst
from core.classifier.word_path import WORDS
from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import TrainingDataError
from core.domain.progress import Progress

MAX_SHARE = 0.5


def without_doubtful(
    features: Mapping[str, FloatArray],
    paths: Sequence[tuple[str, ...]],
    groups: Sequence[Hashable] | IntArray | None,
    rows: IntArray,
    share: float,
    seed: int,
    progress: Progress,
) -> IntArray:
    """Some products without those whose labels are the least credible among them.

    Every path keeps its most credible product, so that no class is lost.

    Args:
        features: Embedding of each modality. Shapes: (n_products, its dimension).
        paths: Path of each product.
        groups: Products of one group (duplicates) never judge each other; None where every product stands alone.
        rows: The products in question; the others judge nobody. Shape: (n_rows,).
        share: Share of them that is left out at most, in [0, 0.5]; 0 judges nothing.
        seed: Decides who judges whom.
        progress: Told of the judging.

    Returns:
        The rows that stay, ascending.

    Raises:
        TrainingDataError: If the share is out of its range.

    Source:
        Bi et al. 2020, https://arxiv.org/abs/2008.06179 (the worst tenth by cross-validation)
    """
    if not 0.0 <= share <= MAX_SHARE:
        raise TrainingDataError(
            f"Expected a share of label errors to leave out from 0 to {MAX_SHARE}, got {share}.",
            "Choose 0.1 for the worst tenth, or 0 for none.",
        )
    if share == 0:
        return rows
    progress.report(0.0, "Looking for wrong labels among the products to learn from")
    judged = [paths[row] for row in rows]
    its_groups = None if groups is None else [groups[row] for row in rows]
    embeddings = {name: array[rows] for name, array in features.items() if name != WORDS}
    quality = label_quality(embeddings, judged, its_groups, seed=seed, progress=progress).quality
    is_kept = np.ones(len(rows), dtype=np.bool_)
    is_kept[worst(quality, share)] = False
    is_kept[_most_credible(judged, quality)] = True
    return rows[is_kept]


def _most_credible(paths: Sequence[tuple[str, ...]], quality: FloatArray) -> list[int]:
    """The row of the best quality of each path, the first of equals."""
    best: dict[tuple[str, ...], int] = {}
    for row, path in enumerate(paths):
        if quality[row] > quality[best.setdefault(tuple(path), row)]:
            best[tuple(path)] = row
    return list(best.values())
