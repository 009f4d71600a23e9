"""Trains an image encoder on a catalogue's images, within a time budget and across interruptions."""

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
from core.domain.modality import MIN_IMAGES
from core.domain.progress import Progress
from core.encoders.image_tensors import load_batch
from core.encoders.image_trainer import ImageTrainer
from core.encoders.resnet import CONFIG_NAME, WEIGHTS_NAME, weights_version
from core.encoders.workers import Workers

CHECKPOINT_NAME = "checkpoint.pt"
CHECKPOINT_EVERY_S = 15.0
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


def train_images(
    image_paths: Sequence[Path],
    folder: Path,
    name: str,
    make_trainer: Callable[[Workers], ImageTrainer],
    length: TrainingLength,
    progress: Progress,
) -> None:
    """Run a training to its end, or on from its checkpoint, and store the encoder in `folder`.

    Args:
        image_paths: Image files, in the order that the trainer's indices mean.
        folder: Where checkpoint, weights and configuration go.
        name: Kind of the encoder, kept in its configuration.
        make_trainer: Makes the trainer at its start.
        length: When it ends.
        progress: Hears of every step; `loss` and `epoch` every ten.

    Raises:
        ImageError: If a file is missing or is not a picture.
        JobCancelledError: If `progress` was told to stop; a checkpoint is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Workers() as workers:
        trainer = make_trainer(workers)
        trainer.resume(folder / CHECKPOINT_NAME)
        fetch = _open_images(image_paths, trainer.options.canvas, progress)
        _run(trainer, fetch, length, folder / CHECKPOINT_NAME, progress)
    _save_encoder(trainer, name, length, image_paths, folder)


def check_enough_images(n_images: int) -> None:
    """Refuse to train on next to nothing.

    Raises:
        TooFewProductsError: Below `MIN_IMAGES`.
    """
    if n_images < MIN_IMAGES:
        raise TooFewProductsError(
            f"Training an image encoder needs at least {MIN_IMAGES} different images, got {n_images}.",
            "Import more products with images, or discover with text only.",
        )


def training_fingerprint(image_paths: Sequence[Path], *decisive: object) -> str:
    """Identity of a training: its images, and whatever else decides its outcome."""
    digest = hashlib.sha256(json.dumps(decisive).encode())
    digest.update(_training_set_hash(image_paths).encode())
    return digest.hexdigest()


def _run(
    trainer: ImageTrainer,
    fetch: Callable[[Tensor], Tensor],
    length: TrainingLength,
    checkpoint: Path,
    progress: Progress,
) -> None:
    saved_at = time.monotonic()
    losses: list[float] = []
    while (share := length.share(trainer.elapsed_s, trainer.step, trainer.steps_per_epoch)) < 1:
        started = time.monotonic()
        indices = trainer.next_batch()
        losses.append(trainer.learn(indices, fetch(indices), share))
        trainer.elapsed_s += time.monotonic() - started
        if time.monotonic() - saved_at > CHECKPOINT_EVERY_S:
            trainer.save(checkpoint)
            saved_at = time.monotonic()
        try:
            _report(trainer, share, losses, progress)
        except JobCancelledError:
            trainer.save(checkpoint)
            raise


def _report(trainer: ImageTrainer, share: float, losses: list[float], progress: Progress) -> None:
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


def _save_encoder(
    trainer: ImageTrainer, name: str, length: TrainingLength, paths: Sequence[Path], folder: Path
) -> None:
    """Weights first, then the configuration that names their version; the checkpoint goes last."""
    weights = {name: tensor.cpu().contiguous() for name, tensor in trainer.network["backbone"].state_dict().items()}
    temporary = folder / f"{WEIGHTS_NAME}.tmp"
    save_file(weights, temporary)
    temporary.replace(folder / WEIGHTS_NAME)
    config = {
        "encoder": name,
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
