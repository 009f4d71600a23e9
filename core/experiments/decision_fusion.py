"""A classifier per modality and every policy that joins their answers: multi-class, and multi-label over all nodes."""

import time
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.classifier.decision_fusion import ALONE, Decision, DecisionFusion, fit_decision_fusion
from core.classifier.doubtful_labels import without_doubtful
from core.classifier.majority_vote import majority_labels, majority_paths
from core.classifier.multi_label import label_sets, multi_label_scores
from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import ParameterError
from core.domain.progress import Progress, SpanProgress
from core.experiments.catalogue import LabelledCatalogue, Path, Source
from core.experiments.experiment import Cell, Column, Experiment, Figures
from core.experiments.path_classifier import chosen_modalities, ordinary_split
from core.experiments.scores import path_figures
from core.experiments.settings import ExperimentSettings

ALL_LABELS, CLEANED = "all", "without the worst 10 %"
DOUBTFUL_SHARE = 0.1
VOTE, NEURAL = "vote", "neural"
_PAPERS_MODALITIES, _THREE = ("title", "description", "image"), 3
_RULES = {"max": "Max", "mean": "Mean", "ridge": "Ridge regression"}
_NEURAL_TITLES = {2: "Bi-modal network", 3: "Tri-modal network"}


def decision_modalities(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> tuple[str, ...]:
    """Those named; else the papers' title, description and image, brands where one of these is missing.

    Raises:
        ParameterError: If there are fewer than two.
    """
    available = chosen_modalities(catalogue, settings)
    modalities = settings.modalities or tuple(name for name in _PAPERS_MODALITIES if name in available)
    if not settings.modalities and len(modalities) < _THREE:
        modalities += tuple(name for name in available if name not in modalities)
    if len(modalities) < 2:
        raise ParameterError(
            f"Joining decisions needs at least two modalities, got {', '.join(modalities)}.",
            f"The catalogue has: {', '.join(catalogue.modalities)}.",
        )
    return tuple(sorted(modalities))


def _rows(modalities: tuple[str, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Title, policy and modalities of each row."""
    rows = [("Alone", ALONE, (name,)) for name in modalities]
    rows += [(title, policy, modalities) for policy, title in _RULES.items()]
    for size in range(2, len(modalities) + 1):
        title = _NEURAL_TITLES.get(size, f"Network over {size} modalities")
        rows += [(title, NEURAL, subset) for subset in combinations(modalities, size)]
    return [*rows, ("Majority vote", VOTE, modalities)]


def _cells(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> list[Cell]:
    return [
        Cell((title, " + ".join(modalities), labels), seed, {"policy": policy, "modalities": list(modalities)})
        for seed in settings.all_seeds
        for labels in (ALL_LABELS, CLEANED)
        for title, policy, modalities in _rows(decision_modalities(catalogue, settings))
    ]


def _sources(catalogue: LabelledCatalogue, settings: ExperimentSettings) -> tuple[Source, ...]:
    return tuple(catalogue.source(name) for name in decision_modalities(catalogue, settings))


@dataclass(frozen=True, eq=False)
class _Tested:
    """Both fusions of one training part and what they decide on the test part."""

    test: IntArray
    n_train: int
    labels: list[Path]
    by_path: DecisionFusion
    path_decisions: list[Decision]
    by_label: DecisionFusion
    label_decisions: list[Decision]
    seconds: float


def _run(catalogue: LabelledCatalogue, settings: ExperimentSettings, cell: Cell, progress: Progress) -> Figures:
    is_cleaned = cell.labels[-1] == CLEANED
    tested: _Tested = catalogue.remember(
        ("decisions", is_cleaned, cell.seed), lambda: _fit(catalogue, settings, is_cleaned, cell.seed, progress)
    )
    policy, modalities = cell.options["policy"], tuple(cell.options["modalities"])
    paths = [
        tested.by_path.predicted_paths(decision) for decision in _chosen(tested.path_decisions, policy, modalities)
    ]
    chosen = _chosen(tested.label_decisions, policy, modalities)
    given = [tested.by_label.predicted_labels(decision) for decision in chosen]
    predicted = majority_paths(paths) if policy == VOTE else paths[0]
    labels = majority_labels(given, [decision.probabilities for decision in chosen]) if policy == VOTE else given[0]
    scores = multi_label_scores(labels, tested.by_label.targets([tested.labels[row] for row in tested.test]))
    true_paths = [catalogue.paths[row] for row in tested.test]
    return {
        **path_figures(true_paths, [path.node_ids for path in predicted]),
        "multi_label_micro_f1": scores.micro_f1,
        "multi_label_exact": scores.exact,
        "n_train": tested.n_train,
        "seconds": tested.seconds,
    }


def _chosen(decisions: list[Decision], policy: str, modalities: tuple[str, ...]) -> list[Decision]:
    """The decision of a row; of the vote, those of all rows that join modalities."""
    if policy != VOTE:
        return [item for item in decisions if (item.policy, item.modalities) == (policy, modalities)]
    return [
        item for item in decisions if item.policy == NEURAL or (item.policy in _RULES and item.modalities == modalities)
    ]


def _fit(
    catalogue: LabelledCatalogue, settings: ExperimentSettings, is_cleaned: bool, seed: int, progress: Progress
) -> _Tested:
    split = ordinary_split(catalogue, seed)
    features = catalogue.features(_sources(catalogue, settings))
    groups = catalogue.groups.tolist()
    share = DOUBTFUL_SHARE if is_cleaned else 0.0
    span = SpanProgress(progress, 0.0, 0.2)
    train = without_doubtful(features, catalogue.paths, groups, split.train, share, seed, span)
    sets = label_sets(catalogue.paths, groups)
    started = time.monotonic()
    fusions = [
        fit_decision_fusion(
            features, labels, groups, train, split.validation, is_multi_label=is_multi_label, n_folds=settings.folds,
            seed=seed, progress=SpanProgress(progress, start, start + 0.4),
        )
        for labels, is_multi_label, start in ((catalogue.paths, False, 0.2), (sets, True, 0.6))
    ]  # fmt: skip
    seconds = time.monotonic() - started
    shown = _take(features, split.test)
    first, second = (fusion.decide(shown) for fusion in fusions)
    return _Tested(split.test, len(train), sets, fusions[0], first, fusions[1], second, seconds)


def _take(features: dict[str, FloatArray], rows: np.ndarray) -> dict[str, FloatArray]:
    return {name: values[rows] for name, values in features.items()}


EXPERIMENT = Experiment(
    name="decision-fusion",
    label_columns=("Policy", "Modalities", "Labels learned from"),
    cells=_cells,
    run=_run,
    sources=_sources,
    columns=lambda figures: [
        Column("Accuracy", "exact"),
        Column("Macro F1", "macro_f1"),
        Column("Weighted F1", "weighted_f1"),
        Column("hF1", "hierarchical_f1"),
        Column("Multi-label micro F1", "multi_label_micro_f1"),
        Column("Multi-label all right", "multi_label_exact"),
        Column("Training products", "n_train", 0),
        Column("Test products", "n_test", 0),
        Column("Seconds for all policies", "seconds", 1),
    ],
)
