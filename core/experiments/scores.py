"""The figures that the papers' tables have in common, and their columns."""

from collections.abc import Sequence

import numpy as np

from core.classifier.metrics import hierarchical_scores, level_metrics
from core.domain.arrays import IntArray
from core.experiments.experiment import Column, Figures

Path = tuple[str, ...]


def path_figures(true_paths: Sequence[Path], predicted_paths: Sequence[Path]) -> Figures:
    """Scores of predicted paths of products that no training saw.

    `macro_f1` and `weighted_f1` take each whole path for one class.

    Args:
        true_paths: Node ids from below the root, one path per product.
        predicted_paths: The same as predicted.

    Raises:
        ShapeError: If the lengths differ or there are no products.
    """
    precision, recall, f1 = hierarchical_scores(true_paths, predicted_paths)
    figures: Figures = {"hierarchical_precision": precision, "hierarchical_recall": recall, "hierarchical_f1": f1}
    for level in level_metrics(true_paths, predicted_paths):
        figures[f"level_{level.level}_macro_f1"] = level.macro_f1
        figures[f"level_{level.level}_weighted_f1"] = level.weighted_f1
    ids = {path: number for number, path in enumerate(dict.fromkeys([*true_paths, *predicted_paths]))}
    true_ids, predicted_ids = (np.array([ids[path] for path in paths]) for paths in (true_paths, predicted_paths))
    return figures | class_figures(true_ids, predicted_ids) | {"n_test": len(true_paths)}


def class_figures(true_ids: IntArray, predicted_ids: IntArray) -> Figures:
    """Share of exact answers, macro and weighted F1 over the classes that occur in truth or prediction.

    Args:
        true_ids: Class of each product. Shape: (n_products,).
        predicted_ids: The same as predicted. Shape: (n_products,).
    """
    n_classes = int(max(true_ids.max(), predicted_ids.max())) + 1
    in_truth, in_prediction, in_both = (
        np.bincount(ids, minlength=n_classes) for ids in (true_ids, predicted_ids, true_ids[true_ids == predicted_ids])
    )
    occurs = in_truth + in_prediction > 0
    f1 = 2 * in_both[occurs] / (in_truth + in_prediction)[occurs]
    return {
        "exact": float((true_ids == predicted_ids).mean()),
        "macro_f1": float(f1.mean()),
        "weighted_f1": float((f1 * in_truth[occurs]).sum() / in_truth.sum()),
    }


def level_columns(figures: Sequence[Figures]) -> list[Column]:
    """Macro and weighted F1 of every level that any of the figures has."""
    depth = 0
    while any(f"level_{depth + 1}_macro_f1" in item for item in figures):
        depth += 1
    return [
        Column(f"L{level} {title}", f"level_{level}_{name}")
        for level in range(1, depth + 1)
        for title, name in (("macro F1", "macro_f1"), ("weighted F1", "weighted_f1"))
    ]


HIERARCHICAL_COLUMNS = [
    Column("hP", "hierarchical_precision"),
    Column("hR", "hierarchical_recall"),
    Column("hF1", "hierarchical_f1"),
]
EXACT_COLUMN = Column("Exact path", "exact")
COST_COLUMNS = [Column("Test products", "n_test", 0), Column("Seconds", "seconds", 1)]


def paper_columns(figures: Sequence[Figures]) -> list[Column]:
    """The columns of tables I and II: levels, hP, hR, hF1, then exact paths and cost."""
    return [*level_columns(figures), *HIERARCHICAL_COLUMNS, EXACT_COLUMN, *COST_COLUMNS]
