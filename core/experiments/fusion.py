"""Table II: each modality alone, three ways to join them, and HiClass on the same embeddings."""

import time
from collections.abc import Sequence

import numpy as np

from core.classifier.linear_head import concatenated
from core.domain.classifier import Fusion
from core.domain.progress import Progress
from core.experiments.catalogue import TITLE_WORDS, LabelledCatalogue, Source
from core.experiments.experiment import Cell, Experiment, Figures
from core.experiments.hiclass_peer import PEER, hiclass_paths
from core.experiments.path_classifier import (
    chosen_modalities,
    fit,
    joint_sources,
    ordinary_split,
    training_parameters,
)
from core.experiments.scores import paper_columns, path_figures
from core.experiments.settings import ExperimentSettings

SIMCLR = "simclr"
FUSION_TITLES = {Fusion.EARLY: "Early fusion", Fusion.LATE: "Late fusion", Fusion.ATTENTION: "Attention fusion"}
WITH_WORDS = "Late fusion + words of the title"
"""What *Retrain* trains."""
_UNIMODAL, _PEER = "Unimodal", "peer"


def _rows(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> list[tuple[tuple[str, str], dict]]:
    """Labels and options of every row."""
    modalities = chosen_modalities(catalogue, settings)
    texts = tuple(catalogue.source(name) for name in modalities if name != "image")
    joint = joint_sources(catalogue, settings)
    rows = []
    if texts:
        rows.append(((_UNIMODAL, f"text ({catalogue.text_encoder})"), _options(texts, Fusion.LATE)))
    if "image" in modalities:
        for encoder in dict.fromkeys([catalogue.image_encoder, SIMCLR]):
            rows.append(((_UNIMODAL, f"image ({encoder})"), _options([Source("image", encoder)], Fusion.EARLY)))
    named = " + ".join(modalities)
    rows += [((title, named), _options(joint, fusion)) for fusion, title in FUSION_TITLES.items()]
    if "title" in modalities:
        rows.append(((WITH_WORDS, named), _options([*joint, TITLE_WORDS], Fusion.LATE)))
    return [*rows, ((PEER, named), _options(joint, _PEER))]


def _options(sources: Sequence[Source], method: str) -> dict:
    return {"sources": [list(source) for source in sources], "method": str(method)}


def _cells(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> list[Cell]:
    rows = _rows(catalogue, settings)
    return [Cell(labels, seed, options) for seed in settings.all_seeds for labels, options in rows]


def _sources(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> tuple[Source, ...]:
    rows = _rows(catalogue, settings)
    return tuple(dict.fromkeys(Source(*source) for _, options in rows for source in options["sources"]))


def _run(catalogue: LabelledCatalogue, settings: ExperimentSettings, cell: Cell, progress: Progress) -> Figures:
    split = ordinary_split(catalogue, cell.seed)
    sources, method = [Source(*source) for source in cell.options["sources"]], cell.options["method"]
    true_paths = [catalogue.paths[row] for row in split.test]
    if method == _PEER:
        features = concatenated(list(catalogue.features(sources).values()))
        known = np.concatenate([split.train, split.validation])  # it chooses no epoch, so it may learn from both
        started = time.monotonic()
        known_paths = [catalogue.paths[row] for row in known]
        predicted = hiclass_paths(features[known], known_paths, features[split.test], cell.seed)
        return {**path_figures(true_paths, predicted), "seconds": time.monotonic() - started}
    parameters = training_parameters(settings, cell.seed, fusion=method)
    fitted = fit(catalogue, sources, split.train, split.validation, parameters, progress)
    return {**path_figures(true_paths, fitted.predict(catalogue, split.test)), "seconds": fitted.seconds}


EXPERIMENT = Experiment(
    name="fusion",
    label_columns=("Fusion", "Modalities"),
    cells=_cells,
    run=_run,
    sources=_sources,
    columns=paper_columns,
)
