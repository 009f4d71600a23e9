"""Trains the SimCLR image encoder on a catalogue's images, within a time budget and across interruptions."""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from core.domain.errors import ImageError, JobCancelledError, TooFewProductsError
from core.domain.progress import Progress
from core.encoders.image_tensors import load_batch
from core.encoders.simclr import CONFIG_NAME, WEIGHTS_NAME, SimclrEncoder, weights_version
from core.encoders.simclr_trainer import SimclrOptions, SimclrTrainer
from core.encoders.workers import Workers

CHECKPOINT_NAME = "checkpoint.pt"
CHECKPOINT_EVERY_S = 15.0
MIN_IMAGES = 16
_CACHE_BYTES = 2 * 2**30
_READ_CHUNK = 1024
_CURVE_STEPS = 10


@dataclass(frozen=True, slots=True)
class TrainingLength:
    """When a training ends: with its time, its epochs or, where given, after exactly `max_steps`."""

    budget_s: float
    max_epochs: int
    max_steps: int | None

    def share(self, elapsed_s: float, step: int, steps_per_epoch: int) -> float:
        """Share of the training that is done, in [0, 1]. With `max_steps` the clock plays no part."""
        if self.max_steps is not None:
            return min(1.0, step / self.max_steps)
        return min(1.0, max(elapsed_s / self.budget_s, step / (self.max_epochs * steps_per_epoch)))


def train_simclr(
    image_paths: Sequence[Path],
    folder: Path,
    seed: int,
    budget_s: float,
    progress: Progress,
    *,
    max_epochs: int = 100,
    max_steps: int | None = None,
    options: SimclrOptions | None = None,
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
    options = options or SimclrOptions()
    paths = sorted(set(image_paths), key=lambda path: (path.name, path))
    if len(paths) < MIN_IMAGES:
        raise TooFewProductsError(
            f"Training an image encoder needs at least {MIN_IMAGES} different images, got {len(paths)}.",
            "Import more products with images, or discover with text only.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    length = TrainingLength(budget_s, max_epochs, max_steps)
    with Workers() as workers:
        trainer = SimclrTrainer(len(paths), seed, options, _fingerprint(paths, seed, options), workers)
        trainer.resume(folder / CHECKPOINT_NAME)
        _run(trainer, _open_images(paths, options.canvas, progress), length, folder / CHECKPOINT_NAME, progress)
    _save_encoder(trainer, length, paths, folder)
    return SimclrEncoder.load(folder)


def _run(
    trainer: SimclrTrainer,
    fetch: Callable[[Tensor], Tensor],
    length: TrainingLength,
    checkpoint: Path,
    progress: Progress,
) -> None:
    saved_at = time.monotonic()
    losses: list[float] = []
    while (share := length.share(trainer.elapsed_s, trainer.step, trainer.steps_per_epoch)) < 1:
        started = time.monotonic()
        losses.append(trainer.learn(fetch(trainer.next_batch()), share))
        trainer.elapsed_s += time.monotonic() - started
        if time.monotonic() - saved_at > CHECKPOINT_EVERY_S:
            trainer.save(checkpoint)
            saved_at = time.monotonic()
        try:
            _report(trainer, share, losses, progress)
        except JobCancelledError:
            trainer.save(checkpoint)
            raise


def _report(trainer: SimclrTrainer, share: float, losses: list[float], progress: Progress) -> None:
    message = f"Learning from images, pass {trainer.epoch + 1}"
    if trainer.step % _CURVE_STEPS:
        progress.report(share, message)
        return
    point = {"step": trainer.step, "epoch": trainer.epoch + 1, "loss": sum(losses) / len(losses)}
    losses.clear()
    trainer.curve.append(point)
    progress.report(share, message, **point)


def _open_images(paths: Sequence[Path], canvas: int, progress: Progress) -> Callable[[Tensor], Tensor]:
    """Gives batches by index: from memory where all images fit into 2 GiB, else from their files."""
    if len(paths) * 3 * canvas * canvas > _CACHE_BYTES:
        return lambda indices: load_batch([paths[index] for index in indices.tolist()], canvas)
    images = torch.empty((len(paths), 3, canvas, canvas), dtype=torch.uint8)
    for start in range(0, len(paths), _READ_CHUNK):
        progress.report(0.0, f"Reading images, {start:,} of {len(paths):,}")
        images[start : start + _READ_CHUNK] = load_batch(paths[start : start + _READ_CHUNK], canvas)
    return lambda indices: images[indices]


def _fingerprint(paths: Sequence[Path], seed: int, options: SimclrOptions) -> str:
    digest = hashlib.sha256(json.dumps([seed, asdict(options)]).encode())
    digest.update(_training_set_hash(paths).encode())
    return digest.hexdigest()


def _training_set_hash(paths: Sequence[Path]) -> str:
    """Identity of the images: names and sizes in bytes. Names are content hashes in a workspace."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}:{_n_bytes(path)}\n".encode())
    return digest.hexdigest()[:16]


def _n_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as fault:
        raise ImageError(f"Expected a picture in {path}, got: {fault}.", "Import the image again.") from fault


def _save_encoder(trainer: SimclrTrainer, length: TrainingLength, paths: Sequence[Path], folder: Path) -> None:
    """Weights first, then the configuration that names their version; the checkpoint goes last."""
    weights = {name: tensor.cpu().contiguous() for name, tensor in trainer.network["backbone"].state_dict().items()}
    temporary = folder / f"{WEIGHTS_NAME}.tmp"
    save_file(weights, temporary)
    temporary.replace(folder / WEIGHTS_NAME)
    config = {
        "version": weights_version(folder / WEIGHTS_NAME, trainer.options.size),
        "size": trainer.options.size,
        "seed": trainer.seed,
        "length": asdict(length),
        "options": asdict(trainer.options),
        "n_images": len(paths),
        "training_set": _training_set_hash(paths),
        "epochs": trainer.epoch,
        "steps": trainer.step,
        "elapsed_s": round(trainer.elapsed_s, 1),
        "curve": trainer.curve,
    }
    temporary = folder / f"{CONFIG_NAME}.tmp"
    temporary.write_text(json.dumps(config, indent=1), encoding="utf-8")
    temporary.replace(folder / CONFIG_NAME)
    (folder / CHECKPOINT_NAME).unlink(missing_ok=True)
