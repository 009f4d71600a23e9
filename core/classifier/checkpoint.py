"""The state of an unfinished training on disk, so that an interrupted one goes on."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from core.classifier.optimiser import ClassifierOptimiser
from core.classifier.parameters import TrainingParameters

_FILE = "checkpoint.safetensors"


@dataclass
class FitState:
    """How far a training is: one entry of `curve` per epoch; `best_weights` are those after `best_epoch`, from 1."""

    curve: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    def is_over(self, parameters: TrainingParameters) -> bool:
        """Whether the last epoch has come, or no epoch of the last `patience` was the best."""
        epoch = len(self.curve)
        return epoch >= parameters.max_epochs or epoch - self.best_epoch >= parameters.patience

    def add_epoch(self, figures: dict[str, float], model: nn.Module) -> None:
        """Record an epoch; keep the weights if its validation loss is the smallest so far."""
        self.curve.append(figures)
        best_loss = self.curve[self.best_epoch - 1]["validation_loss"] if self.best_epoch else math.inf
        if figures["validation_loss"] < best_loss:
            self.best_epoch = len(self.curve)
            self.best_weights = {name: value.clone() for name, value in model.state_dict().items()}


def save_checkpoint(
    folder: Path,
    fingerprint: str,
    model: nn.Module,
    optimiser: ClassifierOptimiser,
    state: FitState,
    average: nn.Module | None = None,
) -> None:
    """Write the state after an epoch as one file, replacing the one before.

    Args:
        folder: Made where it is not there.
        fingerprint: Names data and parameters.
        model: Present weights.
        optimiser: Present moments.
        state: The curve and the best weights.
        average: Running mean of the weights, where one is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
    if average is not None:
        tensors |= {f"average/{name}": value for name, value in average.state_dict().items()}
    tensors |= {f"best/{name}": value for name, value in state.best_weights.items()}
    tensors |= {f"optimiser/{name}": value for name, value in optimiser.moments().items()}
    facts = {"fingerprint": fingerprint, "curve": state.curve, "best_epoch": state.best_epoch}
    partial = folder / f"{_FILE}.partial"
    save_file(tensors, partial, metadata={"facts": json.dumps(facts)})
    partial.replace(folder / _FILE)


def load_checkpoint(
    folder: Path,
    fingerprint: str,
    model: nn.Module,
    optimiser: ClassifierOptimiser,
    state: FitState,
    average: nn.Module | None = None,
) -> bool:
    """Restore an interrupted training of the same data and parameters.

    Args:
        folder: Where `save_checkpoint` wrote.
        fingerprint: Names data and parameters; a checkpoint of another training is left alone.
        model: Gets the weights.
        optimiser: Gets the moments.
        state: Gets the curve and the best weights.
        average: Gets the running mean of the weights, where one is kept.

    Returns:
        Whether there was such a training.
    """
    try:
        with safe_open(folder / _FILE, framework="pt") as file:
            facts = json.loads(file.metadata()["facts"])
            if facts["fingerprint"] != fingerprint:
                return False
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError):
        return False
    model.load_state_dict(_below("model/", tensors))
    if average is not None:
        average.load_state_dict(_below("average/", tensors))
    optimiser.set_moments(_below("optimiser/", tensors))
    state.curve, state.best_epoch = facts["curve"], facts["best_epoch"]
    state.best_weights = _below("best/", tensors)
    return True


def delete_checkpoint(folder: Path) -> None:
    """Remove the checkpoint of a finished training, where there is one."""
    (folder / _FILE).unlink(missing_ok=True)


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
