"""The image encoders of a workspace: trained on its catalogue where they are, and found again by name. Worker only."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.domain.arrays import FloatArray
from core.domain.errors import AppError, TooFewProductsError
from core.domain.product import Product
from core.domain.progress import Progress
from core.encoders.aligned import AlignedEncoder, train_aligned
from core.encoders.choose import AUTO, choose_encoders
from core.encoders.encoder import ImageEncoder
from core.encoders.image_training import MIN_IMAGES
from core.encoders.registry import load_image_encoder
from core.encoders.resnet import ResnetEncoder, kind_of
from core.encoders.simclr import SIMCLR_OPTIONS, SimclrEncoder, train_simclr
from core.encoders.simclr_intensity import INTENSITIES
from core.encoders.variance_pca import ReducedImageEncoder, VariancePca
from core.features.embed import embed_images
from core.services import fitted_files
from core.services.context import Context
from core.services.type_words import focused_titles

ALIGNED, SIMCLR, VIT = "aligned", "simclr", "vit"
PAPER_INTENSITY = "middle"
SEED = 0
SECONDS_PER_IMAGE = 0.02
BUDGET_RANGE_S = (75.0, 600.0)


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


def prepare_image_encoder(
    context: Context, catalogue: Sequence[Product], name: str, progress: Progress
) -> ImageEncoder | None:
    """An image encoder by its name in the registry; `aligned` and `simclr` are trained on the catalogue where due.

    `auto` is the best whose weights are at hand; what `vit` gives is reduced to 90 % of its variance in the catalogue.

    Returns:
        The encoder; None where the catalogue has too few images to train one on.

    Raises:
        EncoderUnavailableError: If there is no such encoder, or its weights are not at hand.
        TooFewProductsError: If `aligned` is asked for where hardly a title says what a product is.
    """
    if name == AUTO:
        name = choose_encoders(len({product.image_hash for product in catalogue if product.image_hash})).image_encoder
        if name is None or name == ALIGNED:
            return embedded_image_encoder(context, catalogue, progress)
    if name.partition(":")[0] not in (ALIGNED, SIMCLR):
        encoder = load_image_encoder(name, context.workspace.encoders / "image")
        return _reduced(context, encoder, catalogue, progress) if name.partition(":")[0] == VIT else encoder
    return _trained_image_encoder(context, catalogue, name, progress)


def embed_product_images(
    context: Context, encoder: ImageEncoder, products: Sequence[Product], progress: Progress
) -> FloatArray:
    """Image embeddings of products through the store; of a reduced encoder, the plain ones are stored.

    Returns:
        One row per product, zero where it has no image. Shape: (n_products, n_dimensions).
    """
    if isinstance(encoder, ReducedImageEncoder):
        return encoder.pca.transform(embed_product_images(context, encoder.plain, products, progress))
    rows = [row for row, product in enumerate(products) if product.image_hash]
    keys = [str(products[row].image_hash) for row in rows]
    paths = {key: context.workspace.thumb_path(key) for key in keys}
    features = np.zeros((len(products), encoder.n_dimensions), dtype=np.float32)
    features[rows] = embed_images(context.features, encoder, paths, keys, progress)
    return features


def embedded_image_encoder(context: Context, catalogue: Sequence[Product], progress: Progress) -> ResnetEncoder | None:
    """The encoder that titles teach; where they teach nothing, the one that learns from images alone."""
    try:
        return _trained_image_encoder(context, catalogue, ALIGNED, progress)
    except TooFewProductsError:
        return _trained_image_encoder(context, catalogue, SIMCLR, progress)


def _reduced(context: Context, encoder: ImageEncoder, catalogue: Sequence[Product], progress: Progress) -> ImageEncoder:
    """The encoder behind a PCA that is fitted once on the catalogue's embeddings."""
    folder = context.workspace.encoders / "image" / f"pca-{encoder.version}"
    if not folder.is_dir():
        embeddings = embed_product_images(context, encoder, catalogue, progress)
        VariancePca.fit(embeddings).save(folder)
    return ReducedImageEncoder(encoder, VariancePca.load(folder))


def _trained_image_encoder(
    context: Context, catalogue: Sequence[Product], name: str, progress: Progress
) -> ResnetEncoder | None:
    folder = context.workspace.encoders / "image"
    hashes = sorted({product.image_hash for product in catalogue if product.image_hash})
    if len(hashes) < MIN_IMAGES:
        return None
    slug = name.removesuffix(f":{PAPER_INTENSITY}").replace(":", "-")
    current = fitted_files.current(folder, f"current-{slug}")
    if current and len(hashes) < fitted_files.REFIT_GROWTH * current["n_items"]:
        return load_trained(folder / current["version"])
    training = folder / f"training-{slug}"
    encoder = _train(context, catalogue, name, hashes, training, progress)
    final = folder / encoder.version
    shutil.rmtree(final, ignore_errors=True)
    training.rename(final)
    fitted_files.set_current(folder, f"current-{slug}", encoder.version, len(hashes))
    return load_trained(final)


def _train(
    context: Context, catalogue: Sequence[Product], name: str, hashes: list[str], folder: Path, progress: Progress
) -> ResnetEncoder:
    paths = [context.workspace.thumb_path(key) for key in hashes]
    budget_s = image_budget_s(len(hashes))
    if name == ALIGNED:
        titles = focused_titles(context, catalogue)
        return train_aligned(paths, [titles[key] for key in hashes], folder, SEED, budget_s, progress)
    intensity = name.partition(":")[2] or PAPER_INTENSITY
    options = replace(SIMCLR_OPTIONS, augment=INTENSITIES[intensity])
    return train_simclr(paths, folder, SEED, budget_s, progress, options=options)


def load_trained(folder: Path) -> ResnetEncoder:
    """A trained encoder of whichever kind the folder holds."""
    return AlignedEncoder.load(folder) if kind_of(folder) == AlignedEncoder.name else SimclrEncoder.load(folder)
