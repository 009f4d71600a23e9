"""Training of small heads on embeddings: minibatches, and the weights that were best on validation."""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Labelled = tuple[Tensor, Tensor]
"""Inputs of shape (n, d), and targets: class ids of shape (n,), or 0/1 of shape (n, n_classes)."""

_EVALUATION_BATCH = 8192
_MIN_STEPS_AN_EPOCH = 25
_MIN_BATCH = 8
_STEPS_AT_LR = 100
_MAX_BOOST = 4.0


@dataclass(frozen=True, slots=True)
class HeadSchedule:
    """How long and how fast a head trains; `weight_decay` is Adam's decoupled one.

    Where there are few products, batches are smaller than `batch_size` and steps up to four times as long, so that an
    epoch still moves the weights.
    """

    lr: float = 2e-3
    batch_size: int = 256
    max_epochs: int = 40
    patience: int = 3
    weight_decay: float = 0.1


def default_schedule(is_multi_label: bool) -> HeadSchedule:
    """The schedule that did best on a catalogue of 35,000 products.

    Rare labels get little gradient of a mean over all labels: they need longer steps and must not decay.

    Args:
        is_multi_label: Whether products may have several labels.
    """
    return HeadSchedule(lr=1e-2, weight_decay=0.01) if is_multi_label else HeadSchedule()


def train_head(
    head: nn.Module, train: Labelled, validation: Labelled | None, schedule: HeadSchedule, seed: int
) -> list[float]:
    """Train in place until `patience` epochs were no better on validation, and leave the best weights in the head.

    Draws from torch's global generator where the head has dropout: wrap the call in `torch.random.fork_rng`.

    Args:
        head: From inputs to logits, one column per class.
        train: What to learn from. Class ids train a softmax, 0/1 targets a sigmoid per class.
        validation: What chooses the epoch; None trains all epochs.
        schedule: Learning rate and so on.
        seed: Order of the products.

    Returns:
        Loss after each epoch, on validation where there is one, else on the training products.
    """
    inputs, targets = train
    generator = torch.Generator().manual_seed(seed)
    batch_size = min(schedule.batch_size, max(_MIN_BATCH, len(inputs) // _MIN_STEPS_AN_EPOCH))
    lr = schedule.lr * min(max(_STEPS_AT_LR * batch_size / len(inputs), 1.0), _MAX_BOOST)
    optimiser = torch.optim.AdamW(head.parameters(), lr=lr, weight_decay=schedule.weight_decay, fused=True)
    losses: list[float] = []
    best_weights = copy.deepcopy(head.state_dict())
    while len(losses) < schedule.max_epochs and not (validation and _is_stuck(losses, schedule.patience)):
        head.train()
        for rows in torch.randperm(len(inputs), generator=generator).split(batch_size):
            optimiser.zero_grad()
            head_loss(head(inputs[rows]), targets[rows]).backward()
            optimiser.step()
        losses.append(_mean_loss(head, *(validation or train)))
        if not validation or losses[-1] == min(losses):
            best_weights = copy.deepcopy(head.state_dict())
    head.load_state_dict(best_weights)
    return losses


def head_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of class ids, or the mean binary cross-entropy of 0/1 targets.

    Args:
        logits: Scores of each class. Shape: (n, n_classes).
        targets: Class ids of shape (n,), or 0/1 of shape (n, n_classes).

    Returns:
        The mean over products, and over classes too in the second case.
    """
    if targets.ndim == 1:
        return nn.functional.cross_entropy(logits, targets)
    return nn.functional.binary_cross_entropy_with_logits(logits, targets)


def head_probabilities(head: nn.Module, inputs: Tensor, is_multi_label: bool) -> Tensor:
    """Softmax over the classes, or a sigmoid of each, without dropout or gradients.

    Args:
        head: From inputs to logits.
        inputs: Shape: (n, d).
        is_multi_label: Whether a product may have several classes.

    Returns:
        Shape: (n, n_classes).
    """
    logits = _logits(head, inputs)
    return logits.sigmoid() if is_multi_label else logits.softmax(dim=1)


def _is_stuck(losses: list[float], patience: int) -> bool:
    return len(losses) > patience and min(losses) < min(losses[-patience:])


def _mean_loss(head: nn.Module, inputs: Tensor, targets: Tensor) -> float:
    return head_loss(_logits(head, inputs), targets).item()


def _logits(head: nn.Module, inputs: Tensor) -> Tensor:
    head.eval()
    with torch.inference_mode():
        return torch.cat([head(batch) for batch in inputs.split(_EVALUATION_BATCH)])
