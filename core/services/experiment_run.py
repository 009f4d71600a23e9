"""Run an experiment on the workspace's catalogue. Worker only."""

import os
from dataclasses import replace
from typing import Any

from core.domain.progress import Progress, SpanProgress
from core.encoders.at_hand import encoders_at_hand
from core.encoders.choose import max_images
from core.encoders.registry import get_card
from core.experiments.cards import find_experiment_card
from core.experiments.catalogue import LabelledCatalogue
from core.experiments.registry import load_experiment
from core.experiments.runner import run_experiment_cells
from core.experiments.settings import ExperimentSettings
from core.services.context import Context
from core.services.experiment_clusters import load_clustered_catalogue
from core.services.experiment_data import load_labelled_catalogue

FLAT, RECATEGORIZATION = "flat", "recategorization"
TRAINED_HERE = "simclr"


def run_experiment(
    context: Context, name: str, settings: dict[str, Any], author: str, progress: Progress
) -> dict[str, Any]:
    """Compute the rows of an experiment that are missing, and write its table.

    Args:
        context: The open workspace.
        name: Of the experiment.
        settings: What differs from `core.experiments.settings.ExperimentSettings`, by name.
        author: Who asked; experiments change nothing that others see, so nobody is noted.
        progress: Told of every step; what is done stays when it is cancelled, and the next run goes on there.

    Returns:
        `experiment`, `fingerprint`, `n_cells`, `n_computed`, and where the table lies: `csv`, `markdown`.

    Raises:
        ParameterError: If there is no such experiment or setting, or one does not fit the catalogue.
        TooFewProductsError: If the products are too few.
        EncoderUnavailableError: If an encoder named does not exist, or its weights are not at hand.
        RunNotFoundError: If the experiment needs a discovery run and there is none.
    """
    chosen = ExperimentSettings.from_dict(settings)
    experiment = load_experiment(find_experiment_card(name).name)
    load = load_clustered_catalogue if name == RECATEGORIZATION else load_labelled_catalogue
    catalogue = load(context, chosen, SpanProgress(progress, 0.0, 0.1))
    if name == FLAT and not chosen.encoders:
        chosen = replace(chosen, encoders=_encoders_to_compare(catalogue))
    folder = context.workspace.experiments / name
    outcome = run_experiment_cells(experiment, catalogue, chosen, folder, SpanProgress(progress, 0.1, 1.0))
    return {
        "experiment": name,
        "fingerprint": outcome.folder.name,
        "n_cells": outcome.n_cells,
        "n_computed": outcome.n_computed,
        "csv": str(outcome.folder / "table.csv"),
        "markdown": str(outcome.folder / "table.md"),
    }


def _encoders_to_compare(catalogue: LabelledCatalogue) -> tuple[str, ...]:
    """Those that learn from the catalogue, and those at hand that read its images in reasonable time."""
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    in_time = [name for name in encoders_at_hand() if max_images(name, n_cores) >= len(catalogue)]
    has_images = "image" in catalogue.modalities
    image_encoders = [catalogue.image_encoder, TRAINED_HERE] if has_images else []
    usable = [name for name in in_time if has_images or get_card(name).modality == "text"]
    return tuple(dict.fromkeys([catalogue.text_encoder, *image_encoders, *usable]))
