"""Encoders for the speed benchmark: real architectures, the product's own loading, random weights where none are free.

How fast a network computes does not depend on the values of its weights.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from bench.peers import minilm_folder
from core.domain.progress import NullProgress
from core.encoders.registry import load_image_encoder, load_text_encoder

SEED = 0
THUMB_SIDE = 256
RESNET_SIDE = 64
TITLE_WORDS = (
    ("Arden", "Blackmoor", "Corvi", "Delmar", "Estrel", "Fjord & Co", "Galway", "Harrow"),
    ("Men", "Women", "Boys", "Girls", "Unisex"),
    ("Black", "Navy Blue", "White", "Olive Green", "Grey Melange", "Pink", "Brown"),
    ("Printed", "Solid", "Striped", "Leather", "Cotton", "Suede", "Slim Fit", "Round Neck"),
    ("Casual", "Formal", "Sports", "Running", "Classic"),
    (
        "Shoes",
        "Sandals",
        "Sneakers",
        "Backpack",
        "Handbag",
        "Wallet",
        "Shirt",
        "Trousers",
        "Jeans",
        "Watch",
        "Necklace",
    ),
)
"""A title takes one of each, in this order."""
Builder = Callable[[Path], Any]


def write_pictures(folder: Path, count: int) -> list[Path]:
    """Draw smooth coloured pictures as large as the workspace's thumbnails, and in their format."""
    generator = np.random.default_rng(SEED)
    paths = [folder / f"{index}.webp" for index in range(count)]
    for path in paths:
        colours = generator.integers(0, 256, (12, 12, 3), dtype=np.uint8)
        picture = Image.fromarray(colours).resize((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BICUBIC)
        picture.save(path, quality=80)
    return paths


def write_titles(count: int) -> list[str]:
    """Titles of six words and more, as shops write them."""
    generator = np.random.default_rng(SEED)
    return [" ".join(str(generator.choice(words)) for words in TITLE_WORDS) for _ in range(count)]


def builders(titles: Sequence[str]) -> dict[str, tuple[str, Builder]]:
    """Encoder's name → what it reads, titles or images, and how it is made in a folder of its own.

    Args:
        titles: What the text encoders are fitted on, and their tokenizers taught by.
    """
    made: dict[str, tuple[str, Builder]] = {
        "tfidf": ("title", lambda _: _tfidf(titles)),
        "simclr": ("image", lambda _: _trained_here("simclr", "SimclrEncoder")),
        "aligned": ("image", lambda _: _trained_here("aligned", "AlignedEncoder")),
        "clip:ViT-B-32 (image)": ("image", lambda folder: load_image_encoder(_clip(folder), folder)),
        "clip:ViT-B-32 (text)": ("title", lambda folder: load_text_encoder(_clip(folder), folder)),
        "vit (ViT-B/16)": ("image", _vit),
        "timm:resnet50": ("image", lambda folder: _timm("resnet50", folder)),
        "timm:vgg16": ("image", lambda folder: _timm("vgg16", folder)),
        "roberta (base)": ("title", lambda folder: _roberta(folder, titles)),
        "hf-text:all-MiniLM-L6-v2": ("title", lambda folder: load_text_encoder(f"hf-text:{minilm_folder()}", folder)),
    }
    return {name: (reads, _seeded(build)) for name, (reads, build) in made.items()}


def _seeded(build: Builder) -> Builder:
    def built(folder: Path) -> Any:
        torch.manual_seed(SEED)
        return build(folder)

    return built


def _tfidf(titles: Sequence[str]) -> Any:
    from core.encoders.tfidf import TfidfEncoder

    return TfidfEncoder.fit(titles, NullProgress())


def _trained_here(module: str, name: str) -> Any:
    """An encoder that the catalogue teaches, before it was taught anything."""
    from importlib import import_module

    from core.encoders.resnet import build_backbone
    from core.encoders.torch_device import default_device

    network = build_backbone().eval().to(default_device())
    return getattr(import_module(f"core.encoders.{module}"), name)(network, {"size": RESNET_SIDE}, "untaught")


def _clip(folder: Path) -> str:
    import open_clip
    from safetensors.torch import save_file

    weights = folder / "clip.safetensors"
    save_file(open_clip.create_model("ViT-B-32", pretrained=None).state_dict(), weights)
    return f"clip:ViT-B-32/{weights}"


def _vit(folder: Path) -> Any:
    from transformers import ViTConfig, ViTImageProcessor, ViTModel

    ViTModel(ViTConfig()).save_pretrained(folder)
    ViTImageProcessor().save_pretrained(folder)
    return load_image_encoder(f"vit:{folder}", folder)


def _timm(name: str, folder: Path) -> Any:
    import timm
    from safetensors.torch import save_file

    weights = folder / f"{name}.safetensors"
    save_file(timm.create_model(name, pretrained=False).state_dict(), weights)
    return load_image_encoder(f"timm:{name}@{weights}", folder)


def _roberta(folder: Path, titles: Sequence[str]) -> Any:
    """RoBERTa-base with a tokenizer taught by the titles, which cuts most of their words into one or two pieces."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaConfig, RobertaModel, RobertaTokenizerFast

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    cutter = ByteLevelBPETokenizer()
    cutter.train_from_iterator(titles, vocab_size=400, special_tokens=special, show_progress=False)
    cutter.save(str(folder / "cutter.json"))
    RobertaTokenizerFast(tokenizer_file=str(folder / "cutter.json"), model_max_length=512).save_pretrained(folder)
    config = RobertaConfig(vocab_size=50265, max_position_embeddings=514, type_vocab_size=1)
    RobertaModel(config).save_pretrained(folder)
    return load_text_encoder(f"roberta:{folder}", folder)
