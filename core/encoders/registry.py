"""Every encoder by name: what it is, whether it can be used here, and how it is loaded.

Light to import. Only the `load_` functions import deep-learning libraries.
"""

import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from core.domain.errors import EncoderUnavailableError
from core.encoders.encoder import ImageEncoder, TextEncoder
from core.encoders.local_weights import find_clip, find_hf_model

Modality = Literal["text", "image", "image and text"]


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """What a person needs to know to choose an encoder.

    `name` of a family holds upper-case placeholders. `size` is what it takes on disk, for people.
    """

    name: str
    modality: Modality
    title: str
    description: str
    licence: str
    needs_download: bool
    size: str


CARDS = (
    EncoderCard(
        "tfidf",
        "text",
        "Words of this catalogue (TF-IDF)",
        "Word and character n-grams of the titles, weighted by rarity and reduced to 256 dimensions. Fitted on this "
        "catalogue in seconds; any language.",
        "none needed",
        False,
        "about 50 MB",
    ),
    EncoderCard(
        "simclr",
        "image",
        "Images of this catalogue (SimCLR)",
        "A small ResNet-18 that learns from this catalogue's images alone, without labels. Trained once, in minutes.",
        "none needed",
        False,
        "45 MB",
    ),
    EncoderCard(
        "clip:MODEL/PRETRAINED",
        "image and text",
        "CLIP (open_clip)",
        "A pretrained model of images and texts: a model with a tag or a weights file, hf-hub:ORG/REPO or "
        "local-dir:FOLDER.",
        "that of the weights",
        True,
        "0.3 to 5 GB",
    ),
    EncoderCard(
        "hf-text:NAME_OR_FOLDER",
        "text",
        "Language model (transformers)",
        "A pretrained text model from the Hugging Face cache or a folder; the mean of its last hidden state.",
        "that of the weights",
        True,
        "0.1 to 2 GB",
    ),
)
_NEEDED_PACKAGES = {"tfidf": ("sklearn",), "simclr": ("torch", "torchvision", "lightly")}


def get_card(name: str) -> EncoderCard:
    """The card of an encoder; one of a family carries the full name.

    Raises:
        EncoderUnavailableError: If there is no such encoder; lists the valid names.
    """
    for card in CARDS:
        family, is_family, _ = card.name.partition(":")
        if name == card.name and not is_family:
            return card
        if is_family and name.startswith(f"{family}:") and len(name) > len(family) + 1:
            return replace(card, name=name)
    raise EncoderUnavailableError(
        f"There is no encoder '{name}'.", f"Choose one of: {', '.join(card.name for card in CARDS)}."
    )


def check_available(name: str) -> None:
    """Make sure, within two seconds and without the network, that an encoder can be used on this machine.

    Raises:
        EncoderUnavailableError: If it is unknown, a package is missing, or its weights are not on this machine.
    """
    get_card(name)
    for package in _NEEDED_PACKAGES.get(name, ()):
        if importlib.util.find_spec(package) is None:
            raise EncoderUnavailableError(
                f"Encoder '{name}' needs the package '{package}', which is not installed.",
                "Install it with `pip install -r requirements.txt`.",
            )
    if name.startswith("clip:"):
        find_clip(name.removeprefix("clip:"))
    if name.startswith("hf-text:"):
        find_hf_model(name.removeprefix("hf-text:"))


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
    if family == "hf-text":
        from core.encoders.hf_text import HfTextEncoder

        return HfTextEncoder.load(name)
    raise _wrong_modality(name, "text")


def load_image_encoder(name: str, folder: Path) -> ImageEncoder:
    """Load an image encoder.

    Args:
        name: As in `CARDS`, placeholders filled.
        folder: Where `simclr` was trained; the others ignore it.

    Raises:
        EncoderUnavailableError: If it is unknown, not of images, not yet trained, or its weights are not at hand.
    """
    check_available(name)
    family = name.partition(":")[0]
    if family == "simclr":
        from core.encoders.simclr import SimclrEncoder

        return SimclrEncoder.load(folder)
    if family == "clip":
        from core.encoders.clip import ClipImageEncoder, ClipModel

        return ClipImageEncoder(ClipModel.load(name))
    raise _wrong_modality(name, "image")


def _wrong_modality(name: str, modality: str) -> EncoderUnavailableError:
    fitting = ", ".join(card.name for card in CARDS if modality in card.modality)
    return EncoderUnavailableError(f"Encoder '{name}' does not encode {modality}s.", f"Choose one of: {fitting}.")
