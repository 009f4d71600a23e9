"""The words of the catalogue's titles that say what kind of product something is."""

from collections.abc import Sequence

from core.domain.product import Product, format_path
from core.encoders.type_focus import TypeFocus
from core.services.context import Context
from core.taxonomy.tree import Taxonomy
from db.repositories import taxonomy as taxonomy_rows

SHARED_LEVELS = 2
"""Shops agree on about so many levels; deeper ones are what is to be found."""


def fit_type_focus(taxonomy: Taxonomy, catalogue: Sequence[Product], depth: int = SHARED_LEVELS) -> TypeFocus:
    """Learn from the categories that products have which words say nothing about their kind.

    Args:
        taxonomy: Where the products are.
        catalogue: All products.
        depth: Levels of the taxonomy that tell kinds apart; deeper ones are not looked at.
    """
    label = {node.id: format_path(taxonomy.names(node.id)[: max(depth, 1)]) for node in taxonomy.nodes}
    return TypeFocus.fit(
        [product.title for product in catalogue],
        [product.brand for product in catalogue],
        [label[product.node_id] for product in catalogue],
    )


def focused_titles(context: Context, catalogue: Sequence[Product]) -> dict[str, str]:
    """Telling words of the products of each image, by image hash; '' where their titles say nothing.

    An image that several products share gets the words of all their titles, each once.
    """
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    pictured = [product for product in catalogue if product.image_hash]
    focus = fit_type_focus(taxonomy, catalogue)
    words: dict[str, list[str]] = {}
    tokens = focus.tokens([product.title for product in pictured], [product.brand for product in pictured])
    for product, telling in zip(pictured, tokens, strict=True):
        words.setdefault(str(product.image_hash), []).extend(telling)
    return {image: " ".join(dict.fromkeys(telling)) for image, telling in words.items()}
