"""Image encoder of any timm model, from weights on this machine: its features before the classifier.

Source: Wightman 2019, https://github.com/huggingface/pytorch-image-models
"""

from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Self

import torch
from PIL import Image
from torch import Tensor, nn

from core.domain.errors import EncoderUnavailableError
from core.encoders.local_timm import TimmSource, find_timm
from core.encoders.local_weights import hash_files, stay_offline
from core.encoders.picture_encoder import PictureEncoder
from core.encoders.torch_device import autocast, default_device

_FAULTS = (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, AssertionError, UnpicklingError)


class TimmImageEncoder(PictureEncoder):
    """Embeds image files by a timm model. Made by `load`.

    Args:
        name: Name in the registry, such as `timm:resnet50`.
        network: Without its classifier, in evaluation mode on its device.
        preprocess: Turns a Pillow image into the network's input, as the weights were evaluated.
        version: Hash of the weights.
    """

    def __init__(
        self, name: str, network: nn.Module, preprocess: Callable[[Image.Image], Tensor], version: str
    ) -> None:
        self.name, self.version = name, version
        self._network, self._preprocess = network, preprocess
        self._device = next(network.parameters()).device
        self.n_dimensions = self._forward([Image.new("RGB", (64, 64), "white")]).shape[1]

    @classmethod
    def load(cls, name: str) -> Self:
        """Load by registry name. Runs no code from the weights.

        Raises:
            EncoderUnavailableError: If the weights are not on this machine, or are not all of this model's.
        """
        source = find_timm(name.removeprefix("timm:"))
        stay_offline()
        import timm

        try:
            network = _build(source)
            config = timm.data.resolve_model_data_config(network)
            preprocess = timm.data.create_transform(**config, is_training=False)
            network = network.eval().to(default_device())
            return cls(name, network, preprocess, hash_files(source.files, source.file and source.model))
        except _FAULTS as fault:
            raise EncoderUnavailableError(
                f"Encoder '{name}' could not be loaded: {str(fault)[:300]}",
                "Check that model name and weights belong together; `timm:NAME@FILE` names both.",
            ) from fault

    def _forward(self, pictures: list[Image.Image]) -> Tensor:
        """One embedding per picture, not normalised. Shape: (B, C)."""
        pixels = torch.stack([self._preprocess(picture) for picture in pictures]).to(self._device)
        with torch.inference_mode(), autocast(self._device):
            return self._network(pixels).float()


def _build(source: TimmSource) -> Any:
    """The network with its weights and without its classifier.

    timm leaves what a file lacks at random values as soon as the number of classes differs from the weights' own. So
    the model is built with as many classes as the file has, which makes timm insist on every tensor, and is cut
    afterwards.
    """
    import timm

    if source.file is None:
        network = timm.create_model(source.model, pretrained=True)
    else:
        own = timm.get_pretrained_cfg(source.model, allow_unregistered=False)
        n_classes = [own.num_classes if own else 1000, _n_classes(source.file, own and own.classifier)]
        network = _first_that_fits(source, n_classes)
    network.reset_classifier(0)
    return network


def _first_that_fits(source: TimmSource, n_classes: list[int]) -> Any:
    import timm

    for count in dict.fromkeys(n_classes):
        overlay = {"file": str(source.file), "num_classes": count}
        try:
            return timm.create_model(source.model, pretrained=True, num_classes=count, pretrained_cfg_overlay=overlay)
        except RuntimeError as fault:
            mismatch = fault
    raise mismatch


def _n_classes(file: Path, classifier: Any) -> int:
    """Classes of a weights file, by the shape of its classifier; 0 where it has none."""
    from timm.models import load_state_dict

    weight = load_state_dict(str(file)).get(f"{classifier}.weight") if file.suffix != ".npz" else None
    return 0 if weight is None else int(weight.shape[0])
