"""Split a node into parts: a tree in, the nodes of the new tree out."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.rules import Nodes, active_below_root, with_changed
from core.taxonomy.structure import add_node
from core.taxonomy.tree import Taxonomy


def split_node(
    taxonomy: Taxonomy, node_id: str, parts: Sequence[TaxonomyNode], *, keep: bool, below: bool = False
) -> Nodes:
    """Put new nodes in the place of one, beside it, or below it.

    Args:
        taxonomy: The tree.
        node_id: The node that is split.
        parts: The new nodes, each with a new id. Their parent is set here.
        keep: Whether the node stays. If not, it is deprecated: it points at all parts, and its children and what it
            holds go to the first one.
        below: Whether the parts become its children; they become its siblings otherwise. Only where it stays.

    Returns:
        All nodes of the new tree.

    Raises:
        NodeNotFoundError: If the node does not exist.
        TaxonomyError: If it is the root or deprecated, a part's name or id is taken, there are too few parts, or they
            would come to lie below a node that goes.
    """
    node = active_below_root(taxonomy, node_id, "split")
    _check(node, parts, keep, below)
    placed = [_placed(node, part, below) for part in parts]
    if keep:
        return _with_parts(taxonomy, placed)
    gone = replace(
        node, status=NodeStatus.DEPRECATED, replaced_by=parts[0].id, split_into=tuple(part.id for part in parts)
    )
    children = [replace(child, parent_id=parts[0].id) for child in taxonomy.children(node_id)]
    # The node goes first: a part may take over its name.
    parted = _with_parts(Taxonomy(with_changed(taxonomy, [gone])), placed)
    return with_changed(Taxonomy(parted), children)


def _check(node: TaxonomyNode, parts: Sequence[TaxonomyNode], keep: bool, below: bool) -> None:
    if below and not keep:
        raise TaxonomyError(
            f"The parts of {node.name!r} cannot lie below it when it goes.", "Keep the category, or put them beside it."
        )
    if len(parts) < (1 if keep else 2):
        raise TaxonomyError(
            f"A split expected at least {'one part' if keep else 'two parts'}, got {len(parts)}.", "Name the parts."
        )


def _placed(node: TaxonomyNode, part: TaxonomyNode, below: bool) -> TaxonomyNode:
    if below:
        return replace(part, parent_id=node.id)
    # Siblings of one position stand by name: the parts take the node's place in the order.
    return replace(part, parent_id=node.parent_id, position=node.position)


def _with_parts(taxonomy: Taxonomy, parts: Sequence[TaxonomyNode]) -> Nodes:
    for part in parts:
        taxonomy = Taxonomy(add_node(taxonomy, part))
    return taxonomy.nodes
