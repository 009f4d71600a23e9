"""The training loop: epochs, early stopping, the best weights kept."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from core.classifier.checkpoint import FitState, load_checkpoint, save_checkpoint
from core.classifier.class_balance import effective_number_weights, logit_adjustments
from core.classifier.decoding import DECODERS
from core.classifier.label_tree import LabelTree
from core.classifier.loss import hierarchical_loss
from core.classifier.metrics import hierarchical_scores
from core.classifier.model import MaskedHierarchicalClassifier
from core.classifier.optimiser import ClassifierOptimiser
from core.classifier.parameters import TrainingParameters
from core.classifier.running_mean import RunningMean
from core.classifier.trained import log_conditionals
from core.domain.errors import TrainingDataError
from core.domain.progress import Progress

_SECONDS_BETWEEN_REPORTS = 1.0
_FEWEST_STEPS = 16
_SMALLEST_BATCH = 16
_Loss = Callable[[Sequence[Tensor], Tensor], Tensor]


@dataclass(frozen=True)
class LabelledProducts:
    """Embeddings by modality, and true classes of shape (n_products, depth)."""

    features: Mapping[str, Tensor]
    class_ids: Tensor

    def __len__(self) -> int:
        return len(self.class_ids)

    def take(self, rows: Tensor) -> "LabelledProducts":
        """The products of some rows."""
        return LabelledProducts({name: t[rows] for name, t in self.features.items()}, self.class_ids[rows])


def fit(
    model: MaskedHierarchicalClassifier,
    tree: LabelTree,
    train: LabelledProducts,
    validation: LabelledProducts,
    parameters: TrainingParameters,
    progress: Progress,
    checkpoint_folder: Path | None = None,
    fingerprint: str = "",
) -> FitState:
    """Train until no epoch of the last `patience` was the best on validation, and leave the best weights in the model.

    Args:
        model: Freshly built; trained in place.
        tree: The model's classes.
        train: Products to learn from.
        validation: Products that choose the best epoch.
        parameters: Learning rate, batch size, patience and so on.
        progress: Told after each epoch, and about every second in between.
        checkpoint_folder: Where the state is kept after each epoch; a run of the same fingerprint goes on from there
            and ends with the weights it would have had without the interruption.
        fingerprint: Names data and parameters.

    Returns:
        The curve and the best epoch.

    Raises:
        TrainingDataError: If the loss is not a number from the start.
        JobCancelledError: If `progress` says so; the last whole epoch is then in the checkpoint.
    """
    optimiser = ClassifierOptimiser(model, parameters)
    n_steps = steps_of_an_epoch(len(train), parameters.batch_size)
    average = RunningMean(model, parameters.averaged_epochs, n_steps) if parameters.averaged_epochs else None
    state = FitState()
    if checkpoint_folder is not None:
        load_checkpoint(checkpoint_folder, fingerprint, model, optimiser, state, average)
    adjustments = logit_adjustments(train.class_ids, model.masks, parameters.logit_adjustment)
    loss_of = _training_loss(model, train.class_ids, parameters, adjustments)
    judged = model if average is None else average.module
    while not state.is_over(parameters):
        epoch = len(state.curve)
        torch.manual_seed(parameters.seed * 1_000_003 + epoch + 1)  # an epoch draws the same, also after a restart
        reporter = _EpochReporter(progress, epoch, parameters.max_epochs)
        train_loss = _train_epoch(model, optimiser, train, loss_of, n_steps, reporter, average)
        validated = _validate(judged, tree, validation, parameters.decode, adjustments)
        figures = {"epoch": float(epoch + 1), "train_loss": train_loss, **validated}
        state.add_epoch(figures, judged)
        if checkpoint_folder is not None:
            save_checkpoint(checkpoint_folder, fingerprint, model, optimiser, state, average)
        reporter.finish(figures)
    if not state.best_epoch:
        raise TrainingDataError("Training diverged: the validation loss is not a number.", "Lower lr and train again.")
    model.load_state_dict(state.best_weights)
    return state


def steps_of_an_epoch(n_products: int, batch_size: int) -> int:
    """Number of batches: as many as the batch size asks for, but sixteen or so also where there are few products.

    Args:
        n_products: Products to learn from.
        batch_size: Products of a batch at most.
    """
    size = min(batch_size, max(_SMALLEST_BATCH, n_products // _FEWEST_STEPS))
    return -(-n_products // size)


def _training_loss(
    model: MaskedHierarchicalClassifier,
    class_ids: Tensor,
    parameters: TrainingParameters,
    adjustments: list[Tensor] | None,
) -> _Loss:
    return partial(
        hierarchical_loss,
        masks=model.masks,
        label_smoothing=parameters.label_smoothing,
        class_weights=effective_number_weights(class_ids, model.masks, parameters.class_balance),
        logit_adjustments=adjustments,
    )


def _train_epoch(
    model: MaskedHierarchicalClassifier,
    optimiser: ClassifierOptimiser,
    train: LabelledProducts,
    loss_of: _Loss,
    n_steps: int,
    reporter: "_EpochReporter",
    average: RunningMean | None,
) -> float:
    model.train()
    total = 0.0
    # Batches of nearly equal size: a last batch of one product has no variance to normalise by.
    for step, rows in enumerate(torch.randperm(len(train)).tensor_split(n_steps), 1):
        batch = train.take(rows)
        loss = loss_of(model(batch.features), batch.class_ids)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if average is not None:
            average.follow(model, step)
        total += loss.item() * len(rows)
        reporter.tick()
    return total / len(train)


def _validate(
    model: MaskedHierarchicalClassifier,
    tree: LabelTree,
    validation: LabelledProducts,
    decode: str,
    adjustments: list[Tensor] | None,
) -> dict[str, float]:
    scores = log_conditionals(model, validation.features)
    # Adjusted as in training: what such a model says unadjusted is no likelihood, and would choose an untrained epoch.
    loss = hierarchical_loss(scores, validation.class_ids, model.masks, logit_adjustments=adjustments).item()
    class_ids, _ = DECODERS[decode](scores, model.masks)
    true_paths, paths = (tree.decode_levels(ids.numpy()) for ids in (validation.class_ids, class_ids))
    return {"validation_loss": loss, "validation_hf1": hierarchical_scores(true_paths, paths)[2]}


class _EpochReporter:
    """Tells progress of one epoch, about every second and at its end."""

    def __init__(self, progress: Progress, epoch: int, max_epochs: int) -> None:
        self._progress, self._fraction = progress, epoch / max_epochs
        self._message = f"Training: epoch {epoch + 1} of at most {max_epochs}"
        self._after = (epoch + 1) / max_epochs
        self._last = time.monotonic()

    def tick(self) -> None:
        if time.monotonic() - self._last > _SECONDS_BETWEEN_REPORTS:
            self._progress.report(self._fraction, self._message)
            self._last = time.monotonic()

    def finish(self, figures: dict[str, float]) -> None:
        self._progress.report(self._after, self._message, **figures)
