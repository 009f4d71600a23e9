"""Which products may teach a classifier."""

from collections.abc import Iterable, Sequence

from core.domain.product import Product
from core.domain.taxonomy import AssignmentSource
from core.taxonomy.tree import Taxonomy

Placement = tuple[str, str]
"""Node id, and the source of the assignment that put a product there."""


def teaching_placements(taxonomy: Taxonomy, placements: Iterable[Placement]) -> set[Placement]:
    """Placements known well enough to learn from.

    Once a curator refined a category, a product that merely stayed there since its import is unsorted, not an example
    of "no subcategory": it is left out, and predicted afterwards. A product that a curator put there counts.

    Args:
        taxonomy: The tree.
        placements: (node id, source) of every product, or of every pair that occurs.

    Returns:
        Those of the placements whose products may teach.
    """
    known = set(placements)
    by_people = (AssignmentSource.CLUSTER, AssignmentSource.CURATOR)
    refined = {taxonomy.node(node_id).parent_id for node_id, source in known if source in by_people}
    return {
        (node_id, source)
        for node_id, source in known
        if node_id != taxonomy.root.id and not (node_id in refined and source == AssignmentSource.IMPORT)
    }


def teaching_rows(taxonomy: Taxonomy, catalogue: Sequence[Product]) -> list[int]:
    """Which products of a catalogue may teach, by their positions in it."""
    teaching = teaching_placements(taxonomy, ((product.node_id, product.source) for product in catalogue))
    return [row for row, product in enumerate(catalogue) if (product.node_id, product.source) in teaching]
