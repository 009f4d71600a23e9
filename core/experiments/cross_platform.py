"""Table III: train on some platforms, test on all others."""

from collections import Counter
from dataclasses import replace

import numpy as np

from core.classifier.metrics import platform_metrics
from core.classifier.split import Split
from core.domain.arrays import IntArray
from core.domain.classifier import Fusion
from core.domain.errors import ParameterError, TooFewProductsError
from core.domain.progress import Progress
from core.experiments.catalogue import TITLE_WORDS, LabelledCatalogue, Path, Source
from core.experiments.experiment import Cell, Experiment, Figures, prepare_common
from core.experiments.fusion import FUSION_TITLES, WITH_WORDS
from core.experiments.path_classifier import chosen_modalities, fit, joint_sources, learning_split, training_parameters
from core.experiments.scores import Column, paper_columns, path_figures
from core.experiments.settings import TOGETHER, ExperimentSettings

_NAMED_PLATFORMS = 20


def training_platforms(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> tuple[str, ...]:
    """Platforms to learn from: those named, or the one with most products.

    Raises:
        ParameterError: If one is named that has no labelled product, or none is left to test on.
    """
    counts = Counter(catalogue.platforms)
    names = [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    chosen = settings.train_platforms or tuple(names[:1])
    listed = ", ".join(names[:_NAMED_PLATFORMS]) + (", …" if len(names) > _NAMED_PLATFORMS else "")
    absent = [name for name in chosen if name not in counts]
    if absent:
        raise ParameterError(f"No labelled product is offered on {absent[0]!r}.", f"Choose among: {listed}.")
    if len(chosen) == len(names):
        raise ParameterError(
            f"Training on {', '.join(chosen)} leaves no platform to test on; the catalogue has {listed}.",
            "Train on fewer platforms, or import products of another one.",
        )
    return chosen


def unseen_rows(catalogue: LabelledCatalogue, chosen: tuple[str, ...]) -> tuple[IntArray, float]:
    """Products of the other platforms that have no duplicate among those to learn from.

    Args:
        catalogue: The products.
        chosen: Platforms to learn from.

    Returns:
        Row numbers, and which share of the other platforms' products was dropped as duplicates. Shape: (n_test,).

    Raises:
        TooFewProductsError: If none is left.
    """
    is_known = np.isin(np.array(catalogue.platforms), chosen)
    is_duplicate = ~is_known & np.isin(catalogue.groups, np.unique(catalogue.groups[is_known]))
    rows = np.flatnonzero(~is_known & ~is_duplicate).astype(np.int64)
    if len(rows) == 0:
        raise TooFewProductsError(
            "All products of the other platforms are duplicates of those to learn from.",
            "Train on other platforms.",
        )
    return rows, float(is_duplicate.sum() / (~is_known).sum())


def known_split(catalogue: LabelledCatalogue, chosen: tuple[str, ...], seed: int) -> Split:
    """84 % of the training platforms' products to learn from, 16 % to choose the epoch; the test part is empty.

    Raises:
        TooFewProductsError: If they are too few to hold any back.
    """
    rows = np.flatnonzero(np.isin(np.array(catalogue.platforms), chosen)).astype(np.int64)
    message = f"{len(rows)} products on {', '.join(chosen)} are too few to learn from."
    return learning_split(catalogue, rows, seed, TooFewProductsError(message, "Train on more platforms."))


def _prepare(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> LabelledCatalogue:
    prepared = prepare_common(catalogue, settings)
    chosen = training_platforms(prepared, settings)
    n_others = len(set(prepared.platforms) - set(chosen))
    note = f"Trained on {', '.join(chosen)}, tested on {n_others} other platforms"
    if settings.duplicates == TOGETHER:
        note += "; their products with the same title or image as one to learn from are no part of the test"
    return replace(prepared, notes=(*prepared.notes, f"{note}."))


def _sources(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> tuple[Source, ...]:
    sources = joint_sources(catalogue, settings)
    return (*sources, TITLE_WORDS) if "title" in chosen_modalities(catalogue, settings) else sources


def _cells(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> list[Cell]:
    chosen = " + ".join(training_platforms(catalogue, settings))
    rows = [(title, {"fusion": str(fusion), "has_words": False}) for fusion, title in FUSION_TITLES.items()]
    if "title" in chosen_modalities(catalogue, settings):
        rows.append((WITH_WORDS, {"fusion": str(Fusion.LATE), "has_words": True}))
    return [Cell((title, chosen), seed, options) for seed in settings.all_seeds for title, options in rows]


def _run(catalogue: LabelledCatalogue, settings: ExperimentSettings, cell: Cell, progress: Progress) -> Figures:
    chosen = training_platforms(catalogue, settings)
    test, share_duplicates = unseen_rows(catalogue, chosen)
    split = known_split(catalogue, chosen, cell.seed)
    parameters = training_parameters(settings, cell.seed, fusion=cell.options["fusion"])
    sources = joint_sources(catalogue, settings)
    if cell.options["has_words"]:
        sources = (*sources, TITLE_WORDS)
    fitted = fit(catalogue, sources, split.train, split.validation, parameters, progress)
    predicted = fitted.predict(catalogue, test)
    true_paths = [catalogue.paths[row] for row in test]
    known = set(fitted.predictor.tree.paths)
    return {
        **path_figures(true_paths, predicted),
        "n_train": len(split.train) + len(split.validation),
        "share_duplicates": share_duplicates,
        "share_new": sum(path not in known for path in true_paths) / len(true_paths),
        "details": _by_platform([catalogue.platforms[row] for row in test], true_paths, predicted),
        "seconds": fitted.seconds,
    }


def _by_platform(platforms: list[str], true_paths: list[Path], predicted: list[Path]) -> dict[str, Figures]:
    return {
        found.platform: {"hF1": found.hierarchical_f1, "Test products": found.n_products}
        for found in platform_metrics(true_paths, predicted, platforms)
    }


EXPERIMENT = Experiment(
    name="cross-platform",
    label_columns=("Fusion", "Trained on"),
    cells=_cells,
    run=_run,
    sources=_sources,
    columns=lambda figures: [
        *paper_columns(figures),
        Column("Training products", "n_train", 0),
        Column("Dropped as duplicates", "share_duplicates"),
        Column("In categories never seen", "share_new"),
    ],
    prepare=_prepare,
    is_ordinary=False,
    detail_column="Platform",
)
