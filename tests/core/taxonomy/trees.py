"""Trees to work on."""

from core.domain.taxonomy import TaxonomyNode
from core.taxonomy.tree import Taxonomy


def tree(*rows: tuple[str, str | None, str]) -> Taxonomy:
    """A root and the nodes below it."""
    return Taxonomy([TaxonomyNode("root", None, "Catalogue"), *(TaxonomyNode(*row) for row in rows)])


def names_below(taxonomy: Taxonomy, node_id: str) -> list[str]:
    """Names of the children in use, in their order."""
    return [child.name for child in taxonomy.children(node_id)]


def part(node_id: str, name: str) -> TaxonomyNode:
    """A part of a split."""
    return TaxonomyNode(node_id, None, name)
