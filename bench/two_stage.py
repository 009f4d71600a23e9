"""Text first, the full model where it is unsure: `python -m bench.two_stage --home FOLDER`.

The workspace has imported a catalogue; embeddings that are missing are computed first. For each seed, products are
split anew, both stages are trained as Retrain does it, the threshold is chosen on the validation part, and all figures
are of the test part. Takes about two minutes a seed on 35,000 products.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from bench.measure import machine
from core.classifier.parameters import TrainingParameters
from core.classifier.text_stage import train_text_stage
from core.classifier.training import Examples, train_classifier
from core.domain.escalation import EscalationPoint, EscalationReport
from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.experiments.catalogue import TITLE_WORDS, LabelledCatalogue
from core.experiments.settings import ExperimentSettings
from core.services.context import open_context
from core.services.experiment_data import load_labelled_catalogue

SHARES = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Measured:
    """Both stages of one split: the curve, calibration errors in [0, 1], seconds and epochs of their trainings."""

    report: EscalationReport
    full_error: float
    full_seconds: float
    text_seconds: float
    full_epochs: int
    text_epochs: int

    @property
    def chosen(self) -> EscalationPoint:
        """The suggested point, on the test part."""
        return next(point for point in self.report.points if point.threshold == self.report.suggested)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on every split and print the tables of `bench/RESULTS.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="a workspace with an imported catalogue")
    parser.add_argument("--seeds", type=int, default=3, help="how many splits")
    options = parser.parse_args(arguments)
    catalogue = load_labelled_catalogue(open_context(Workspace(options.home)), ExperimentSettings(), NullProgress())
    measured = [measure(catalogue, seed) for seed in range(options.seeds)]
    print(f"Machine: {machine()}\n")
    print(stages_table(measured))
    print(f"\n{curve_table([each.report for each in measured])}")


def measure(catalogue: LabelledCatalogue, seed: int) -> Measured:
    """Train both stages on one split.

    Args:
        catalogue: Labelled products.
        seed: Of the split and the training.
    """
    sources = [*(catalogue.source(name) for name in catalogue.modalities), TITLE_WORDS]
    features = catalogue.features(sources, NullProgress())
    examples = Examples(features, catalogue.paths, catalogue.product_ids, catalogue.platforms)
    started = time.monotonic()
    full = train_classifier(features, catalogue.paths, catalogue.groups.tolist(), TrainingParameters(seed=seed),
                            product_ids=catalogue.product_ids.tolist())  # fmt: skip
    between = time.monotonic()
    text = train_text_stage(full, examples)
    ended = time.monotonic()
    return Measured(
        report=text.escalation,
        full_error=full.metrics.expected_calibration_error,
        full_seconds=between - started,
        text_seconds=ended - between,
        full_epochs=len(full.curve),
        text_epochs=len(text.trained.curve),
    )


def stages_table(measured: Sequence[Measured]) -> str:
    """Markdown: one row per split, and their mean."""
    columns = ("split", "settled by text", "hF1 text alone", "hF1 full", "hF1 both stages", "points lost",
               "whole path right: full, both", "calibration error: text, full", "training: text, full")  # fmt: skip
    rows = [[f"seed {number}", *_cells([each])] for number, each in enumerate(measured)]
    return _markdown(columns, [*rows, ["mean", *_cells(measured)]])


def curve_table(reports: Sequence[EscalationReport]) -> str:
    """Markdown: hF1 by the share of products that go on to the full model, mean over splits."""
    rows = []
    for share in SHARES:
        points = [min(report.points, key=lambda p: abs(p.share_escalated - share)) for report in reports]
        lost = fmean(
            report.full.hierarchical_f1 - point.hierarchical_f1 for report, point in zip(reports, points, strict=True)
        )
        rows.append(
            [
                f"{fmean(point.share_escalated for point in points):.1%}",
                f"{fmean(min(point.threshold, 1.0) for point in points):.3f}",
                f"{fmean(point.hierarchical_f1 for point in points):.4f}",
                f"{100 * lost:+.2f}",
                f"{fmean(point.share_right for point in points):.4f}",
            ]
        )
    return _markdown(("escalated", "below confidence", "hF1", "points lost", "whole path right"), rows)


def _cells(measured: Sequence[Measured]) -> list[str]:
    chosen, reports = [each.chosen for each in measured], [each.report for each in measured]
    two, full = fmean(p.hierarchical_f1 for p in chosen), fmean(r.full.hierarchical_f1 for r in reports)
    seconds = (fmean(each.text_seconds for each in measured), fmean(each.full_seconds for each in measured))
    epochs = (fmean(each.text_epochs for each in measured), fmean(each.full_epochs for each in measured))
    return [
        f"{1 - fmean(point.share_escalated for point in chosen):.1%}",
        f"{fmean(report.text_only.hierarchical_f1 for report in reports):.4f}",
        f"{full:.4f}",
        f"{two:.4f}",
        f"{100 * (full - two):+.2f}",
        f"{fmean(r.full.share_right for r in reports):.4f}, {fmean(p.share_right for p in chosen):.4f}",
        f"{fmean(r.text_calibration_error for r in reports):.4f}, {fmean(each.full_error for each in measured):.4f}",
        f"{seconds[0]:.0f} s ({epochs[0]:.0f} epochs), {seconds[1]:.0f} s ({epochs[1]:.0f} epochs)",
    ]


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    main()
