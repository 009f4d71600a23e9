"""The encoders of a bundle, loaded, and what they make of the texts of products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from core.classifier.word_path import WORDS
from core.domain.arrays import FloatArray
from core.domain.classified import ProductToClassify
from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.encoder import ImageEncoder, TextEncoder
from core.encoders.resnet import ResnetEncoder, kind_of
from core.encoders.tfidf import TfidfEncoder
from core.encoders.word_ids import word_ids
from core.features.embed import normalise_text

IMAGE = "image"
_TRAINED_KINDS = ("aligned", "simclr")


@dataclass(frozen=True)
class StageEncoders:
    """Text encoders by modality, and the encoder of pictures where the model looks at them."""

    texts: dict[str, TextEncoder]
    image: ImageEncoder | None

    @classmethod
    def load(cls, folders: Mapping[str, str]) -> Self:
        """Load encoders by modality.

        Raises:
            EncoderUnavailableError: If a folder holds no complete encoder.
        """
        texts = {name: TfidfEncoder.load(Path(folder)) for name, folder in folders.items() if name != IMAGE}
        return cls(texts, load_image_encoder(Path(folders[IMAGE])) if IMAGE in folders else None)

    @property
    def modalities(self) -> frozenset[str]:
        """What they can make features of, the words of titles included."""
        names = {*self.texts, *([IMAGE] if self.image is not None else [])}
        return frozenset(names | {WORDS} if "title" in names else names)

    def embed_texts(self, products: Sequence[ProductToClassify]) -> dict[str, FloatArray]:
        """Embeddings of the products' texts and the ids of their titles' words; equal texts are encoded once.

        The same text gives the same features as through the catalogue.

        Returns:
            Modality -> one row per product. Shapes: (n_products, its dimension).
        """
        features: dict[str, FloatArray] = {}
        for name, encoder in self.texts.items():
            texts = [normalise_text(getattr(product, name)) for product in products]
            distinct, rows = _distinct(texts)
            features[name] = encoder.encode(distinct, NullProgress())[rows]
            if name == "title":
                features[WORDS] = word_ids(distinct)[rows]
        return features


def load_image_encoder(folder: Path) -> ImageEncoder:
    """An encoder that was trained on a catalogue.

    What taught it does not matter here, so none of the libraries that teach is loaded.

    Raises:
        EncoderUnavailableError: If the folder holds no complete trained encoder.
    """
    kind = kind_of(folder)
    if kind not in _TRAINED_KINDS:
        raise EncoderUnavailableError(
            f"Expected an image encoder of a kind among {', '.join(_TRAINED_KINDS)} in {folder}, got {kind or 'none'}.",
            "Retrain the classifier.",
        )
    return type("TrainedImages", (ResnetEncoder,), {"name": kind}).load(folder)


def _distinct(texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Each text once, in the order of first occurrence, and which of them each is."""
    places: dict[str, int] = {}
    rows = np.array([places.setdefault(text, len(places)) for text in texts], dtype=np.int64)
    return list(places), rows
