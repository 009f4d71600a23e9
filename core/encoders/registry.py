"""Every encoder by name: what it is, whether it can be used here, and how it is loaded.

Light to import. Only the `load_` functions import deep-learning libraries.
"""

import importlib.util
from pathlib import Path

from core.domain.errors import EncoderUnavailableError
from core.encoders.cards import CARDS, EncoderCard, find_card
from core.encoders.encoder import ImageEncoder, TextEncoder
from core.encoders.local_timm import find_timm
from core.encoders.local_weights import find_clip, find_image_model, find_text_model

__all__ = ["CARDS", "EncoderCard", "check_available", "get_card", "load_image_encoder", "load_text_encoder"]

_TRAINING_PACKAGES = ("torch", "torchvision", "lightly")
_NEEDED_PACKAGES = {
    "tfidf": ("sklearn",),
    "simclr": _TRAINING_PACKAGES,
    "aligned": _TRAINING_PACKAGES,
    "clip": ("open_clip",),
    "timm": ("timm",),
    "vit": ("transformers", "sklearn"),
    "roberta": ("transformers",),
    "hf-image": ("transformers",),
    "hf-text": ("transformers",),
}


def get_card(name: str) -> EncoderCard:
    """The card of an encoder; one of a family carries the full name.

    Raises:
        EncoderUnavailableError: If there is no such encoder; lists the valid names.
    """
    return find_card(name)


def check_available(name: str) -> None:
    """Make sure, within two seconds and without the network, that an encoder can be used on this machine.

    One that learns from the catalogue is available before it is trained: training is what its first use does.

    Raises:
        EncoderUnavailableError: If it is unknown, a package is missing, or its weights are not on this machine.
    """
    family = get_card(name).family
    for package in _NEEDED_PACKAGES.get(family, ()):
        if importlib.util.find_spec(package) is None:
            raise EncoderUnavailableError(
                f"Encoder '{name}' needs the package '{package}', which is not installed.",
                "Install it with `pip install -r requirements.txt`.",
            )
    if family == "clip":
        find_clip(name.removeprefix("clip:"))
    elif family == "timm":
        find_timm(name.removeprefix("timm:"))
    elif family in ("roberta", "hf-text"):
        find_text_model(name)
    elif family in ("vit", "hf-image"):
        find_image_model(name)


def load_text_encoder(name: str, folder: Path) -> TextEncoder:
    """Load a text encoder.

    Args:
        name: As in `CARDS`, placeholders filled.
        folder: Where `tfidf` was saved after its fit; the others ignore it.

    Raises:
        EncoderUnavailableError: If it is unknown, not of texts, not yet fitted, or its weights are not at hand.
    """
    check_available(name)
    family = name.partition(":")[0]
    if family == "tfidf":
        from core.encoders.tfidf import TfidfEncoder

        return TfidfEncoder.load(folder)
    if family == "clip":
        from core.encoders.clip import ClipModel, ClipTextEncoder

        return ClipTextEncoder(ClipModel.load(name))
    if family in ("roberta", "hf-text"):
        from core.encoders.hf_text import HfTextEncoder

        return HfTextEncoder.load(name)
    raise _wrong_modality(name, "text")


def load_image_encoder(name: str, folder: Path) -> ImageEncoder:
    """Load an image encoder. `vit` comes without its PCA: see `core.encoders.variance_pca`.

    Args:
        name: As in `CARDS`, placeholders filled.
        folder: Where `simclr` or `aligned` was trained; the others ignore it.

    Raises:
        EncoderUnavailableError: If it is unknown, not of images, not yet trained, or its weights are not at hand.
    """
    check_available(name)
    family = name.partition(":")[0]
    if family == "simclr":
        from core.encoders.simclr import SimclrEncoder

        return SimclrEncoder.load(folder)
    if family == "aligned":
        from core.encoders.aligned import AlignedEncoder

        return AlignedEncoder.load(folder)
    if family == "clip":
        from core.encoders.clip import ClipImageEncoder, ClipModel

        return ClipImageEncoder(ClipModel.load(name))
    if family in ("vit", "hf-image"):
        from core.encoders.hf_image import HfImageEncoder

        return HfImageEncoder.load(name)
    if family == "timm":
        from core.encoders.timm_image import TimmImageEncoder

        return TimmImageEncoder.load(name)
    raise _wrong_modality(name, "image")


def _wrong_modality(name: str, modality: str) -> EncoderUnavailableError:
    fitting = ", ".join(card.name for card in CARDS if modality in card.modality)
    return EncoderUnavailableError(f"Encoder '{name}' does not encode {modality}s.", f"Choose one of: {fitting}.")
