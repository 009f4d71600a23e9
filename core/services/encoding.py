"""Encoders of a workspace: fitted once on its catalogue, kept by version, and the embeddings they give. Worker only.

Layout: `encoders/<modality>/<version>/` holds a fitted encoder, `encoders/<modality>/current.json` names the one in
use; of images, `encoders/image/current-<encoder>.json`, and `encoders/image/training-<encoder>/` is an unfinished
training. Old versions stay: a trained classifier speaks theirs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.classifier.word_path import WORDS
from core.domain.arrays import FloatArray
from core.domain.errors import EncoderUnavailableError
from core.domain.modality import MIN_DESCRIBED, MODALITIES
from core.domain.product import Product
from core.domain.progress import Progress, SpanProgress
from core.domain.workspace import Workspace
from core.encoders.tfidf import BRANDS, TITLES, TfidfEncoder
from core.encoders.word_ids import word_ids
from core.features.embed import embed_texts
from core.services import fitted_files
from core.services.context import Context
from core.services.image_encoders import embed_product_images, embedded_image_encoder, load_trained
from db.repositories import products as product_rows

TEXT_PARAMETERS = {"title": TITLES, "brand": BRANDS, "description": BRANDS}


@dataclass(frozen=True)
class Encoders:
    """The fitted encoder of each modality that the catalogue has."""

    by_modality: dict[str, Any]

    @property
    def versions(self) -> dict[str, str]:
        """Modality → version: enough to load the same encoders again."""
        return {name: encoder.version for name, encoder in self.by_modality.items()}


def encode_catalogue(context: Context, progress: Progress) -> dict[str, int]:
    """Fit what encoders are missing and embed every product; what is there already is not computed again.

    Returns:
        Products embedded per modality.
    """
    with context.database.read() as session:
        catalogue = product_rows.all_products(session)
    encoders = prepare_encoders(context, catalogue, SpanProgress(progress, 0.0, 0.7))
    features = embed_products(context, encoders, catalogue, SpanProgress(progress, 0.7, 1.0))
    return {name: int(np.any(rows, axis=1).sum()) for name, rows in features.items()}


def prepare_encoders(
    context: Context, catalogue: Sequence[Product], progress: Progress, modalities: Collection[str] = MODALITIES
) -> Encoders:
    """The workspace's encoders, fitted on the catalogue where they are missing or it has grown much since.

    Args:
        context: The open workspace.
        catalogue: All products.
        progress: Told of fitting; a cancelled training of the image encoder resumes the next time.
        modalities: Which of `MODALITIES`; one that too few products have is left out.
    """
    fitted: dict[str, Any] = {}
    described = sum(bool(product.description) for product in catalogue)
    texts = {"title": [p.title for p in catalogue], "brand": [p.brand for p in catalogue if p.brand]}
    if described >= MIN_DESCRIBED * max(len(catalogue), 1):
        texts["description"] = [p.description for p in catalogue if p.description]
    for index, (name, values) in enumerate(texts.items()):
        if values and name in modalities:
            fitted[name] = _text_encoder(
                context.workspace, name, values, SpanProgress(progress, index / 20, index / 20 + 0.05)
            )
    if "image" not in modalities:
        return Encoders(fitted)
    image = embedded_image_encoder(context, catalogue, SpanProgress(progress, 0.15, 1.0))
    return Encoders({"image": image, **fitted} if image is not None else fitted)


def load_encoders(context: Context, versions: dict[str, str]) -> Encoders:
    """Encoders by their versions, such as those a classifier was trained on.

    Raises:
        EncoderUnavailableError: If a version is no longer in the workspace.
    """
    return Encoders({name: _load(context.workspace, name, version) for name, version in versions.items()})


def embed_products(
    context: Context, encoders: Encoders, products: Sequence[Product], progress: Progress
) -> dict[str, FloatArray]:
    """Embeddings of products through the store.

    Returns:
        Modality → one row per product, zero where the product lacks it. Shapes: (n_products, its dimension).
    """
    features: dict[str, FloatArray] = {}
    names = list(encoders.by_modality)
    for index, name in enumerate(names):
        span = SpanProgress(progress, index / len(names), (index + 1) / len(names))
        encoder = encoders.by_modality[name]
        if name == "image":
            features[name] = embed_product_images(context, encoder, products, span)
        else:
            texts = [getattr(product, name) for product in products]
            features[name] = embed_texts(context.features, encoder, texts, span)
    return features


def classifier_features(
    context: Context, encoders: Encoders, products: Sequence[Product], progress: Progress
) -> dict[str, FloatArray]:
    """What a classifier looks at: embeddings of products, and the word ids of their titles where titles count.

    Returns:
        As `embed_products`, and `WORDS`. Shape: (n_products, MAX_WORD_IDS).
    """
    features = embed_products(context, encoders, products, progress)
    if "title" in encoders.by_modality:
        features[WORDS] = word_ids([product.title for product in products])
    return features


def _text_encoder(workspace: Workspace, name: str, texts: list[str], progress: Progress) -> TfidfEncoder:
    distinct = sorted(set(texts))
    current = fitted_files.current(workspace.encoders / name)
    if current and len(distinct) < fitted_files.REFIT_GROWTH * current["n_items"]:
        return TfidfEncoder.load(workspace.encoders / name / current["version"])
    progress.report(0.0, f"Learning the words of {len(distinct):,} {name}s")
    encoder = TfidfEncoder.fit(distinct, progress, TEXT_PARAMETERS[name])
    encoder.save(workspace.encoders / name / encoder.version)
    fitted_files.set_current(workspace.encoders / name, "current", encoder.version, len(distinct))
    return encoder


def _load(workspace: Workspace, name: str, version: str) -> Any:
    folder = workspace.encoders / name / version
    if not folder.is_dir():
        raise EncoderUnavailableError(
            f"The {name} encoder {version} is not in the workspace any more.", "Retrain the classifier."
        )
    return load_trained(folder) if name == "image" else TfidfEncoder.load(folder)
