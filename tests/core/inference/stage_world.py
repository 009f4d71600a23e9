"""A bundle small enough to make in seconds: texts that say the kind of product, pictures that show its colour."""

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from core.classifier.artefact import save_classifier
from core.classifier.parameters import TrainingParameters
from core.classifier.training import train_classifier
from core.domain.classified import ProductToClassify
from core.domain.progress import NullProgress
from core.encoders.resnet import CONFIG_NAME, WEIGHTS_NAME, build_backbone, weights_version
from core.encoders.tfidf import TfidfEncoder, TfidfParameters
from core.inference.bundle import ModelBundle
from core.inference.pictures import PictureEmbeddings
from core.inference.stage_encoders import StageEncoders
from core.inference.stopwatch import Stopwatch

KINDS = {
    "leather boot": ("shoes", "boots"), "suede heel": ("shoes", "heels"), "canvas bag": ("bags",),
}  # fmt: skip
COLOURS = {"leather boot": (150, 40, 40), "suede heel": (40, 150, 40), "canvas bag": (40, 40, 150)}
NODE_PATHS = {"shoes": ("Shoes",), "boots": ("Shoes", "Boots"), "heels": ("Shoes", "Heels"), "bags": ("Bags",)}
N_PRODUCTS = 90
WIDTHS = {"modality_width": 16, "shared_width": 16, "level_width": 16}


@dataclass(frozen=True)
class World:
    """A bundle, the products that taught it with their true paths, and their pictures by name."""

    bundle: ModelBundle
    products: list[ProductToClassify]
    paths: list[tuple[str, ...]]
    pictures: dict[str, bytes]

    def read(self, refs):
        """What a source of pictures does."""
        return [self.pictures.get(ref, f"no picture '{ref}'") for ref in refs]


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> World:
    """Made once: no test writes to it."""
    home = tmp_path_factory.mktemp("stages")
    rng = np.random.default_rng(0)
    kinds = [list(KINDS)[row % 3] for row in range(N_PRODUCTS)]
    products = [
        ProductToClassify(row + 1, f"p{row + 1}", f"{kind} {rng.integers(20)}", f"brand {rng.integers(4)}",
                          f"a {kind.split()[1]} of number {rng.integers(9)}", f"{row}.png")
        for row, kind in enumerate(kinds)
    ]  # fmt: skip
    pictures = {f"{row}.png": draw(COLOURS[kind], rng) for row, kind in enumerate(kinds)}
    folders = {name: str(home / "encoders" / name) for name in ("title", "brand", "description", "image")}
    for name in ("title", "brand", "description"):
        texts = [getattr(product, name) for product in products]
        TfidfEncoder.fit(texts, NullProgress(), TfidfParameters(n_dimensions=8)).save(Path(folders[name]))
    save_image_encoder(Path(folders["image"]))
    features = StageEncoders.load(folders).embed_texts(products)
    paths = [KINDS[kind] for kind in kinds]
    parameters = TrainingParameters(max_epochs=12, batch_size=16, **WIDTHS)
    save_classifier(home / "text", train_classifier(features, paths, parameters=parameters))
    features["image"] = embed_pictures(folders, pictures, [product.image_ref for product in products])
    save_classifier(home / "full", train_classifier(features, paths, parameters=parameters))
    bundle = ModelBundle(7, 3, str(home / "full"), str(home / "text"), folders, 0.5, 0.0, dict(NODE_PATHS))
    return World(bundle, products, paths, pictures)


def draw(colour, rng) -> bytes:
    """A coloured shape on white, never the same twice."""
    pixels = np.full((48, 40, 3), 255, np.uint8)
    pixels[8:40, 6:34] = np.clip(np.array(colour) + rng.integers(-30, 30, (32, 28, 3)), 0, 255)
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def save_image_encoder(folder: Path) -> None:
    """One that never learned: random weights tell colours apart well enough."""
    folder.mkdir(parents=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        save_file({name: value.contiguous() for name, value in build_backbone().state_dict().items()},
                  folder / WEIGHTS_NAME)  # fmt: skip
    config = {"encoder": "aligned", "size": 32, "version": weights_version(folder / WEIGHTS_NAME, 32)}
    (folder / CONFIG_NAME).write_text(json.dumps(config), encoding="utf-8")


def embed_pictures(folders, pictures, refs):
    """Embeddings of pictures by the encoder in a folder."""
    encoder = StageEncoders.load({"image": folders["image"]}).image
    return PictureEmbeddings(encoder, lambda wanted: [pictures[ref] for ref in wanted], Stopwatch()).embed(refs)[0]
