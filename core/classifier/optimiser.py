"""Adam for what every product touches, sparse Adam for the weights of words, as one."""

from typing import Any

import torch
from torch import Tensor

from core.classifier.model import MaskedHierarchicalClassifier
from core.classifier.parameters import TrainingParameters


class ClassifierOptimiser:
    """Updates a classifier. A step costs the words of a batch only what their own weights cost.

    Args:
        model: What to train.
        parameters: Learning rates.
    """

    def __init__(self, model: MaskedHierarchicalClassifier, parameters: TrainingParameters) -> None:
        words = list(model.words.parameters()) if model.words is not None else []
        is_word = {id(parameter) for parameter in words}
        dense = [parameter for parameter in model.parameters() if id(parameter) not in is_word]
        self._parts: list[torch.optim.Optimizer] = [torch.optim.Adam(dense, lr=parameters.lr, fused=True)]
        if words:
            self._parts.append(torch.optim.SparseAdam(words, lr=parameters.word_lr))

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for part in self._parts:
            part.zero_grad()

    def step(self) -> None:
        """Move every parameter along its gradient."""
        for part in self._parts:
            part.step()

    def moments(self) -> dict[str, Tensor]:
        """Everything that a later step depends on, by name."""
        return {
            f"{number}/{parameter}/{name}": torch.as_tensor(value)
            for number, part in enumerate(self._parts)
            for parameter, values in part.state_dict()["state"].items()
            for name, value in values.items()
        }

    def set_moments(self, moments: dict[str, Tensor]) -> None:
        """Take up where `moments` was asked for."""
        for number, part in enumerate(self._parts):
            is_sparse = isinstance(part, torch.optim.SparseAdam)
            state: dict[int, dict[str, Any]] = {}
            for key, value in moments.items():
                its_part, parameter, name = key.split("/")
                if int(its_part) == number:
                    counts_plainly = is_sparse and name == "step"
                    state.setdefault(int(parameter), {})[name] = int(value) if counts_plainly else value
            part.load_state_dict({**part.state_dict(), "state": state})
