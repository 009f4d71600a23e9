"""Products as a grid of pictures shows them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.product import format_path
from core.taxonomy.tree import Taxonomy
from db.models import NodeRow
from db.repositories import products as product_rows


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
    products = product_rows.load_products(session, product_ids)
    paths = _paths(session, {product.node_id for product in products})
    return [
        GridItem(product.id, product.external_id, product.title, product.brand, product.platform, product.price,
                 product.currency, product.image_hash, paths[product.node_id], (notes or {}).get(product.id, ""))
        for product in products
    ]  # fmt: skip


def _paths(session: Session, node_ids: Collection[str]) -> dict[str, str]:
    """Path for people of some nodes. A page needs a few of them: loading 10,000 would take longer than all the rest."""
    known: dict[str, tuple[str | None, str]] = {}
    wanted = set(node_ids)
    while wanted:
        query = select(NodeRow.id, NodeRow.parent_id, NodeRow.name).where(NodeRow.id.in_(wanted))
        level = {node_id: (parent_id, name) for node_id, parent_id, name in session.execute(query)}
        known |= level
        wanted = {parent_id for parent_id, _ in level.values() if parent_id is not None} - known.keys()
    return {node_id: format_path(_names(known, node_id)) for node_id in node_ids}


def _names(known: Mapping[str, tuple[str | None, str]], node_id: str) -> tuple[str, ...]:
    """Names from below the root to a node."""
    names: list[str] = []
    parent_id, name = known[node_id]
    while parent_id is not None:
        names.append(name)
        parent_id, name = known[parent_id]
    return tuple(reversed(names))
