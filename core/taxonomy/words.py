"""Name, describe and list the synonyms of a node: a tree in, the nodes of the new tree out."""

from collections.abc import Iterable
from dataclasses import replace

from core.taxonomy.rules import (
    Nodes,
    active_node,
    check_description,
    check_free,
    check_name,
    check_synonyms,
    with_changed,
)
from core.taxonomy.tree import Taxonomy


def rename_node(taxonomy: Taxonomy, node_id: str, name: str) -> Nodes:
    """Give a node another name. Where that was one of its synonyms, it is so no more.

    Raises:
        NodeNotFoundError: If it does not exist.
        TaxonomyError: If it is deprecated, or the name is invalid or taken by a sibling in use.
    """
    node = active_node(taxonomy, node_id)
    trimmed = check_name(name)
    if node.parent_id is not None:
        check_free(taxonomy, node.parent_id, trimmed, but={node_id})
    synonyms = check_synonyms(node.synonyms, trimmed)
    return with_changed(taxonomy, [replace(node, name=trimmed, synonyms=synonyms)])


def describe_node(taxonomy: Taxonomy, node_id: str, description: str) -> Nodes:
    """Say what belongs into a node; '' takes its description away.

    Raises:
        NodeNotFoundError: If it does not exist.
        TaxonomyError: If it is deprecated, or the text too long or not readable.
    """
    node = active_node(taxonomy, node_id)
    return with_changed(taxonomy, [replace(node, description=check_description(description))])


def set_synonyms(taxonomy: Taxonomy, node_id: str, synonyms: Iterable[str]) -> Nodes:
    """Give a node other names that people use for it, in the place of those it had.

    Args:
        taxonomy: The tree.
        node_id: The node.
        synonyms: In any order. Empty ones, repetitions whatever their case, and the node's own name are left out.

    Returns:
        All nodes of the new tree; the synonyms are in alphabetical order.

    Raises:
        NodeNotFoundError: If the node does not exist.
        TaxonomyError: If it is deprecated, or a synonym could not be a name.
    """
    node = active_node(taxonomy, node_id)
    return with_changed(taxonomy, [replace(node, synonyms=check_synonyms(synonyms, node.name))])
