"""Split a category by the words in its products' titles, or product by product."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.domain.product import Product
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services.categories import new_node_id
from core.services.context import Context
from core.services.edit_transaction import Change, EditResult
from core.services.edit_transaction import apply_edit as _apply
from core.taxonomy import operations
from core.taxonomy.tree import Taxonomy
from db.repositories import products as product_rows


@dataclass(frozen=True, slots=True)
class SplitPart:
    """A part of a category: its name, and what goes there.

    Attributes:
        name: Of the new category.
        words: A product goes here when its title holds one of these words or phrases, also in the plural.
        product_ids: Products that go here whatever their titles say.
    """

    name: str
    words: tuple[str, ...] = ()
    product_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SplitPreview:
    """What a split would do.

    Attributes:
        n_products: Products of each part, in the order of the parts.
        examples: Titles of some products of each part.
        n_rest: Products that no part asks for.
        n_contested: Products that several parts ask for: the first of them gets them.
    """

    n_products: tuple[int, ...]
    examples: tuple[tuple[str, ...], ...]
    n_rest: int
    n_contested: int


def preview_split(context: Context, node_id: str, parts: Sequence[SplitPart], n_examples: int = 4) -> SplitPreview:
    """Count what a split would move, without doing it. Only products at the category itself take part."""
    with context.database.read() as session:
        products = product_rows.products_under(session, [node_id])
    taken = {product.id: _wanting(product, parts) for product in products}
    titles: list[list[str]] = [[] for _ in parts]
    for product in products:
        if taken[product.id]:
            titles[taken[product.id][0]].append(product.title)
    counts = Counter(indexes[0] if indexes else -1 for indexes in taken.values())
    return SplitPreview(
        tuple(counts[index] for index in range(len(parts))),
        tuple(tuple(found[:n_examples]) for found in titles),
        counts[-1],
        sum(len(indexes) > 1 for indexes in taken.values()),
    )


def split(
    context: Context,
    node_id: str,
    parts: Sequence[SplitPart],
    *,
    is_kept: bool,
    revisions: Mapping[str, int],
    author: str,
    why: str = "",
) -> EditResult:
    """Part a category. Kept, it holds the parts and the rest stays in it; else the first part takes the rest.

    Args:
        context: The open workspace.
        node_id: The category.
        parts: At least two, or one where the category is kept.
        is_kept: Whether the category stays, with the parts below it.
        revisions: Node id → revision as the curator saw it.
        author: Who acts.
        why: The reason given.

    Returns:
        The result; the first of its `node_ids` are the parts, in their order.

    Raises:
        StaleRevisionError: If somebody changed the category since; nothing is written.
        TaxonomyError: If there are too few parts, or a name is taken or invalid.
    """
    with context.database.write() as session:

        def operation(tree: Taxonomy, version: int) -> Change:
            return _change(session, tree, version, node_id, parts, is_kept)

        return _apply(session, "split", operation, revisions, author, why)


def _change(
    session: Session, tree: Taxonomy, version: int, node_id: str, parts: Sequence[SplitPart], is_kept: bool
) -> Change:
    new = [TaxonomyNode(new_node_id(), node_id, part.name, NodeStatus.APPROVED, None, version) for part in parts]
    nodes = operations.split_node(tree, node_id, new, keep=is_kept, below=is_kept)
    placements = [
        (product.id, new[indexes[0]].id)
        for product in product_rows.products_under(session, [node_id])
        if (indexes := _wanting(product, parts)) and (is_kept or indexes[0] > 0)
    ]
    names = ", ".join(f"'{part.name.strip()}'" for part in parts)
    return Change(nodes, f"Split '{tree.node(node_id).name}' into {names}", placements)


def _wanting(product: Product, parts: Sequence[SplitPart]) -> list[int]:
    """Indexes of the parts that ask for a product, by id before by word."""
    named = [index for index, part in enumerate(parts) if product.id in part.product_ids]
    title = _folded(product.title)
    worded = [index for index, part in enumerate(parts) if index not in named and _has_word(title, part.words)]
    return named + worded


def _has_word(title: str, words: Sequence[str]) -> bool:
    folded = [re.escape(_folded(word.strip())) for word in words if word.strip()]
    return bool(folded) and re.search(rf"\b(?:{'|'.join(folded)})(?:s|es)?\b", title) is not None


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
