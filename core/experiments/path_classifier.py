"""The hierarchical classifier inside an experiment: fitted on some rows of a catalogue, tried on others."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.classifier.parameters import TrainingParameters
from core.classifier.split import Split, stratified_split
from core.classifier.trained import PathPredictor
from core.classifier.training import fit_classifier
from core.domain.arrays import IntArray
from core.domain.errors import ParameterError, TooFewProductsError
from core.domain.progress import Progress
from core.experiments.catalogue import LabelledCatalogue, Path, Source
from core.experiments.settings import ExperimentSettings


@dataclass(frozen=True, eq=False)
class Fitted:
    """A classifier and how long its training took."""

    predictor: PathPredictor
    sources: tuple[Source, ...]
    seconds: float

    def predict(self, catalogue: LabelledCatalogue, rows: IntArray, decode: str = "best_path") -> list[Path]:
        """Path of each of some products."""
        features = catalogue.features(self.sources)
        predicted = self.predictor.predict({name: values[rows] for name, values in features.items()}, decode)
        return [path.node_ids for path in predicted]

    def class_ids(self, catalogue: LabelledCatalogue, rows: IntArray, decode: str) -> IntArray:
        """Class of each of some products on every level, as chosen. Shape: (n_rows, depth)."""
        features = catalogue.features(self.sources)
        return self.predictor.predict_arrays({name: values[rows] for name, values in features.items()}, decode)[0]


def fit(
    catalogue: LabelledCatalogue,
    sources: Sequence[Source],
    train: IntArray,
    validation: IntArray,
    parameters: TrainingParameters,
    progress: Progress,
) -> Fitted:
    """Train on some products, and choose the epoch on others; only the training is timed, not the embeddings."""
    features = catalogue.features(sources)
    started = time.monotonic()
    fitted = fit_classifier(features, catalogue.paths, train, validation, parameters, progress)
    return Fitted(fitted.predictor, tuple(sources), time.monotonic() - started)


def ordinary_split(catalogue: LabelledCatalogue, seed: int) -> Split:
    """64 / 16 / 20 within each path, duplicates together.

    Raises:
        TooFewProductsError: If no product can be held out.
    """
    split: Split = catalogue.remember(
        ("split", seed), lambda: stratified_split(catalogue.paths, catalogue.groups.tolist(), seed)
    )
    if min(split.sizes.values()) == 0:
        raise TooFewProductsError(
            f"An experiment holds products back to validate and test; {len(catalogue)} products are too few, or too "
            "many are duplicates of each other.",
            "Import or approve more products.",
        )
    return split


def learning_split(catalogue: LabelledCatalogue, rows: IntArray, seed: int, too_few: TooFewProductsError) -> Split:
    """Some products parted into 84 % to learn from and 16 % to choose the epoch, where others test.

    Args:
        catalogue: Holds their paths and groups of duplicates, which stay together.
        rows: The products. Shape: (n_rows,).
        seed: Decides who goes where.
        too_few: What to raise where none can be held back.

    Returns:
        Rows of the catalogue; the test part is empty.

    Raises:
        TooFewProductsError: As given.
    """
    parts = stratified_split([catalogue.paths[row] for row in rows], catalogue.groups[rows].tolist(), seed)
    if len(parts.validation) == 0:
        raise too_few
    train = np.sort(np.concatenate([parts.train, parts.test]))
    return Split(rows[train], rows[parts.validation], np.zeros(0, dtype=np.int64))


def chosen_modalities(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> tuple[str, ...]:
    """Modalities to learn from: those named, or all that the catalogue has.

    Raises:
        ParameterError: If one is named that no product has.
    """
    absent = [name for name in settings.modalities if name not in catalogue.modalities]
    if absent:
        raise ParameterError(
            f"The catalogue has no {absent[0]} to learn from.", f"Choose among: {', '.join(catalogue.modalities)}."
        )
    return settings.modalities or catalogue.modalities


def joint_sources(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> tuple[Source, ...]:
    """The embedding of every chosen modality."""
    return tuple(catalogue.source(name) for name in chosen_modalities(catalogue, settings))


def training_parameters(settings: ExperimentSettings, seed: int, **changed: object) -> TrainingParameters:
    """The defaults, with the settings' number of epochs and what a row changes."""
    return TrainingParameters(seed=seed, max_epochs=settings.max_epochs, **changed)
