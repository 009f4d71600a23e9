"""Products as a grid of pictures shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.domain.product import format_path
from core.taxonomy.tree import Taxonomy
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows


@dataclass(frozen=True, slots=True)
class GridItem:
    """What a thumbnail and its enlargement say. `note` is a short badge such as `outlier`."""

    product_id: int
    external_id: str
    title: str
    brand: str
    platform: str
    price: float | None
    currency: str
    image_hash: str | None
    path: str
    note: str = ""


def node_paths(taxonomy: Taxonomy) -> dict[str, str]:
    """Node id → path for people, for every node; the root has ''."""
    return {node.id: format_path(taxonomy.names(node.id)) for node in taxonomy.nodes}


def load_items(session: Session, product_ids: Sequence[int], notes: Mapping[int, str] | None = None) -> list[GridItem]:
    """Grid items in the order of `product_ids`."""
    taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    products = product_rows.load_products(session, product_ids)
    paths = {node_id: format_path(taxonomy.names(node_id)) for node_id in {product.node_id for product in products}}
    return [
        GridItem(product.id, product.external_id, product.title, product.brand, product.platform, product.price,
                 product.currency, product.image_hash, paths[product.node_id], (notes or {}).get(product.id, ""))
        for product in products
    ]  # fmt: skip
