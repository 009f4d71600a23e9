"""Table I: every encoder alone, with a linear layer that takes each whole path for one class."""

import time

from core.classifier.flat_classifier import fit_flat_classifier
from core.domain.errors import ParameterError
from core.domain.progress import Progress
from core.encoders.cards import find_card
from core.experiments.catalogue import LabelledCatalogue, Source
from core.experiments.experiment import Cell, Experiment, Figures
from core.experiments.path_classifier import chosen_modalities, ordinary_split
from core.experiments.scores import paper_columns, path_figures
from core.experiments.settings import ExperimentSettings


def _sources(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> tuple[Source, ...]:
    """An encoder of images once; one of texts for each text modality that is named, or for titles.

    Raises:
        ParameterError: If no encoder reads any of the modalities.
    """
    modalities = chosen_modalities(catalogue, settings)
    texts = tuple(name for name in settings.modalities if name != "image") or ("title",)
    named = settings.encoders or tuple(dict.fromkeys([catalogue.text_encoder, catalogue.image_encoder]))
    sources = []
    for encoder in filter(None, named):
        reads = find_card(encoder).modality
        if "text" in reads and any(name != "image" for name in modalities):
            sources += [Source(name, encoder) for name in texts]
        if "image" in reads and "image" in modalities:
            sources.append(Source("image", encoder))
    if not sources:
        raise ParameterError(
            f"No encoder among {', '.join(filter(None, named))} reads {' or '.join(modalities)}.",
            "Name another encoder, or other modalities.",
        )
    return tuple(sources)


def _cells(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> list[Cell]:
    return [
        Cell((source.encoder, source.modality), seed)
        for seed in settings.all_seeds
        for source in _sources(catalogue, settings)
    ]


def _run(catalogue: LabelledCatalogue, settings: ExperimentSettings, cell: Cell, progress: Progress) -> Figures:
    encoder, modality = cell.labels
    split = ordinary_split(catalogue, cell.seed)
    features = catalogue.features([Source(modality, encoder)])[modality]
    is_present = features.any(axis=1)
    train, validation = (rows[is_present[rows]] for rows in (split.train, split.validation))
    started = time.monotonic()
    fitted = fit_flat_classifier(features, catalogue.paths, train, validation, seed=cell.seed)
    seconds = time.monotonic() - started
    progress.report(0.9)
    predicted = fitted.predict(features[split.test])
    true_paths = [catalogue.paths[row] for row in split.test]
    return {**path_figures(true_paths, [path.node_ids for path in predicted]), "seconds": seconds}


EXPERIMENT = Experiment(
    name="flat",
    label_columns=("Encoder", "Modality"),
    cells=_cells,
    run=_run,
    sources=_sources,
    columns=paper_columns,
)
