"""Pictures beside a doubt: the products of the suggested category that look most like the one in question."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select

from core.services.context import Context
from core.services.embedding_space import EmbeddingSpace, Modality, load_space
from core.services.grid_items import GridItem, load_items
from core.services.label_issues import LabelItem
from db.models import ProductRow

N_SHOWN = 3


def look_alikes(context: Context, items: Sequence[LabelItem], n_shown: int = N_SHOWN) -> dict[int, list[GridItem]]:
    """Products of the suggested categories, most alike first, one of every picture.

    Args:
        context: The open workspace.
        items: Doubts of a page.
        n_shown: How many for each.

    Returns:
        Doubt → products with images; none for a product whose image was not encoded.
    """
    space = load_space(context, Modality.IMAGE)
    wanted = {item.suggested_node_id for item in items if item.suggested_node_id}
    with context.database.read() as session:
        inside = ProductRow.node_id.in_(wanted) & ProductRow.image_hash.is_not(None)
        held: dict[str, list[int]] = {node_id: [] for node_id in wanted}
        for node_id, product_id in session.execute(select(ProductRow.node_id, ProductRow.id).where(inside)):
            held[node_id].append(product_id)
        found = {
            item.issue.id: _nearest(space, item.product.product_id, held[item.suggested_node_id], n_shown)
            for item in items
            if item.suggested_node_id
        }
        shown = load_items(session, sorted({key for keys in found.values() for key in keys}))
    by_id = {item.product_id: item for item in shown}
    return {issue_id: [by_id[key] for key in keys] for issue_id, keys in found.items()}


def _nearest(space: EmbeddingSpace, product_id: int, candidates: Sequence[int], n_shown: int) -> list[int]:
    row = int(space.rows_of([product_id])[0])
    rows = space.rows_of(candidates)
    product_of = {int(at): key for at, key in zip(rows, candidates, strict=True) if at >= 0 and at != row}
    if row < 0 or not product_of:
        return []
    distinct = np.array(sorted(product_of))
    similarities = space.vectors[distinct] @ space.vectors[row]
    return [product_of[int(at)] for at in distinct[np.argsort(-similarities, kind="stable")[:n_shown]]]
