"""The taxonomy on screen and as files."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.services.context import Context
from core.services.grid_items import GridItem, load_items
from core.taxonomy.tree import Taxonomy
from db.models import ProductRow
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows


@dataclass(frozen=True, slots=True)
class TaxonomyView:
    """The newest taxonomy. `counts` are of subtrees, `direct_counts` of products at the node itself."""

    version: int
    taxonomy: Taxonomy
    counts: dict[str, int]
    direct_counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """A version in a list. `n_nodes` counts live nodes, the root among them; `n_added` those more than before."""

    number: int
    note: str
    author: str
    created_at: datetime
    n_nodes: int
    n_added: int


def taxonomy_view(context: Context) -> TaxonomyView:
    """The taxonomy with its product counts."""
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        direct = product_rows.direct_counts(session)
        version = taxonomy_rows.latest_version_number(session)
    return TaxonomyView(version, taxonomy, subtree_counts(taxonomy, direct), direct)


def subtree_counts(taxonomy: Taxonomy, direct: dict[str, int]) -> dict[str, int]:
    """Node id → products at the node and below it."""
    counts = {node.id: direct.get(node.id, 0) for node in taxonomy.nodes}
    for node in sorted(taxonomy.nodes, key=lambda node: -taxonomy.depth(node.id)):
        if node.parent_id is not None:
            counts[node.parent_id] += counts[node.id]
    return counts


def find_category(context: Context, names: tuple[str, ...]) -> str:
    """Node id of a category path.

    Raises:
        CategoryNotFoundError: If there is none; the remedy names the closest ones.
    """
    with context.database.read() as session:
        return Taxonomy(taxonomy_rows.load_nodes(session)).find_by_path(names).id


def list_versions(context: Context) -> list[VersionSummary]:
    """All versions, newest first."""
    with context.database.read() as session:
        rows = taxonomy_rows.list_version_rows(session)
    sizes = [row[4] for row in rows] + [0]
    return [VersionSummary(*row, n_added=max(row[4] - sizes[index + 1], 0)) for index, row in enumerate(rows)]


def products_of(context: Context, node_id: str, limit: int) -> list[GridItem]:
    """The first products of a category and of those below it, those with an image first."""
    with context.database.read() as session:
        inside = sorted(Taxonomy(taxonomy_rows.load_nodes(session)).subtree_ids(node_id))
        found: list[int] = []
        for part in product_rows.chunks(inside):
            query = select(ProductRow.id).where(ProductRow.node_id.in_(part))
            found += session.scalars(query.order_by(ProductRow.image_hash.is_(None), ProductRow.id).limit(limit))
        return load_items(session, found[:limit])
