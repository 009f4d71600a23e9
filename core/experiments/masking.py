"""What the dynamic mask brings, and what deciding over whole paths does."""

import time

from core.classifier.decoding import invalid_paths
from core.domain.progress import Progress
from core.experiments.catalogue import LabelledCatalogue
from core.experiments.experiment import Cell, Experiment, Figures
from core.experiments.path_classifier import Fitted, fit, joint_sources, ordinary_split, training_parameters
from core.experiments.scores import COST_COLUMNS, EXACT_COLUMN, HIERARCHICAL_COLUMNS, Column, path_figures
from core.experiments.settings import ExperimentSettings

_MASKS = {"Masked": True, "Unmasked": False}
_DECODINGS = {"Best path": "best_path", "Level by level": "greedy"}


def _cells(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> list[Cell]:
    return [
        Cell((mask, decoding), seed, {"is_masked": _MASKS[mask], "decode": _DECODINGS[decoding]})
        for seed in settings.all_seeds
        for mask in _MASKS
        for decoding in _DECODINGS
    ]


def _run(catalogue: LabelledCatalogue, settings: ExperimentSettings, cell: Cell, progress: Progress) -> Figures:
    split = ordinary_split(catalogue, cell.seed)
    parameters = training_parameters(settings, cell.seed, is_masked=cell.options["is_masked"])
    fitted: Fitted = catalogue.remember(
        ("masking", parameters),
        lambda: fit(catalogue, joint_sources(catalogue, settings), split.train, split.validation, parameters, progress),
    )
    started = time.monotonic()
    class_ids = fitted.class_ids(catalogue, split.test, cell.options["decode"])
    deciding_s = time.monotonic() - started
    predicted = fitted.predictor.tree.decode_levels(class_ids)
    return {
        **path_figures([catalogue.paths[row] for row in split.test], predicted),
        "share_invalid": float(invalid_paths(class_ids, fitted.predictor.model.masks).mean()),
        "seconds": fitted.seconds,
        "seconds_to_decide": deciding_s,
    }


EXPERIMENT = Experiment(
    name="masking",
    label_columns=("Mask", "Decision"),
    cells=_cells,
    run=_run,
    sources=joint_sources,
    columns=lambda figures: [
        *HIERARCHICAL_COLUMNS, EXACT_COLUMN, Column("Invalid paths", "share_invalid"), *COST_COLUMNS
    ],
)  # fmt: skip
