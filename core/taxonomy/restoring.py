"""Bring back a node, or a whole version: a tree in, the nodes of the new tree out. Nothing is ever deleted."""

from collections.abc import Iterable
from dataclasses import replace

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.rules import Nodes, active_node, check_free, next_position, with_changed
from core.taxonomy.tree import Taxonomy


def restore_node(taxonomy: Taxonomy, node_id: str, parent_id: str | None = None) -> Nodes:
    """Take a deprecated node into use again. What pointed at it leads to it now; its former children stay away.

    Args:
        taxonomy: The tree.
        node_id: The node.
        parent_id: Where it goes; below its former parent by default, or what has replaced that.

    Returns:
        All nodes of the new tree.

    Raises:
        NodeNotFoundError: If either does not exist.
        TaxonomyError: If it is in use, the parent is deprecated, or has a child of that name in use.
    """
    node = taxonomy.node(node_id)
    if node.status is not NodeStatus.DEPRECATED:
        raise TaxonomyError(f"{node.name!r} is in use already.", "Choose a deprecated category.")
    parent = active_node(taxonomy, parent_id) if parent_id else taxonomy.replacement(str(node.parent_id))
    check_free(taxonomy, parent.id, node.name)
    position = node.position if parent.id == node.parent_id else next_position(taxonomy, parent.id)
    back = replace(
        node, parent_id=parent.id, position=position, status=NodeStatus.APPROVED, replaced_by=None, split_into=()
    )
    return with_changed(taxonomy, [back])


def rollback(taxonomy: Taxonomy, nodes_of_version: Iterable[TaxonomyNode]) -> Nodes:
    """Every node as it was in an earlier version; nodes that came later go out of use.

    Args:
        taxonomy: The tree now.
        nodes_of_version: All nodes of the earlier version.

    Returns:
        All nodes of the new tree. A later node points at the nearest category above it that the version had in use.
        Revisions stay, so that an edit begun before the rollback is stale.

    Raises:
        TaxonomyError: If the earlier nodes are no tree.
    """
    earlier = Taxonomy(nodes_of_version)
    back = [replace(node, revision=_revision(taxonomy, node)) for node in earlier.nodes]
    later = [node for node in taxonomy.nodes if node.id not in earlier]
    retired = [node if _is_retired(node) else _towards(taxonomy, earlier, node) for node in later]
    return (*back, *retired)


def _towards(taxonomy: Taxonomy, earlier: Taxonomy, node: TaxonomyNode) -> TaxonomyNode:
    above = reversed(taxonomy.path(node.id)[:-1])
    alive = (other.id for other in above if other.id in earlier and not _is_retired(earlier.node(other.id)))
    target = next(alive, earlier.root.id)
    return replace(node, status=NodeStatus.DEPRECATED, replaced_by=target, split_into=())


def _revision(taxonomy: Taxonomy, node: TaxonomyNode) -> int:
    return taxonomy.node(node.id).revision if node.id in taxonomy else node.revision


def _is_retired(node: TaxonomyNode) -> bool:
    return node.status is NodeStatus.DEPRECATED
