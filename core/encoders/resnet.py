"""A small ResNet-18 trained on the catalogue itself: the network, its file format and its use.

How it is taught is the business of `core.encoders.simclr` and `core.encoders.aligned`.

Source: He et al. 2016, https://arxiv.org/abs/1512.03385
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from core.domain.arrays import FloatArray
from core.domain.errors import EncoderUnavailableError
from core.domain.progress import Progress
from core.encoders.image_tensors import load_batch, normalise_colours
from core.encoders.torch_device import autocast, default_device
from core.encoders.workers import encode_batches

WEIGHTS_NAME = "weights.safetensors"
CONFIG_NAME = "config.json"
N_DIMENSIONS = 512
_BATCH = 256


class ResnetEncoder:
    """A trained ResNet-18 whose pooled features are the embedding.

    bf16 arithmetic where the processor has it: another machine may differ in the third decimal.

    Args:
        backbone: The network, in evaluation mode on its device.
        config: What it was trained with; `size` is the side of its input in pixels.
        version: Hash of the weights and the input size.
    """

    name: ClassVar[str] = "resnet"
    n_dimensions = N_DIMENSIONS

    def __init__(self, backbone: nn.Module, config: dict[str, Any], version: str) -> None:
        self.config, self.version = config, version
        self._backbone = backbone

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read trained weights. Runs no code from the folder.

        Raises:
            EncoderUnavailableError: If the folder holds no complete trained encoder of this kind.
        """
        try:
            config = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
            if config["encoder"] != cls.name:
                raise ValueError(f"an encoder of kind '{config['encoder']}'")
            version = weights_version(folder / WEIGHTS_NAME, int(config["size"]))
            if version != config["version"]:
                raise ValueError(f"weights are of version {version}, config.json of {config['version']}")
            backbone = build_backbone()
            backbone.load_state_dict(load_file(folder / WEIGHTS_NAME))
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as fault:
            raise EncoderUnavailableError(
                f"Expected a trained image encoder '{cls.name}' in {folder}, got: {fault}.",
                "Train the image encoder on this catalogue.",
            ) from fault
        return cls(backbone.eval().to(default_device()), config, version)

    def encode(self, images: Sequence[Path], progress: Progress) -> FloatArray:
        """Embed image files. Shape: (n_images, 512), L2-normalised.

        Raises:
            ImageError: If a file is missing or is not a picture.
        """
        return encode_batches(images, self._embed, _BATCH, self.n_dimensions, progress)

    def _embed(self, paths: Sequence[Path]) -> FloatArray:
        device = next(self._backbone.parameters()).device
        pixels = load_batch(paths, int(self.config["size"])).to(device)
        with torch.inference_mode(), autocast(device):
            features = self._backbone(normalise_colours(pixels.float() / 255))  # (B, 3, S, S) -> (B, 512)
            return nn.functional.normalize(features.float(), dim=1).cpu().numpy()


def build_backbone() -> nn.Module:
    """ResNet-18 without its classifier, with a 5 x 5 stem for inputs of about 64 px. (B, 3, H, W) -> (B, 512)."""
    network = torchvision.models.resnet18()
    network.conv1 = nn.Conv2d(3, 64, kernel_size=5, stride=2, padding=2, bias=False)
    network.fc = nn.Identity()
    return network.to(memory_format=torch.channels_last)


def kind_of(folder: Path) -> str:
    """Name of the encoder that a folder holds; '' where it holds none."""
    try:
        return str(json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))["encoder"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def weights_version(weights_path: Path, size: int) -> str:
    """Hash of a weights file and the input size."""
    return hashlib.sha256(f"resnet18-5x5:{size}:".encode() + weights_path.read_bytes()).hexdigest()[:16]
