"""Discover the groups in a category: features, cascade, and the run written down. Worker only."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from core.discovery.cascade import Cascade, discover
from core.discovery.reduction import check_enough_products
from core.domain.arrays import FloatArray
from core.domain.discovery import DiscoveryParameters, RunStatus
from core.domain.errors import EncoderUnavailableError
from core.domain.product import Product, format_path
from core.domain.progress import Progress, SpanProgress
from core.encoders.registry import check_available, get_card, load_text_encoder
from core.encoders.tfidf import TfidfEncoder, TfidfParameters
from core.encoders.type_focus import TypeFocus
from core.features.embed import embed_texts
from core.services.context import Context
from core.services.encoding import Encoders, embed_products, prepare_image_encoder
from core.taxonomy.tree import Taxonomy
from db.models import RunRow
from db.repositories import events, runs
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

EMBEDDED_TEXT_ENCODER = "tfidf"
TYPE_WORDS = TfidfParameters(n_dimensions=50, char_weight=0.0)
"""The type-focused text is fitted inside the category, on words alone."""


def run_discovery(
    context: Context, category_id: str, parameters: DiscoveryParameters, author: str, progress: Progress
) -> int:
    """Run the cascade over all products of a category and its subcategories.

    Args:
        context: The open workspace.
        category_id: A node of the taxonomy.
        parameters: Everything that decides the outcome, besides the data.
        author: Who asked.
        progress: Told of every step; a cancelled run leaves nothing behind but embeddings.

    Returns:
        The run's id.

    Raises:
        NodeNotFoundError: If there is no such category.
        TooFewProductsError: If the category holds fewer products than a discovery needs.
        EncoderUnavailableError: If a named encoder does not exist, or its weights are not at hand.
    """
    _check_encoders(parameters)
    progress.report(0.0, "Reading the category")
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        products = product_rows.products_under(session, taxonomy.subtree_ids(category_id))
        check_enough_products(len(products))
        catalogue = product_rows.all_products(session)
    encoder = prepare_image_encoder(context, catalogue, parameters.image_encoder, SpanProgress(progress, 0.0, 0.4))
    encoders = Encoders({} if encoder is None else {"image": encoder})
    image = embed_products(context, encoders, products, SpanProgress(progress, 0.4, 0.48)).get("image")
    tokens, focused = _type_focused(taxonomy, category_id, catalogue, products)
    text = _embed_focused(context, parameters.text_encoder, focused, SpanProgress(progress, 0.48, 0.5))
    modalities: dict[str, tuple[FloatArray, float]] = {}
    if image is not None and parameters.image_weight > 0:
        modalities["image"] = (image, parameters.image_weight)
    if text is not None and parameters.text_weight > 0:
        modalities["text"] = (text, parameters.text_weight)
    product_ids = np.array([product.id for product in products], dtype=np.int64)
    span = SpanProgress(progress, 0.5, 0.97)
    cascade = discover(product_ids, modalities, image, tokens, parameters, span, taxonomy.names(category_id))
    progress.report(0.98, "Writing the run")
    details = {**cascade.details, **{f"{name} encoder": version for name, version in encoders.versions.items()}}
    with context.database.write() as session:
        row = runs.add_run(session, category_id, parameters, len(products), details, cascade.quality, author)
        _write_clusters(session, row, cascade)
        path = format_path(taxonomy.names(category_id))
        events.record(session, author, "discover", f"Discovered {row.n_clusters} clusters in {path}")
        cascade.run_file.save(context.workspace.runs / f"{row.id}.npz")
        row.status = str(RunStatus.READY)
        return row.id


def _check_encoders(parameters: DiscoveryParameters) -> None:
    for name, modality in ((parameters.image_encoder, "image"), (parameters.text_encoder, "text")):
        check_available(name)
        if modality not in get_card(name).modality:
            raise EncoderUnavailableError(
                f"Encoder '{name}' does not read {modality}s.", f"Choose an encoder of {modality}s."
            )


def _type_focused(
    taxonomy: Taxonomy, category_id: str, catalogue: Sequence[Product], products: Sequence[Product]
) -> tuple[list[list[str]], list[str]]:
    """Words of each title that say what kind of product it is, as a list and as a text."""
    depth = max(len(taxonomy.path(category_id)), 1)
    label = {node.id: format_path(taxonomy.names(node.id)[:depth]) for node in taxonomy.nodes}
    focus = TypeFocus.fit(
        [product.title for product in catalogue],
        [product.brand for product in catalogue],
        [label[product.node_id] for product in catalogue],
    )
    titles, brands = [product.title for product in products], [product.brand for product in products]
    return focus.tokens(titles, brands), focus.focus(titles, brands)


def _embed_focused(context: Context, name: str, focused: list[str], progress: Progress) -> FloatArray | None:
    """Embeddings of the focused titles, zero where one is empty; None where all are."""
    if not any(focused):
        return None
    if name == EMBEDDED_TEXT_ENCODER:
        return TfidfEncoder.fit(focused, progress, TYPE_WORDS).encode(focused, progress)
    encoder = load_text_encoder(name, context.workspace.encoders / "title")
    return embed_texts(context.features, encoder, focused, progress)


def _write_clusters(session: Session, run: RunRow, cascade: Cascade) -> None:
    ids: dict[int, int] = {}
    level_1: dict[int, int] = {}
    deepest: dict[int, int] = {}
    for cluster in cascade.clusters:
        parent_id = ids[cluster.parent_number] if cluster.parent_number is not None else None
        keywords = runs.keyword_rows(cluster.keywords, cluster.evidence)
        ids[cluster.number] = runs.add_cluster(
            session,
            run.id,
            cluster.number,
            cluster.level,
            parent_id,
            cluster.suggested_names,
            keywords,
            cluster.quality,
        )
        target = level_1 if cluster.level == 1 else deepest
        target.update(dict.fromkeys(cluster.positions.tolist(), ids[cluster.number]))
    run.n_clusters = sum(cluster.level == 1 for cluster in cascade.clusters)
    file = cascade.run_file
    runs.add_members(
        session,
        [
            {"run_id": run.id, "product_id": int(product_id), "position": position, "cluster_id": level_1.get(position),
             "subcluster_id": deepest.get(position), "distance": float(cascade.distances[position]),
             "is_noise": bool(file.is_noise[position]), "is_excluded": False, "is_moved": False}
            for position, product_id in enumerate(file.product_ids)
        ],
    )  # fmt: skip
