"""A small catalogue with embeddings that tell its categories apart."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.domain.progress import NullProgress
from core.experiments.catalogue import LabelledCatalogue
from core.experiments.registry import load_experiment
from core.experiments.runner import Outcome, run_experiment_cells
from tests.core.experiments.small_catalogue import QUICK, make_catalogue


@pytest.fixture
def catalogue() -> LabelledCatalogue:
    return make_catalogue()


@pytest.fixture
def run(catalogue: LabelledCatalogue, tmp_path: Path) -> Callable[..., Outcome]:
    """Run an experiment on the small catalogue, or on another one."""

    def run_(name, settings=QUICK, progress=None, other=None):
        experiment = load_experiment(name)
        return run_experiment_cells(
            experiment, other or catalogue, settings, tmp_path / name, progress or NullProgress()
        )

    return run_
