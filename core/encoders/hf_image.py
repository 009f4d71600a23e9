"""Image encoder of any transformers vision model, from weights on this machine.

Serves `hf-image:NAME_OR_FOLDER` (pooled output, or the mean of the patches) and `vit` (the class token, to be reduced
to 90 % of its variance in the catalogue by `core.encoders.variance_pca`).

Source: Dosovitskiy et al. 2021, https://arxiv.org/abs/2010.11929
"""

from typing import Any, Self

import torch
from PIL import Image
from torch import Tensor

from core.domain.errors import EncoderUnavailableError
from core.encoders.hf_loading import load_hf_model
from core.encoders.local_weights import find_image_model, hash_files, stay_offline
from core.encoders.picture_encoder import PictureEncoder
from core.encoders.torch_device import autocast, default_device


class HfImageEncoder(PictureEncoder):
    """Embeds image files by a transformers vision model. Made by `load`.

    Args:
        name: Name in the registry, such as `hf-image:facebook/dinov2-small`.
        network: In evaluation mode on its device.
        processor: Sizes and colours of the same model.
        version: Hash of weights, processor and pooling.
        takes_class_token: Whether the class token alone is the embedding.
    """

    def __init__(self, name: str, network: Any, processor: Any, version: str, takes_class_token: bool) -> None:
        self.name, self.version = name, version
        self._network, self._processor, self._takes_class_token = network, processor, takes_class_token
        self.n_dimensions = self._forward([Image.new("RGB", (64, 64), "white")]).shape[1]

    @classmethod
    def load(cls, name: str) -> Self:
        """Load by registry name. Runs no code from the model's folder.

        Raises:
            EncoderUnavailableError: If the model is not on this machine, cannot be read, or is not one of images.
        """
        folder = find_image_model(name)
        stay_offline()
        from transformers import AutoImageProcessor

        processor, network = load_hf_model(name, folder, AutoImageProcessor)
        takes_class_token = name.partition(":")[0] == "vit"
        files = [file for file in folder.iterdir() if file.is_file()]
        version = hash_files(files, takes_class_token)
        try:
            return cls(name, network.to(default_device()), processor, version, takes_class_token)
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError) as fault:
            raise EncoderUnavailableError(
                f"Encoder '{name}' could not embed an image: {str(fault)[:300]}", "Choose a model of images."
            ) from fault

    def _forward(self, pictures: list[Image.Image]) -> Tensor:
        """One embedding per picture, not normalised. Shape: (B, C)."""
        device = self._network.device
        pixels = self._processor(images=pictures, return_tensors="pt")["pixel_values"].to(device)
        with torch.inference_mode(), autocast(device):
            if hasattr(self._network, "get_image_features"):  # a model of images and texts
                found = self._network.get_image_features(pixel_values=pixels)
                return getattr(found, "pooler_output", found).float()
            return self._pool(self._network(pixel_values=pixels), pixels).float()

    def _pool(self, output: Any, pixels: Tensor) -> Tensor:
        hidden = output.last_hidden_state
        if self._takes_class_token:
            return hidden[:, 0]  # (B, L, C) -> (B, C)
        pooled = getattr(output, "pooler_output", None)
        if pooled is not None and self._network.has_trained_pooler:
            return pooled.flatten(1)  # (B, C) or (B, C, 1, 1) -> (B, C)
        if hidden.dim() == 4:
            return hidden.mean(dim=(2, 3))  # (B, C, H, W) -> (B, C)
        return hidden[:, -self._n_patches(pixels, hidden.shape[1]) :].mean(dim=1)  # (B, L, C) -> (B, C)

    def _n_patches(self, pixels: Tensor, n_tokens: int) -> int:
        """Tokens that stand for patches: the last ones, after class, register and distillation tokens."""
        size = getattr(self._network.config, "patch_size", None)
        if size is None:
            return n_tokens
        height, width = (size, size) if isinstance(size, int) else size
        n_patches = (pixels.shape[2] // height) * (pixels.shape[3] // width)
        return n_patches if n_patches <= n_tokens else n_tokens  # a hierarchy merges patches
