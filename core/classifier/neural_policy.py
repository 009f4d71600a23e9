"""A small network that learns which modality to believe, and where."""

from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from core.classifier.decision_policies import AvailableModalities, Presence, Probabilities
from core.classifier.head_training import HeadSchedule, Labelled, default_schedule, head_probabilities, train_head
from core.domain.arrays import FloatArray

_JUDGING_SHARE = 10
_MIN_TO_JUDGE = 50


class NeuralPolicy(AvailableModalities):
    """The bi-modal (two modalities) or tri-modal (three) neural policy: one hidden layer with dropout.

    A tenth of the products chooses the epoch.

    Args:
        is_multi_label: Whether products may have several labels.
        width: Units of the hidden layer.
        dropout: Share of them left out in each step.
        schedule: Learning rate and so on.
        seed: Decides weights, order and who judges; torch's own generator is left as it was.

    Source:
        Wirojwatanakul & Wangperawong 2019, https://arxiv.org/abs/1907.00420
    """

    def __init__(
        self,
        is_multi_label: bool = False,
        width: int = 256,
        dropout: float = 0.3,
        schedule: HeadSchedule | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(is_multi_label)
        self._width, self._dropout, self._seed = width, dropout, seed
        self._schedule = schedule or default_schedule(is_multi_label)
        self._network: nn.Module = nn.Identity()

    def fit(self, probabilities: Probabilities, targets: FloatArray, present: Presence = None) -> Self:
        """See `DecisionPolicy`."""
        self.remember(probabilities, targets)
        inputs = self._inputs(probabilities, present)
        answers = torch.from_numpy(targets.astype(np.float32) if self.is_multi_label else targets.argmax(axis=1))
        train, judge = _share_out((inputs, answers), self._seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._seed)
            self._network = policy_network(inputs.shape[1], targets.shape[1], self._width, self._dropout)
            train_head(self._network, train, judge, self._schedule, self._seed)
        return self

    def combine(self, probabilities: Probabilities, present: Presence = None) -> FloatArray:
        """See `DecisionPolicy`."""
        inputs = self._inputs(probabilities, present)
        return self.scores(head_probabilities(self._network, inputs, self.is_multi_label).numpy())

    def _inputs(self, probabilities: Probabilities, present: Presence) -> Tensor:
        return torch.from_numpy(self.completed(probabilities, present).astype(np.float32))


def policy_network(n_inputs: int, n_classes: int, width: int, dropout: float) -> nn.Module:
    """The network of `NeuralPolicy`, from side-by-side probabilities to logits.

    Args:
        n_inputs: Modalities times classes.
        n_classes: Number of classes.
        width: Units of the hidden layer.
        dropout: Share of them left out in each step.

    Returns:
        Freshly drawn from torch's generator.
    """
    return nn.Sequential(
        nn.Linear(n_inputs, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, n_classes)
    )  # fmt: skip


def _share_out(labelled: Labelled, seed: int) -> tuple[Labelled, Labelled | None]:
    inputs, answers = labelled
    if len(inputs) < _MIN_TO_JUDGE:
        return labelled, None
    order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(seed))
    judge, learn = order[: len(order) // _JUDGING_SHARE], order[len(order) // _JUDGING_SHARE :]
    return (inputs[learn], answers[learn]), (inputs[judge], answers[judge])
