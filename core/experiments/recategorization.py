"""Purity of clusters, and of what a classifier that learned them makes of the whole category."""

import time

import numpy as np

from core.discovery.quality import purity
from core.domain.arrays import BoolArray, IntArray
from core.domain.errors import TooFewProductsError
from core.domain.progress import Progress
from core.experiments.catalogue import LabelledCatalogue, Path
from core.experiments.experiment import Cell, Column, Experiment, Figures
from core.experiments.path_classifier import fit, joint_sources, learning_split, training_parameters
from core.experiments.settings import ExperimentSettings


def _prepare(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> LabelledCatalogue:
    """Every product stays: a small cluster is a finding, not a rare category."""
    n_clusters = len({path[:1] for path in catalogue.paths if path})
    if n_clusters < 2:
        raise TooFewProductsError(
            f"Retraining needs at least two clusters, the run has {n_clusters}.", "Cut the run into more clusters."
        )
    return catalogue


def _cells(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> list[Cell]:
    depth = max(map(len, catalogue.paths))
    return [
        Cell((f"Level {level} of the clusters",), seed, {"level": level})
        for seed in settings.all_seeds
        for level in range(1, depth + 1)
    ]


def _run(catalogue: LabelledCatalogue, settings: ExperimentSettings, cell: Cell, progress: Progress) -> Figures:
    started = time.monotonic()
    paths = [path[: cell.options["level"]] for path in catalogue.paths]
    is_clustered = np.array([bool(path) for path in paths])
    cut = catalogue.with_paths(paths)
    rows = np.flatnonzero(is_clustered)
    message = f"{len(rows)} products in clusters are too few to retrain on."
    fault = TooFewProductsError(message, "Cut the run into fewer clusters.")
    split = learning_split(cut, rows, cell.seed, fault)
    parameters = training_parameters(settings, cell.seed)
    fitted = fit(cut, joint_sources(cut, settings), split.train, split.validation, parameters, progress)
    predicted = fitted.predict(cut, np.arange(len(cut)))
    return {
        **_purities(catalogue.truth, _ids(paths), _ids(predicted), is_clustered),
        "n_clusters": len(set(paths) - {()}),
        "seconds": time.monotonic() - started,
    }


def _purities(truth: tuple[str, ...], clusters: IntArray, predicted: IntArray, is_clustered: BoolArray) -> Figures:
    is_known = np.array([bool(label) for label in truth])

    def of(ids: IntArray, chosen: BoolArray) -> float | None:
        rows = np.flatnonzero(chosen)
        return purity(ids[rows], [truth[row] for row in rows]) if len(rows) else None

    is_out = is_known & ~is_clustered
    return {
        "purity_before": of(clusters, is_known & is_clustered),
        "purity_after": of(predicted, is_known),
        "purity_after_clustered": of(predicted, is_known & is_clustered),
        "purity_after_filtered": _share_right(truth, predicted, is_known, is_out),
        "n_before": int((is_known & is_clustered).sum()),
        "n_after": int(is_known.sum()),
    }


def _share_right(truth: tuple[str, ...], predicted: IntArray, is_known: BoolArray, chosen: BoolArray) -> float | None:
    """Share of the chosen products that carry the majority label of their cluster, over all whose label is known."""
    if not chosen.any():
        return None
    names, labels = np.unique(np.array(truth), return_inverse=True)
    counts = np.zeros((predicted.max() + 1, len(names)), dtype=np.int64)
    np.add.at(counts, (predicted[is_known], labels[is_known]), 1)
    return float((counts.argmax(axis=1)[predicted[chosen]] == labels[chosen]).mean())


def _ids(paths: list[Path]) -> IntArray:
    """A number per path, -1 for an empty one. Shape: (n_paths,)."""
    numbers = {path: number for number, path in enumerate(dict.fromkeys(path for path in paths if path))}
    return np.array([numbers.get(path, -1) for path in paths], dtype=np.int64)


EXPERIMENT = Experiment(
    name="recategorization",
    label_columns=("Clusters",),
    cells=_cells,
    run=_run,
    sources=joint_sources,
    columns=lambda figures: [
        Column("Number of clusters", "n_clusters", 0),
        Column("Purity before retraining", "purity_before"),
        Column("Products before", "n_before", 0),
        Column("Purity after retraining", "purity_after"),
        Column("Products after", "n_after", 0),
        Column("After, of those in clusters", "purity_after_clustered"),
        Column("After, of those filtered out", "purity_after_filtered"),
        Column("Seconds", "seconds", 1),
    ],
    prepare=_prepare,
    is_ordinary=False,
)
