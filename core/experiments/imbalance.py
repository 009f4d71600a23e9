"""Corrections for rare categories, side by side: what chooses the default."""

from core.domain.progress import Progress
from core.experiments.catalogue import LabelledCatalogue
from core.experiments.experiment import Cell, Experiment, Figures
from core.experiments.path_classifier import fit, joint_sources, ordinary_split, training_parameters
from core.experiments.scores import Column, paper_columns, path_figures
from core.experiments.settings import ExperimentSettings

_CORRECTIONS: dict[str, dict[str, float]] = {
    "None": {"class_balance": 0.0, "logit_adjustment": 0.0},
    "Effective number, beta 0.99": {"class_balance": 0.99, "logit_adjustment": 0.0},
    "Effective number, beta 0.999": {"class_balance": 0.999, "logit_adjustment": 0.0},
    "Logit adjustment, tau 0.5": {"class_balance": 0.0, "logit_adjustment": 0.5},
    "Logit adjustment, tau 1": {"class_balance": 0.0, "logit_adjustment": 1.0},
}


def _cells(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> list[Cell]:
    return [Cell((name,), seed, dict(changed)) for seed in settings.all_seeds for name, changed in _CORRECTIONS.items()]


def _run(catalogue: LabelledCatalogue, settings: ExperimentSettings, cell: Cell, progress: Progress) -> Figures:
    split = ordinary_split(catalogue, cell.seed)
    parameters = training_parameters(settings, cell.seed, **cell.options)
    sources = joint_sources(catalogue, settings)
    fitted = fit(catalogue, sources, split.train, split.validation, parameters, progress)
    predicted = fitted.predict(catalogue, split.test)
    return {**path_figures([catalogue.paths[row] for row in split.test], predicted), "seconds": fitted.seconds}


EXPERIMENT = Experiment(
    name="imbalance",
    label_columns=("Correction",),
    cells=_cells,
    run=_run,
    sources=joint_sources,
    columns=lambda figures: [Column("Macro F1", "macro_f1"), *paper_columns(figures)],
)
