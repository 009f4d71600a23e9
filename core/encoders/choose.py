"""What `auto` stands for: the best encoders whose weights are at hand, and why. Light to import."""

import importlib.metadata
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.encoders.at_hand import encoders_at_hand

AUTO = "auto"
FASHION = "clip:hf-hub:Marqo/marqo-fashionSigLIP"
TAUGHT_BY_TITLES, TYPE_WORDS = "aligned", "tfidf"
ENCODING_BUDGET_S = 600.0
"""A pretrained image encoder may take this long for the whole catalogue: as long as training `aligned` does at most."""
_IMAGES_PER_CORE_S = 40.0
"""Measured with ViT-B/32, in bf16 on one core of a server."""
_COSTS = (
    ("bigg", 120), ("so400m", 50), ("-g-", 66), ("-h-", 38), ("-l-", 18), ("b-32", 1), ("b-16", 4), ("siglip", 4),
    ("rn101", 2), ("rn50-", 2), ("rn50/", 2),
)  # fmt: skip
"""Arithmetic per image of a model's name, ViT-B/32 being 1 (4.4 GFLOP at 224 px)."""
_UNKNOWN_COST = 18


@dataclass(frozen=True, slots=True)
class Choice:
    """The encoders to use; no image encoder where there is no image. `reasons` are sentences for people."""

    image_encoder: str | None
    text_encoder: str
    reasons: tuple[str, ...]


def choose_encoders(
    n_images: int,
    at_hand: Sequence[str] | None = None,
    *,
    n_cores: int | None = None,
    has_gpu: bool | None = None,
) -> Choice:
    """Choose the best encoders that can be used now, without the network.

    Args:
        n_images: Different images in the catalogue.
        at_hand: Full names of the pretrained encoders on this machine; None looks into its caches.
        n_cores: Cores to encode with; None counts them.
        has_gpu: Whether a GPU can be used; None looks.

    Returns:
        The choice with its reasons, at least one for images and one for titles.
    """
    known = encoders_at_hand() if at_hand is None else at_hand
    is_unlimited = _has_gpu() if has_gpu is None else has_gpu
    image_encoder, why_images = _choose_image_encoder(n_images, known, None if is_unlimited else n_cores or _n_cores())
    return Choice(image_encoder, TYPE_WORDS, (*why_images, *_why_type_words(known)))


def max_images(name: str, n_cores: int) -> int:
    """Images that a pretrained encoder can embed within `ENCODING_BUDGET_S` without a GPU, by the measured rate."""
    lowered = name.lower()
    cost = next((cost for part, cost in _COSTS if part in lowered), _UNKNOWN_COST)
    return int(_IMAGES_PER_CORE_S * n_cores * ENCODING_BUDGET_S / cost)


def _choose_image_encoder(n_images: int, known: Sequence[str], n_cores: int | None) -> tuple[str | None, list[str]]:
    """`n_cores` is None where a GPU sets no limit."""
    if n_images == 0:
        return None, ["No product has an image: titles alone decide."]
    pretrained = sorted((name for name in known if name.startswith("clip:")), key=lambda name: (name != FASHION, name))
    reasons = []
    for name in pretrained:
        limit = None if n_cores is None else max_images(name, n_cores)
        if limit is None or n_images <= limit:
            return name, [*reasons, _why_pretrained(name, n_images, limit)]
        reasons.append(
            f"{name} is on this machine, but {n_images:,} images are too many for it on {_cores(n_cores)} without a "
            f"GPU: up to {limit:,} take it {ENCODING_BUDGET_S / 60:.0f} minutes. Choose it by name if you can wait."
        )
    if not pretrained:
        reasons.append("No pretrained CLIP model is on this machine.")
    return TAUGHT_BY_TITLES, [
        *reasons,
        f"{TAUGHT_BY_TITLES} learns from this catalogue's own titles what its images show, and needs no download; of "
        "the encoders without one it finds the purest clusters.",
    ]


def _why_pretrained(name: str, n_images: int, limit: int | None) -> str:
    what = "was taught with fashion products" if name == FASHION else "was taught with millions of pictures and texts"
    if limit is None:
        return f"{name} is on this machine and {what}; with the GPU, {n_images:,} images are soon read."
    return (
        f"{name} is on this machine and {what}; {n_images:,} images are few enough to read without a GPU, where up to "
        f"{limit:,} take {ENCODING_BUDGET_S / 60:.0f} minutes."
    )


def _why_type_words(known: Sequence[str]) -> list[str]:
    reason = (
        f"{TYPE_WORDS} keeps the words of a title that tell one kind of product from another; no other encoder of "
        "product titles has been measured to find purer clusters."
    )
    others = [name for name in known if name == "roberta" or name.startswith("hf-text:")]
    if others:
        reason += f" On this machine, too, and to be chosen by name: {', '.join(others)}."
    return [reason]


def _cores(n_cores: int | None) -> str:
    return "1 core" if n_cores == 1 else f"{n_cores} cores"


def _n_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _has_gpu() -> bool:
    """Whether an Nvidia device is there and torch was not built for the CPU alone. Asking torch would take seconds."""
    try:
        is_cpu_build = importlib.metadata.version("torch").endswith("+cpu")
    except importlib.metadata.PackageNotFoundError:
        return False
    return not is_cpu_build and Path("/dev/nvidia0").exists()
