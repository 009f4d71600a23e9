"""The default classifier on a workspace's labelled products: `python -m bench.classifier --home FOLDER`.

The workspace has imported a catalogue; embeddings that are missing are computed first. Every category counts, however
small. Takes about five minutes on 35,000 products besides.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.measure import machine
from core.classifier.metrics import hierarchical_scores
from core.classifier.parameters import TrainingParameters
from core.classifier.report import report_on
from core.classifier.split import Split, stratified_split
from core.classifier.trained import PathPredictor
from core.classifier.training import fit_classifier
from core.classifier.word_path import WORDS
from core.domain.arrays import FloatArray
from core.domain.model_report import TestReport
from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.experiments.catalogue import TITLE_WORDS, LabelledCatalogue
from core.experiments.settings import ExperimentSettings
from core.services.context import open_context
from core.services.experiment_data import load_labelled_catalogue

LACKS = {
    "everything it has": (),
    "title alone": ("brand", "description", "image"),
    "image alone": ("title", "brand", "description", WORDS),
    "no image": ("image",),
    "no brand": ("brand",),
}


@dataclass(frozen=True)
class Measured:
    """One training: what its test says, how long it took, and hF1 where products lack modalities."""

    report: TestReport
    n_epochs: int
    seconds: float
    lacking: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train twice, duplicates together and apart, and print the tables of `bench/RESULTS.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="a workspace with an imported catalogue")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    catalogue = load_labelled_catalogue(open_context(Workspace(options.home)), ExperimentSettings(), NullProgress())
    sources = [*(catalogue.source(name) for name in catalogue.modalities), TITLE_WORDS]
    features = catalogue.features(sources, NullProgress())
    splits = {
        "together": stratified_split(catalogue.paths, catalogue.groups.tolist(), options.seed),
        "apart": stratified_split(catalogue.paths, None, options.seed),
    }
    measured = {name: measure(catalogue, features, split, options.seed) for name, split in splits.items()}
    print(f"Machine: {machine()}\n")
    _print(measured)


def measure(catalogue: LabelledCatalogue, features: Mapping[str, FloatArray], split: Split, seed: int) -> Measured:
    """Train on one part, test on another.

    Args:
        catalogue: Labelled products.
        features: What the classifier looks at, by modality. Shapes: (n_products, its dimension).
        split: Which products teach, choose the epoch, and test.
        seed: Of the training.
    """
    started = time.monotonic()
    fitted = fit_classifier(features, catalogue.paths, split.train, split.validation, TrainingParameters(seed=seed))
    seconds = time.monotonic() - started
    test = {name: values[split.test] for name, values in features.items()}
    paths = [catalogue.paths[row] for row in split.test]
    platforms = [catalogue.platforms[row] for row in split.test]
    report = report_on(fitted.predictor, test, paths, platforms, catalogue.product_ids[split.test].tolist())
    lacking = {said: _without(fitted.predictor, test, paths, absent) for said, absent in LACKS.items()}
    return Measured(report, len(fitted.curve), seconds, lacking)


def _without(
    predictor: PathPredictor, test: Mapping[str, FloatArray], paths: Sequence[tuple[str, ...]], absent: tuple[str, ...]
) -> float:
    kept = {name: np.zeros_like(values) if name in absent else values for name, values in test.items()}
    return hierarchical_scores(paths, [path.node_ids for path in predictor.predict(kept)])[2]


def _print(measured: dict[str, Measured]) -> None:
    columns = ("duplicates", "hF1", "whole path", "macro F1 by level", "calibration error before, after",
               "invalid paths", "training")  # fmt: skip
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for name, each in measured.items():
        metrics, whole = each.report.metrics, each.report.calibration[0]
        macro = ", ".join(f"{level.macro_f1:.3f}" for level in metrics.levels)
        print(
            f"| {name} | {metrics.hierarchical_f1:.4f} | {metrics.exact_path_accuracy:.4f} | {macro} | "
            f"{whole.error_before:.4f}, {whole.error_after:.4f} | {each.report.share_invalid:.4f} | "
            f"{each.seconds:.0f} s, {each.n_epochs} epochs |"
        )
    print("\n| a product has | " + " | ".join(f"hF1, duplicates {name}" for name in measured) + " |")
    print("|---|" + "---|" * len(measured))
    for said in LACKS:
        print(f"| {said} | " + " | ".join(f"{each.lacking[said]:.4f}" for each in measured.values()) + " |")


if __name__ == "__main__":
    main()
