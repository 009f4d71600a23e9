"""Encoders of a workspace: fitted once on its catalogue, kept by version, and the embeddings they give. Worker only.

Layout: `encoders/<modality>/<version>/` holds a fitted encoder, `encoders/<modality>/current.json` names the one in
use, `encoders/image/training/` an unfinished training. Old versions stay: a trained classifier speaks theirs.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.arrays import FloatArray
from core.domain.errors import AppError, EncoderUnavailableError
from core.domain.product import Product
from core.domain.progress import Progress, SpanProgress
from core.domain.workspace import Workspace
from core.encoders.encoder import ImageEncoder
from core.encoders.registry import load_image_encoder
from core.encoders.simclr import SimclrEncoder
from core.encoders.simclr_training import MIN_IMAGES, train_simclr
from core.encoders.tfidf import BRANDS, TITLES, TfidfEncoder
from core.features.embed import embed_images, embed_texts
from core.services.context import Context
from db.repositories import products as product_rows

TEXT_PARAMETERS = {"title": TITLES, "brand": BRANDS, "description": BRANDS}
MODALITIES = ("image", "title", "brand", "description")
REFIT_GROWTH = 1.5
"""An encoder is fitted anew once the catalogue holds this many times what it was fitted on."""
EMBEDDED_IMAGE_ENCODER = "simclr"
SEED = 0
MIN_DESCRIBED = 0.2
"""Descriptions are a modality where at least this share of the products has one."""
SECONDS_PER_IMAGE = 0.02
BUDGET_RANGE_S = (75.0, 600.0)


@dataclass(frozen=True)
class Encoders:
    """The fitted encoder of each modality that the catalogue has."""

    by_modality: dict[str, Any]

    @property
    def versions(self) -> dict[str, str]:
        """Modality → version: enough to load the same encoders again."""
        return {name: encoder.version for name, encoder in self.by_modality.items()}


def image_budget_s(n_images: int) -> float:
    """Seconds that a training of the image encoder may take; `SHELFWISE_IMAGE_SECONDS` overrides it.

    Raises:
        AppError: If the setting is not a positive number.
    """
    setting = os.environ.get("SHELFWISE_IMAGE_SECONDS", "")
    if not setting:
        return float(np.clip(n_images * SECONDS_PER_IMAGE, *BUDGET_RANGE_S))
    try:
        budget = float(setting)
    except ValueError:
        budget = 0.0
    if budget <= 0:
        raise AppError(
            f"SHELFWISE_IMAGE_SECONDS expected a positive number of seconds, got {setting!r}.",
            "Set it to a number such as 300, or remove it.",
        )
    return budget


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


def prepare_encoders(context: Context, catalogue: Sequence[Product], progress: Progress) -> Encoders:
    """The workspace's encoders, fitted on the catalogue where they are missing or it has grown much since.

    Args:
        context: The open workspace.
        catalogue: All products.
        progress: Told of fitting; a cancelled training of the image encoder resumes the next time.
    """
    fitted: dict[str, Any] = {}
    described = sum(bool(product.description) for product in catalogue)
    texts = {"title": [p.title for p in catalogue], "brand": [p.brand for p in catalogue if p.brand]}
    if described >= MIN_DESCRIBED * max(len(catalogue), 1):
        texts["description"] = [p.description for p in catalogue if p.description]
    for index, (name, values) in enumerate(texts.items()):
        if values:
            fitted[name] = _text_encoder(
                context.workspace, name, values, SpanProgress(progress, index / 20, index / 20 + 0.05)
            )
    image = prepare_image_encoder(context, catalogue, EMBEDDED_IMAGE_ENCODER, SpanProgress(progress, 0.15, 1.0))
    return Encoders({"image": image, **fitted} if image is not None else fitted)


def prepare_image_encoder(
    context: Context, catalogue: Sequence[Product], name: str, progress: Progress
) -> ImageEncoder | None:
    """An image encoder by its name in the registry; `simclr` is trained on the catalogue where that is due.

    Returns:
        The encoder; None where the catalogue has too few images to train one on.

    Raises:
        EncoderUnavailableError: If there is no such encoder, or its weights are not at hand.
    """
    if name != EMBEDDED_IMAGE_ENCODER:
        return load_image_encoder(name, context.workspace.encoders / "image")
    return _trained_image_encoder(context.workspace, catalogue, progress)


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
            features[name] = _embed_images(context, encoder, products, span)
        else:
            texts = [getattr(product, name) for product in products]
            features[name] = embed_texts(context.features, encoder, texts, span)
    return features


def _embed_images(context: Context, encoder: Any, products: Sequence[Product], progress: Progress) -> FloatArray:
    rows = [row for row, product in enumerate(products) if product.image_hash]
    keys = [str(products[row].image_hash) for row in rows]
    paths = {key: context.workspace.thumb_path(key) for key in keys}
    features = np.zeros((len(products), encoder.n_dimensions), dtype=np.float32)
    features[rows] = embed_images(context.features, encoder, paths, keys, progress)
    return features


def _text_encoder(workspace: Workspace, name: str, texts: list[str], progress: Progress) -> TfidfEncoder:
    distinct = sorted(set(texts))
    current = _current(workspace, name)
    if current and len(distinct) < REFIT_GROWTH * current["n_items"]:
        return TfidfEncoder.load(workspace.encoders / name / current["version"])
    progress.report(0.0, f"Learning the words of {len(distinct):,} {name}s")
    encoder = TfidfEncoder.fit(distinct, progress, TEXT_PARAMETERS[name])
    encoder.save(workspace.encoders / name / encoder.version)
    _set_current(workspace, name, encoder.version, len(distinct))
    return encoder


def _trained_image_encoder(
    workspace: Workspace, catalogue: Sequence[Product], progress: Progress
) -> SimclrEncoder | None:
    hashes = sorted({product.image_hash for product in catalogue if product.image_hash})
    if len(hashes) < MIN_IMAGES:
        return None
    current = _current(workspace, "image")
    if current and len(hashes) < REFIT_GROWTH * current["n_items"]:
        return SimclrEncoder.load(workspace.encoders / "image" / current["version"])
    training = workspace.encoders / "image" / "training"
    paths = [workspace.thumb_path(key) for key in hashes]
    encoder = train_simclr(paths, training, SEED, image_budget_s(len(hashes)), progress)
    final = workspace.encoders / "image" / encoder.version
    shutil.rmtree(final, ignore_errors=True)
    training.rename(final)
    _set_current(workspace, "image", encoder.version, len(hashes))
    return SimclrEncoder.load(final)


def _load(workspace: Workspace, name: str, version: str) -> Any:
    folder = workspace.encoders / name / version
    if not folder.is_dir():
        raise EncoderUnavailableError(
            f"The {name} encoder {version} is not in the workspace any more.", "Retrain the classifier."
        )
    return SimclrEncoder.load(folder) if name == "image" else TfidfEncoder.load(folder)


def _current(workspace: Workspace, name: str) -> dict[str, Any] | None:
    file_path = workspace.encoders / name / "current.json"
    if not file_path.exists():
        return None
    current = json.loads(file_path.read_text(encoding="utf-8"))
    return current if (file_path.parent / current["version"]).is_dir() else None


def _set_current(workspace: Workspace, name: str, version: str, n_items: int) -> None:
    file_path: Path = workspace.encoders / name / "current.json"
    unfinished = file_path.with_suffix(".tmp")
    unfinished.write_text(json.dumps({"version": version, "n_items": n_items}), encoding="utf-8")
    unfinished.replace(file_path)
