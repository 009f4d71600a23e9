"""Add, move, order, merge and deprecate: a tree in, the nodes of the new tree out."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.rules import (
    Nodes,
    active_below_root,
    active_node,
    check_free,
    check_words,
    next_position,
    with_changed,
)
from core.taxonomy.tree import Taxonomy


def add_node(taxonomy: Taxonomy, node: TaxonomyNode) -> Nodes:
    """Add a node below its parent. Where the siblings were put in order, one without a position becomes the last.

    Args:
        taxonomy: The tree.
        node: In use, with a new id and the id of a parent in use.

    Returns:
        All nodes of the new tree.

    Raises:
        NodeNotFoundError: If the parent does not exist.
        TaxonomyError: If the id exists, the parent is missing or deprecated, or a word is invalid or the name taken.
    """
    if node.id in taxonomy:
        raise TaxonomyError(f"A node with the id {node.id!r} exists already.", "Give the new node an id of its own.")
    if node.parent_id is None:
        raise TaxonomyError("A taxonomy expected one root, got a second one.", "Name the parent of the new category.")
    if node.status is NodeStatus.DEPRECATED:
        raise TaxonomyError(f"{node.name!r} is new and deprecated at once.", "Add it as a category in use.")
    named = replace(node, name=node.name.strip())
    check_words(named)
    active_node(taxonomy, node.parent_id)
    check_free(taxonomy, node.parent_id, named.name)
    position = node.position or next_position(taxonomy, node.parent_id)
    return (*taxonomy.nodes, replace(named, position=position))


def move_node(taxonomy: Taxonomy, node_id: str, parent_id: str) -> Nodes:
    """Hang a node, with all below it, under another parent.

    Raises:
        NodeNotFoundError: If either does not exist.
        TaxonomyError: If it is the root, either is deprecated, the new parent lies below the node, or has a child of
            that name.
    """
    node = active_below_root(taxonomy, node_id, "moved")
    active_node(taxonomy, parent_id)
    if is_within(taxonomy, parent_id, node_id):
        raise TaxonomyError(
            f"{node.name!r} cannot be moved below itself.", "Choose a parent outside the category that is moved."
        )
    if parent_id == node.parent_id:
        return taxonomy.nodes
    check_free(taxonomy, parent_id, node.name)
    return with_changed(taxonomy, [_moved(taxonomy, node, parent_id)])


def reorder_node(taxonomy: Taxonomy, node_id: str, index: int) -> Nodes:
    """Put a node at a place among its siblings in use.

    Args:
        taxonomy: The tree.
        node_id: The node.
        index: Its new place, 0 for the first; beyond the last means last.

    Returns:
        All nodes of the new tree: the siblings' positions count from 1.

    Raises:
        NodeNotFoundError: If the node does not exist.
        TaxonomyError: If it is the root or deprecated.
    """
    node = active_below_root(taxonomy, node_id, "put in another place")
    siblings = [sibling for sibling in taxonomy.children(str(node.parent_id)) if sibling.id != node_id]
    siblings.insert(min(max(index, 0), len(siblings)), node)
    numbered = enumerate(siblings, start=1)
    return with_changed(taxonomy, [replace(each, position=position) for position, each in numbered])


def merge_nodes(taxonomy: Taxonomy, source_ids: Sequence[str], target_id: str) -> Nodes:
    """Merge nodes into one that stays. The sources are deprecated and point at the target.

    Their children move to the target; a child whose name the target's children hold already is merged into that one
    in the same way.

    Args:
        taxonomy: The tree.
        source_ids: Nodes that go.
        target_id: The node that stays.

    Returns:
        All nodes of the new tree.

    Raises:
        NodeNotFoundError: If one does not exist.
        TaxonomyError: If there is no source, one is the root, the target or above the target, or one is deprecated.
    """
    sources = list(dict.fromkeys(source_ids))
    target = active_node(taxonomy, target_id)
    if not sources:
        raise TaxonomyError("A merge expected at least one category to merge, got none.", "Choose two categories.")
    for source_id in sources:
        source = active_below_root(taxonomy, source_id, "merged")
        if is_within(taxonomy, target_id, source_id):
            raise TaxonomyError(
                f"{source.name!r} cannot be merged into {target.name!r}, which is itself or lies below it.",
                "Choose a target outside the category that is merged.",
            )
    for source_id in sources:
        # An earlier source may have taken this one along as a child of its own name.
        if taxonomy.node(source_id).status is not NodeStatus.DEPRECATED:
            taxonomy = Taxonomy(_absorb(taxonomy, source_id, target_id))
    return taxonomy.nodes


def deprecate_node(taxonomy: Taxonomy, node_id: str, replacement_id: str | None = None) -> Nodes:
    """Take a node out of use. It stays for ever and points at its replacement; its children move there.

    Args:
        taxonomy: The tree.
        node_id: The node that goes.
        replacement_id: Where its products and children go; its parent by default.

    Raises:
        NodeNotFoundError: If either does not exist.
        TaxonomyError: As `merge_nodes`.
    """
    node = active_below_root(taxonomy, node_id, "deprecated")
    return merge_nodes(taxonomy, [node_id], replacement_id or str(node.parent_id))


def is_within(taxonomy: Taxonomy, node_id: str, ancestor_id: str) -> bool:
    """Whether a node is another one, or lies below it."""
    return node_id == ancestor_id or any(node.id == ancestor_id for node in taxonomy.path(node_id))


def _moved(taxonomy: Taxonomy, node: TaxonomyNode, parent_id: str) -> TaxonomyNode:
    return replace(node, parent_id=parent_id, position=next_position(taxonomy, parent_id, but=node.id))


def _absorb(taxonomy: Taxonomy, source_id: str, target_id: str) -> Nodes:
    """Nodes after one merge, children and equal names included."""
    changed: dict[str, TaxonomyNode] = {}
    waiting = [(source_id, target_id)]
    while waiting:
        source_id, target_id = waiting.pop()
        changed[source_id] = replace(taxonomy.node(source_id), status=NodeStatus.DEPRECATED, replaced_by=target_id)
        held = {child.name.casefold(): child.id for child in taxonomy.children(target_id) if child.id not in changed}
        for child in taxonomy.children(source_id):
            same = held.get(child.name.casefold())
            if same is None:
                changed[child.id] = _moved(taxonomy, child, target_id)
            else:
                waiting.append((child.id, same))
    return with_changed(taxonomy, changed.values())
