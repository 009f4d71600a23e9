"""The products that experiments run on, with embeddings from the workspace. Worker only."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.classifier.word_path import WORDS
from core.domain.arrays import FloatArray
from core.domain.errors import EncoderUnavailableError, TooFewProductsError
from core.domain.modality import present_modalities
from core.domain.product import Product
from core.domain.progress import Progress
from core.encoders.choose import AUTO
from core.encoders.registry import get_card, load_text_encoder
from core.encoders.word_ids import MAX_WORD_IDS, N_WORD_BUCKETS, word_ids
from core.experiments.catalogue import LabelledCatalogue, Source
from core.experiments.settings import ExperimentSettings
from core.features.embed import embed_texts
from core.services.context import Context
from core.services.encoding import prepare_encoders
from core.services.image_encoders import embed_product_images, prepare_image_encoder
from core.services.product_groups import product_groups
from core.services.training_set import teaching_rows
from core.taxonomy.tree import Taxonomy
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

EMBEDDED_TEXT_ENCODER = "tfidf"
WORDS_VERSION = f"crc32-{N_WORD_BUCKETS}-{MAX_WORD_IDS}"


class WorkspaceEmbedder:
    """Embeds products with the workspace's encoders, through its store.

    Args:
        context: The open workspace.
        catalogue: All products: what encoders are fitted on.
        products: Those to embed.
    """

    def __init__(self, context: Context, catalogue: Sequence[Product], products: Sequence[Product]) -> None:
        self._context, self._catalogue, self._products = context, catalogue, products
        self._encoders: dict[Source, Any] = {}

    def version(self, source: Source, progress: Progress) -> str:
        """Identity of the encoder's weights, which are trained first where they must be."""
        return WORDS_VERSION if source.modality == WORDS else self._encoder(source, progress).version

    def embed(self, source: Source, progress: Progress) -> FloatArray:
        """Embeddings, zero where a product lacks the modality. Shape: (n_products, d)."""
        if source.modality == WORDS:
            return word_ids([product.title for product in self._products])
        encoder = self._encoder(source, progress)
        if source.modality == "image":
            return embed_product_images(self._context, encoder, self._products, progress)
        texts = [getattr(product, source.modality) for product in self._products]
        rows = np.flatnonzero([bool(text) for text in texts])
        features = np.zeros((len(texts), encoder.n_dimensions), dtype=np.float32)
        features[rows] = embed_texts(self._context.features, encoder, [texts[row] for row in rows], progress)
        return features

    def best_image_encoder(self, progress: Progress) -> str:
        """Name of the image encoder that `auto` takes for this catalogue."""
        encoder = self._image_encoder(AUTO, progress)
        self._encoders[Source("image", encoder.name)] = encoder
        return str(encoder.name)

    def _encoder(self, source: Source, progress: Progress) -> Any:
        if source not in self._encoders:
            is_image = source.modality == "image"
            make = self._image_encoder if is_image else self._text_encoder(source.modality)
            self._encoders[source] = make(source.encoder, progress)
        return self._encoders[source]

    def _image_encoder(self, name: str, progress: Progress) -> Any:
        encoder = prepare_image_encoder(self._context, self._catalogue, name, progress)
        if encoder is None:
            raise EncoderUnavailableError(
                f"The catalogue has too few images for the encoder '{name}'.", "Leave images out, or import some."
            )
        return encoder

    def _text_encoder(self, modality: str) -> Any:
        def make(name: str, progress: Progress) -> Any:
            if name == EMBEDDED_TEXT_ENCODER:
                return prepare_encoders(self._context, self._catalogue, progress, (modality,)).by_modality[modality]
            return load_text_encoder(name, self._context.workspace.encoders / modality)

        return make


def load_labelled_catalogue(context: Context, settings: ExperimentSettings, progress: Progress) -> LabelledCatalogue:
    """Every product whose place in the taxonomy can teach.

    Raises:
        TooFewProductsError: If there is none.
        EncoderUnavailableError: If an encoder is named that does not exist.
    """
    progress.report(0.0, "Reading products and their categories")
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        catalogue = product_rows.all_products(session)
    products = [catalogue[row] for row in teaching_rows(taxonomy, catalogue)]
    if not products:
        raise TooFewProductsError(
            "No product has a category that can teach a classifier.", "Import a catalogue with categories first."
        )
    paths_of = {key: tuple(node.id for node in taxonomy.path(key)) for key in {item.node_id for item in products}}
    paths = tuple(paths_of[product.node_id] for product in products)
    return build_catalogue(context, settings, catalogue, products, paths, progress)


def build_catalogue(
    context: Context,
    settings: ExperimentSettings,
    catalogue: Sequence[Product],
    products: Sequence[Product],
    paths: tuple[tuple[str, ...], ...],
    progress: Progress,
) -> LabelledCatalogue:
    """Products with their paths and everything that experiments ask of them.

    Args:
        context: The open workspace.
        settings: Name the encoders.
        catalogue: All products: what encoders are fitted on.
        products: Those to experiment with.
        paths: Of each of them.
        progress: Told of an encoder's training.
    """
    embedder = WorkspaceEmbedder(context, catalogue, products)
    modalities = _modalities(catalogue)
    image_encoder = _first(settings.encoders, "image")
    if not image_encoder and "image" in modalities:
        image_encoder = embedder.best_image_encoder(progress)
    return LabelledCatalogue(
        product_ids=np.array([product.id for product in products], dtype=np.int64),
        paths=paths,
        platforms=tuple(product.platform for product in products),
        groups=product_groups(products),
        modalities=modalities,
        image_encoder=image_encoder,
        text_encoder=_first(settings.encoders, "text") or EMBEDDED_TEXT_ENCODER,
        embedder=embedder,
        rows=np.arange(len(products), dtype=np.int64),
        content=_content(products),
    )


def _first(encoders: Sequence[str], modality: str) -> str:
    return next((name for name in encoders if modality in get_card(name).modality), "")


def _modalities(catalogue: Sequence[Product]) -> tuple[str, ...]:
    n_branded = sum(bool(product.brand) for product in catalogue)
    n_described = sum(bool(product.description) for product in catalogue)
    n_images = len({product.image_hash for product in catalogue if product.image_hash})
    return present_modalities(len(catalogue), n_branded, n_described, n_images)


def _content(products: Sequence[Product]) -> str:
    facts = [[product.title, product.brand, product.description, product.image_hash] for product in products]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
