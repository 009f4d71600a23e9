"""Image encoder that learns from the catalogue's images alone, by SimCLR. No download, no labels, no titles.

Source: Chen et al. 2020, https://arxiv.org/abs/2002.05709; loss and projection head by Lightly.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

import torch
from lightly.loss import NTXentLoss
from lightly.models.modules.heads import SimCLRProjectionHead
from torch import Tensor, nn

from core.domain.progress import Progress
from core.encoders.image_trainer import ImageTrainer, ImageTrainingOptions
from core.encoders.image_training import TrainingLength, check_enough_images, train_images, training_fingerprint
from core.encoders.resnet import N_DIMENSIONS, ResnetEncoder
from core.encoders.workers import Workers

SIMCLR_OPTIONS = ImageTrainingOptions()


class SimclrEncoder(ResnetEncoder):
    """What `train_simclr` makes."""

    name: ClassVar[str] = "simclr"


class SimclrTrainer(ImageTrainer):
    """Two views of one image are to be alike, and unlike those of all others in the batch."""

    n_views: ClassVar[int] = 2

    def __init__(
        self, n_images: int, seed: int, options: ImageTrainingOptions, fingerprint: str, workers: Workers
    ) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = SimCLRProjectionHead(N_DIMENSIONS, N_DIMENSIONS, 128)
        super().__init__(head, nn.Module(), n_images, seed, options, fingerprint, workers)
        self.contrast = NTXentLoss(options.temperature)

    def loss(self, views: list[Tensor], indices: Tensor) -> Tensor:
        """Contrastive loss of two views. Shapes: (B, 128)."""
        first, second = views
        return self.contrast(first, second)


def train_simclr(
    image_paths: Sequence[Path],
    folder: Path,
    seed: int,
    budget_s: float,
    progress: Progress,
    *,
    max_epochs: int = 100,
    max_steps: int | None = None,
    options: ImageTrainingOptions = SIMCLR_OPTIONS,
) -> SimclrEncoder:
    """Train an image encoder and store it in `folder`.

    With a time budget the number of steps, and so the weights, depend on the machine: the stored weights and the
    encoder's version make a run reproducible, not the budget. With `max_steps` the same images, seed and steps give the
    same weights on the same machine. A training that was cancelled or killed resumes from its last checkpoint when it
    is started again with the same images, seed and options.

    Args:
        image_paths: Image files; order and repetitions do not matter.
        folder: Where checkpoint, weights and configuration go.
        seed: Decides initial weights, order and views.
        budget_s: Seconds of training, without reading the images.
        progress: Hears of every step; `loss` and `epoch` every ten.
        max_epochs: End after so many passes over the images, even if time is left.
        max_steps: End after exactly so many steps, whatever the clock says.
        options: Sizes, optimiser and augmentations.

    Returns:
        The trained encoder, as loaded from `folder`.

    Raises:
        TooFewProductsError: If there are fewer than 16 different images.
        ImageError: If a file is missing or is not a picture.
        JobCancelledError: If `progress` was told to stop; a checkpoint is kept.
    """
    paths = sorted(set(image_paths), key=lambda path: (path.name, path))
    check_enough_images(len(paths))
    fingerprint = training_fingerprint(paths, SimclrEncoder.name, seed, asdict(options))

    def make_trainer(workers: Workers) -> SimclrTrainer:
        return SimclrTrainer(len(paths), seed, options, fingerprint, workers)

    length = TrainingLength(budget_s, max_epochs, max_steps)
    train_images(paths, folder, SimclrEncoder.name, make_trainer, length, progress)
    return SimclrEncoder.load(folder)
