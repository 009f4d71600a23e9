"""Image and text encoders of a pretrained CLIP model, through open_clip, from weights on this machine.

Source: Radford et al. 2021, https://arxiv.org/abs/2103.00020
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Self

import torch
from PIL import Image
from torch import Tensor, nn

from core.domain.arrays import FloatArray
from core.domain.errors import EncoderUnavailableError
from core.domain.progress import Progress
from core.encoders.image_tensors import open_on_white
from core.encoders.local_weights import ClipSource, find_clip, hash_files, stay_offline
from core.encoders.torch_device import default_device, has_bf16
from core.encoders.workers import encode_batches

_IMAGE_BATCH, _TEXT_BATCH = 16, 64


class ClipModel:
    """One loaded CLIP model, shared by its image and its text encoder.

    Args:
        name: Name in the registry, such as `clip:ViT-B-32/openai`.
        network: In evaluation mode on its device.
        preprocess: Turns a Pillow image into the network's input.
        tokenize: Turns texts into token ids. Shape: (n_texts, context_length).
        version: Hash of the weights.
    """

    def __init__(
        self,
        name: str,
        network: nn.Module,
        preprocess: Callable[[Image.Image], Tensor],
        tokenize: Callable[[list[str]], Tensor],
        version: str,
    ) -> None:
        self.name, self.network, self.version = name, network, version
        self.preprocess, self.tokenize = preprocess, tokenize
        self.device = next(network.parameters()).device
        is_half = any(parameter.dtype == torch.bfloat16 for parameter in network.parameters())
        self.dtype = torch.bfloat16 if is_half else torch.float32
        with torch.inference_mode():
            self.n_dimensions = int(network.encode_text(tokenize([""]).to(self.device)).shape[1])

    @classmethod
    def load(cls, name: str) -> Self:
        """Load by registry name.

        Raises:
            EncoderUnavailableError: If the weights are not on this machine, or do not fit the model.
        """
        source = find_clip(name.removeprefix("clip:"))
        stay_offline()
        import open_clip

        try:
            network, _, preprocess = open_clip.create_model_and_transforms(
                source.model,
                pretrained=source.pretrained,
                force_quick_gelu=_needs_quick_gelu(source),
                require_pretrained=True,
                precision="bf16" if has_bf16(default_device()) else "fp32",
                device=default_device(),
            )
            tokenize = open_clip.get_tokenizer(source.model)
        except (OSError, RuntimeError, ValueError, KeyError, TypeError, AssertionError, UnpicklingError) as fault:
            raise EncoderUnavailableError(
                f"Encoder '{name}' could not be loaded: {str(fault)[:300]}",
                "Check that model name and weights belong together and that tokenizer files lie beside the weights.",
            ) from fault
        return cls(name, network.eval(), preprocess, tokenize, hash_files(source.files, source.model))


class ClipImageEncoder:
    """Embeds image files by a CLIP model's image tower."""

    def __init__(self, model: ClipModel) -> None:
        self._model = model
        self.name, self.version, self.n_dimensions = model.name, model.version, model.n_dimensions

    def encode(self, images: Sequence[Path], progress: Progress) -> FloatArray:
        """Embed image files. Shape: (n_images, n_dimensions), L2-normalised.

        Raises:
            ImageError: If a file is missing or is not a picture.
        """
        return encode_batches(images, self._embed, _IMAGE_BATCH, self.n_dimensions, progress)

    def _embed(self, paths: Sequence[Path]) -> FloatArray:
        pixels = torch.stack([self._model.preprocess(open_on_white(path)) for path in paths])
        with torch.inference_mode():
            return _normalised(self._model.network.encode_image(pixels.to(self._model.device, self._model.dtype)))


class ClipTextEncoder:
    """Embeds texts by a CLIP model's text tower; an empty text is the zero vector."""

    def __init__(self, model: ClipModel) -> None:
        self._model = model
        self.name, self.version, self.n_dimensions = model.name, model.version, model.n_dimensions

    def encode(self, texts: Sequence[str], progress: Progress) -> FloatArray:
        """Embed texts. Shape: (n_texts, n_dimensions), L2-normalised."""
        embeddings = encode_batches(texts, self._embed, _TEXT_BATCH, self.n_dimensions, progress)
        embeddings[[not text.strip() for text in texts]] = 0
        return embeddings

    def _embed(self, texts: Sequence[str]) -> FloatArray:
        tokens = self._model.tokenize(list(texts)).to(self._model.device)
        with torch.inference_mode():
            return _normalised(self._model.network.encode_text(tokens))


def _normalised(features: Tensor) -> FloatArray:
    return nn.functional.normalize(features.float(), dim=1).cpu().numpy()


def _needs_quick_gelu(source: ClipSource) -> bool:
    """Some published weights want another activation than their model's default; open_clip only warns of it."""
    import open_clip

    tag = open_clip.get_pretrained_cfg(source.model, source.pretrained) if source.pretrained else {}
    return bool(tag.get("quick_gelu", False))
