"""Every experiment by name. Light to import: what trains is loaded when it is asked for."""

import importlib

from core.experiments.cards import find_experiment_card
from core.experiments.experiment import Experiment


def load_experiment(name: str) -> Experiment:
    """Load an experiment.

    Raises:
        ParameterError: If there is none of this name; lists the valid names.
    """
    card = find_experiment_card(name)
    module = importlib.import_module(f"core.experiments.{card.name.replace('-', '_')}")
    return module.EXPERIMENT
