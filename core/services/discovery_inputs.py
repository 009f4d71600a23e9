"""What a discovery looks at: the category's products, their embeddings and words, and what is decided already."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.catalogue.backdrop import measure_backdrops
from core.discovery.guidance import Guidance
from core.discovery.name_words import name_words
from core.discovery.reduction import check_enough_products
from core.domain.arrays import AnyArray, FloatArray, IntArray
from core.domain.discovery import DiscoveryParameters
from core.domain.product import Product
from core.domain.progress import Progress, SpanProgress
from core.encoders.choose import AUTO
from core.encoders.encoder import ImageEncoder
from core.encoders.registry import load_text_encoder
from core.encoders.tfidf import TfidfEncoder, TfidfParameters
from core.encoders.type_focus import TypeFocus
from core.features.embed import embed_texts
from core.services.context import Context
from core.services.guidance import collect_guidance, with_teachers
from core.services.image_encoders import embed_product_images, prepare_image_encoder
from core.services.type_words import fit_type_focus
from core.taxonomy.tree import Taxonomy
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

EMBEDDED_TEXT_ENCODER = "tfidf"
TYPE_WORDS = TfidfParameters(n_dimensions=50, char_weight=0.0)
"""The type-focused text is fitted inside the category, on words alone."""


@dataclass(frozen=True)
class DiscoveryInputs:
    """Everything that a run is computed from. Arrays are in the order of `products`.

    Attributes:
        taxonomy: As it stands.
        products: Those of the category and its subcategories.
        modalities: Per modality an embedding, zero where a product lacks it, and its weight. Shapes: (n_products, d).
        image: Image embedding for the filter, whatever its weight; None without images.
        tokens: Words of each title that may name a group.
        backdrop: How plain each picture's background is, in [0, 1]; None where the filter does not ask.
        guidance: What the curator decided earlier; None where it is not to steer.
        details: What made the embeddings, for the run's record.
    """

    taxonomy: Taxonomy
    products: Sequence[Product]
    modalities: dict[str, tuple[FloatArray, float]]
    image: FloatArray | None
    tokens: list[list[str]]
    backdrop: FloatArray | None
    guidance: Guidance | None
    details: dict[str, str]

    @property
    def product_ids(self) -> IntArray:
        """Shape: (n_products,)."""
        return np.array([product.id for product in self.products], dtype=np.int64)


def gather_inputs(
    context: Context, category_id: str, parameters: DiscoveryParameters, progress: Progress
) -> DiscoveryInputs:
    """Read a category and embed it, with the encoders trained where that is due.

    Args:
        context: The open workspace.
        category_id: A node of the taxonomy.
        parameters: Name the encoders, weights and the filter.
        progress: Told of every step.

    Raises:
        NodeNotFoundError: If there is no such category.
        TooFewProductsError: If the category holds fewer products than a discovery needs.
        EncoderUnavailableError: If an encoder's weights are not at hand.
    """
    progress.report(0.0, "Reading the category")
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        products = product_rows.products_under(session, taxonomy.subtree_ids(category_id))
        check_enough_products(len(products))
        catalogue = product_rows.all_products(session)
    encoder = None
    if parameters.image_weight > 0 or parameters.image_filter != "none":
        span = SpanProgress(progress, 0.0, 0.75)
        encoder = prepare_image_encoder(context, catalogue, parameters.image_encoder, span)
    focus = fit_type_focus(taxonomy, catalogue, len(taxonomy.path(category_id)))
    embed = _Embedder(context, encoder, parameters, focus, _focused(focus, products))
    modalities = embed.modalities(products, SpanProgress(progress, 0.75, 0.9))
    guidance = None
    if parameters.is_guided:
        with context.database.read() as session:
            guidance = collect_guidance(session, taxonomy, category_id, products)
        guidance = with_teachers(
            guidance,
            taxonomy,
            catalogue,
            category_id,
            lambda others: embed.modalities(others, SpanProgress(progress, 0.9, 0.95)),
        )
    weights = {"image": parameters.image_weight, "text": parameters.text_weight}
    return DiscoveryInputs(
        taxonomy=taxonomy,
        products=products,
        modalities={name: (rows, weights[name]) for name, rows in modalities.items() if weights[name] > 0},
        image=modalities.get("image"),
        tokens=name_words([product.title for product in products], [product.brand for product in products]),
        backdrop=_backdrops(context, products, parameters, SpanProgress(progress, 0.95, 1.0)),
        guidance=guidance,
        details={} if encoder is None else {"image encoder": f"{encoder.name} {encoder.version}"},
    )


@dataclass(frozen=True)
class _Embedder:
    """Embeds products by the encoders of one run."""

    context: Context
    encoder: ImageEncoder | None
    parameters: DiscoveryParameters
    focus: TypeFocus
    category_words: list[str]

    def modalities(self, products: Sequence[Product], progress: Progress) -> dict[str, FloatArray]:
        """Modality → embeddings. Shapes: (n_products, d)."""
        found: dict[str, FloatArray] = {}
        if self.encoder is not None:
            found["image"] = embed_product_images(self.context, self.encoder, products, SpanProgress(progress, 0, 0.8))
        if any(self.category_words):
            found["text"] = self._texts(_focused(self.focus, products), SpanProgress(progress, 0.8, 1))
        return found

    def _texts(self, focused: list[str], progress: Progress) -> AnyArray:
        name = self.parameters.text_encoder
        if name in (EMBEDDED_TEXT_ENCODER, AUTO):
            return TfidfEncoder.fit(self.category_words, progress, TYPE_WORDS).encode(focused, progress)
        encoder = load_text_encoder(name, self.context.workspace.encoders / "title")
        return embed_texts(self.context.features, encoder, focused, progress)


def _focused(focus: TypeFocus, products: Sequence[Product]) -> list[str]:
    return focus.focus([product.title for product in products], [product.brand for product in products])


def _backdrops(
    context: Context, products: Sequence[Product], parameters: DiscoveryParameters, progress: Progress
) -> FloatArray | None:
    if parameters.image_filter == "none":
        return None
    paths = [context.workspace.thumb_path(product.image_hash) if product.image_hash else None for product in products]
    return measure_backdrops(paths, progress)
