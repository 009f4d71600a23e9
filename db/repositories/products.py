"""Products of the catalogue."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.domain.product import Product
from db.models import ProductRow

CHUNK = 5_000
"""Rows a statement: below SQLite's limit of 32,766 parameters for IN lists."""


def chunks(values: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """Consecutive slices of at most `size` values."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def to_product(row: ProductRow) -> Product:
    """The domain's view of a row."""
    return Product(
        row.id, row.platform, row.external_id, row.title, row.brand, row.description, row.price, row.currency,
        row.image_hash, row.node_id, row.source,
    )  # fmt: skip


def existing_offers(session: Session) -> dict[tuple[str, str], tuple[int, str, str | None]]:
    """(platform, external id) → (product id, content hash, image hash), for every product."""
    columns = (ProductRow.platform, ProductRow.external_id, ProductRow.id, ProductRow.content_hash,
               ProductRow.image_hash)  # fmt: skip
    return {
        (platform, external): (key, *hashes) for platform, external, key, *hashes in session.execute(select(*columns))
    }


def insert_products(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Add products.

    Returns:
        Their new ids, in the order of `rows`.
    """
    ids: list[int] = []
    for part in chunks(rows, 1_000):
        statement = insert(ProductRow).returning(ProductRow.id, sort_by_parameter_order=True)
        ids.extend(session.scalars(statement, part))
    return ids


def update_products(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Change products; every row holds its `id`."""
    if rows:
        session.execute(update(ProductRow), rows)


def load_products(session: Session, product_ids: Sequence[int]) -> list[Product]:
    """Products in the order of `product_ids`; unknown ids are left out."""
    found: dict[int, Product] = {}
    for part in chunks(product_ids):
        for row in session.scalars(select(ProductRow).where(ProductRow.id.in_(part))):
            found[row.id] = to_product(row)
    return [found[key] for key in product_ids if key in found]


def products_under(session: Session, node_ids: Iterable[str]) -> list[Product]:
    """All products assigned to one of the nodes, by id."""
    rows: list[ProductRow] = []
    for part in chunks(sorted(node_ids)):
        rows.extend(session.scalars(select(ProductRow).where(ProductRow.node_id.in_(part))))
    return [to_product(row) for row in sorted(rows, key=lambda row: row.id)]


def all_products(session: Session) -> list[Product]:
    """Every product, by id."""
    return [to_product(row) for row in session.scalars(select(ProductRow).order_by(ProductRow.id))]


def direct_counts(session: Session) -> dict[str, int]:
    """Node id → products assigned to exactly that node."""
    query = select(ProductRow.node_id, func.count()).group_by(ProductRow.node_id)
    return dict(session.execute(query).all())


def count_products(session: Session) -> int:
    """Number of products in the catalogue."""
    return session.scalar(select(func.count(ProductRow.id))) or 0


def placement_counts(session: Session) -> list[tuple[str, str, int]]:
    """(node id, source of the assignment that counts, number of products) for every pair that occurs."""
    query = select(ProductRow.node_id, ProductRow.source, func.count()).group_by(ProductRow.node_id, ProductRow.source)
    return [(node_id, source, count) for node_id, source, count in session.execute(query)]
