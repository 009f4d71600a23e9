"""Pictures of what a category holds: the products in it that look most like one that may belong there."""

import numpy as np
from sqlalchemy import select

from core.services.context import Context
from core.services.embedding_space import Modality, load_space
from core.services.grid_items import GridItem, load_items
from core.taxonomy.tree import Taxonomy
from db.models import ProductRow
from db.repositories import taxonomy as taxonomy_rows


def nearest_in_category(context: Context, product_id: int, node_id: str, n_shown: int = 6) -> list[GridItem]:
    """Products with pictures in a category or below it, those most like a product first, one of every picture.

    Args:
        context: The open workspace.
        product_id: What they are compared with; it is not among them.
        node_id: The category.
        n_shown: How many at most.

    Returns:
        Fewer where there are fewer. Where the product's picture was not encoded, the first of the category.

    Raises:
        NodeNotFoundError: If there is no such category.
    """
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        inside = ProductRow.node_id.in_(taxonomy.subtree_ids(node_id)) & ProductRow.image_hash.is_not(None)
        query = select(ProductRow.id, ProductRow.image_hash).where(inside, ProductRow.id != product_id)
        own = session.scalar(select(ProductRow.image_hash).where(ProductRow.id == product_id))
        by_picture: dict[str, int] = {}
        for candidate, image_hash in session.execute(query.order_by(ProductRow.id)):
            if image_hash != own:
                by_picture.setdefault(image_hash, candidate)
        nearest = _nearest(context, product_id, list(by_picture.values()), n_shown)
        return load_items(session, nearest)


def _nearest(context: Context, product_id: int, candidates: list[int], n_shown: int) -> list[int]:
    space = load_space(context, Modality.IMAGE)
    row = int(space.rows_of([product_id])[0])
    rows = space.rows_of(candidates)
    known = np.flatnonzero(rows >= 0)
    if row < 0 or not len(known):
        return candidates[:n_shown]
    similarities = space.vectors[rows[known]] @ space.vectors[row]
    return [candidates[at] for at in known[np.argsort(-similarities, kind="stable")[:n_shown]]]
