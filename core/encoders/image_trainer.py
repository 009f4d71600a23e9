"""One training of an image encoder as it stands: network, optimiser, position, and how it takes a step.

What is to be learnt is left to the children: `core.encoders.simclr` and `core.encoders.aligned`.
"""

import copy
import math
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import ClassVar
from zipfile import is_zipfile

import torch
from torch import Tensor, nn

from core.encoders.image_tensors import normalise_colours
from core.encoders.resnet import build_backbone
from core.encoders.simclr_augment import AugmentOptions, ViewParameters, render_views, sample_views
from core.encoders.simclr_intensity import MIDDLE
from core.encoders.torch_device import autocast, default_device
from core.encoders.workers import Workers

SMALL_BATCH = 64
STEPS_PER_EPOCH = 40
"""Small sets take small batches, `SMALL_BATCH` at least: within a time budget they need the steps."""


@dataclass(frozen=True, slots=True)
class ImageTrainingOptions:
    """Everything that decides a training, besides images, seed and length.

    Images are kept at `canvas` pixels, views and embeddings are made at `size`. `warmup` is a share of the training.
    """

    size: int = 64
    canvas: int = 80
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    temperature: float = 0.2
    warmup: float = 0.05
    augment: AugmentOptions = MIDDLE


class ImageTrainer:
    """Network, optimiser and position of one training.

    Args:
        head: From pooled features to what the loss compares. (B, 512) -> (B, k).
        judge: What else the loss learns; not part of the encoder.
        n_images: Size of the training set.
        seed: Decides initial weights, order and views.
        options: Sizes, optimiser and augmentations.
        fingerprint: Identity of images, seed and options; a checkpoint of another one is not resumed.
        workers: Each takes a share of every batch through its own replica of the network.
    """

    n_views: ClassVar[int] = 1
    """Random views of an image in one step."""

    def __init__(
        self,
        head: nn.Module,
        judge: nn.Module,
        n_images: int,
        seed: int,
        options: ImageTrainingOptions,
        fingerprint: str,
        workers: Workers,
    ) -> None:
        self.n_images, self.seed, self.options, self.fingerprint = n_images, seed, options, fingerprint
        self.batch_size = min(options.batch_size, n_images, max(SMALL_BATCH, n_images // STEPS_PER_EPOCH))
        self.steps_per_epoch = n_images // self.batch_size
        self.step, self.elapsed_s = 0, 0.0
        self.curve: list[dict[str, float]] = []
        self.device = default_device()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = nn.ModuleDict({"backbone": build_backbone(), "head": head}).to(self.device)
        self.judge = judge.to(self.device)
        self.generator = torch.Generator().manual_seed(seed)
        parameters = [*self.network.parameters(), *self.judge.parameters()]
        self.optimizer = torch.optim.AdamW(parameters, weight_decay=options.weight_decay, fused=True)
        self.workers = workers
        n_replicas = workers.count if self.device.type == "cpu" else 1
        self.network.train()
        self.replicas = [self.network, *(share_weights(self.network) for _ in range(n_replicas - 1))]

    def loss(self, views: list[Tensor], indices: Tensor) -> Tensor:
        """What the training lowers.

        Args:
            views: Output of the head for each view of every image. Shapes: (B, k).
            indices: Which images they are. Shape: (B,).
        """
        raise NotImplementedError

    @property
    def epoch(self) -> int:
        """Passes over the images that are complete."""
        return self.step // self.steps_per_epoch

    def next_batch(self) -> Tensor:
        """Indices of the images of the coming step. Shape: (batch_size,)."""
        shuffler = torch.Generator().manual_seed(1_000_003 * self.seed + self.epoch)
        order = torch.randperm(self.n_images, generator=shuffler)
        start = self.step % self.steps_per_epoch * self.batch_size
        return order[start : start + self.batch_size]

    def learn(self, indices: Tensor, images: Tensor, share: float) -> float:
        """Take one step.

        Args:
            indices: Which images they are. Shape: (batch_size,).
            images: Colours from 0 to 255. Shape: (batch_size, 3, canvas, canvas), uint8.
            share: Share of the training that is done; decides the learning rate.

        Returns:
            The loss before the step.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.learning_rate * learning_rate_share(share, self.options.warmup)
        chunks = images.chunk(len(self.replicas))
        loss = self._accumulate([(chunk, self._sample(len(chunk), chunk.shape[-1])) for chunk in chunks], indices)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return loss

    def save(self, path: Path) -> None:
        """Write a checkpoint by a temporary file and a rename."""
        state = {
            "fingerprint": self.fingerprint,
            "network": self.network.state_dict(),
            "judge": self.judge.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "step": self.step,
            "elapsed_s": self.elapsed_s,
            "curve": self.curve,
        }
        temporary = path.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(path)

    def resume(self, path: Path) -> bool:
        """Continue from a checkpoint of the same images, seed and options. Says whether there was one."""
        if not is_zipfile(path):
            return False
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
        except (OSError, RuntimeError, UnpicklingError):
            return False
        if state.get("fingerprint") != self.fingerprint:
            return False
        self.network.load_state_dict(state["network"])
        self.judge.load_state_dict(state["judge"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"].cpu())
        self.step, self.elapsed_s, self.curve = state["step"], state["elapsed_s"], state["curve"]
        return True

    def _accumulate(self, chunks: list[tuple[Tensor, list[ViewParameters]]], indices: Tensor) -> float:
        """Leave the gradient of the whole batch in `network` and `judge`, each replica doing its chunk."""
        outputs = self.workers.run(self._forward, zip(self.replicas, chunks, strict=False))
        leaves = [part.detach().requires_grad_() for part in outputs]
        by_view = [torch.cat(views) for views in zip(*(leaf.chunk(self.n_views) for leaf in leaves), strict=True)]
        loss = self.loss(by_view, indices)
        loss.backward()
        self.workers.run(lambda pair: pair[0].backward(pair[1].grad), zip(outputs, leaves, strict=True))
        self._gather_gradients()
        return float(loss.detach())

    def _sample(self, n_images: int, side: int) -> list[ViewParameters]:
        return [sample_views(n_images, side, self.options.augment, self.generator) for _ in range(self.n_views)]

    def _forward(self, work: tuple[nn.ModuleDict, tuple[Tensor, list[ViewParameters]]]) -> Tensor:
        """Views of each image through one replica: (B, 3, canvas, canvas) -> (n_views * B, k), by view."""
        network, (images, views) = work
        colours = images.to(self.device).float() / 255
        rendered = torch.cat([render_views(colours, view, self.options.size) for view in views])
        with autocast(self.device):
            return network["head"](network["backbone"](normalise_colours(rendered))).float()

    def _gather_gradients(self) -> None:
        for replica in self.replicas[1:]:
            for shared, own in zip(self.network.parameters(), replica.parameters(), strict=True):
                if own.grad is not None:
                    shared.grad.add_(own.grad)
                    own.grad = None


def share_weights(network: nn.Module) -> nn.Module:
    """A copy whose parameters are the same memory as the original's, with gradients and buffers of its own."""
    replica = copy.deepcopy(network)
    for original, copied in zip(network.parameters(), replica.parameters(), strict=True):
        copied.data = original.data
    return replica


def learning_rate_share(share: float, warmup: float) -> float:
    """Learning rate as a share of its peak: a linear rise over `warmup`, then a cosine down to 0 at share 1."""
    if share < warmup:
        return max(share / warmup, 0.01)
    return 0.5 * (1 + math.cos(math.pi * (share - warmup) / (1 - warmup)))
