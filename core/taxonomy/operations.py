"""What a curator does to a taxonomy, as pure functions: a tree in, the nodes of the new tree out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.tree import Taxonomy

LONGEST_NAME = 120
Nodes = tuple[TaxonomyNode, ...]


def check_name(name: str) -> str:
    """A node's name, trimmed.

    Raises:
        TaxonomyError: If it is empty, longer than 120 characters, or holds `>` or a control character.
    """
    trimmed = name.strip()
    if not trimmed:
        raise TaxonomyError("A category expected a name, got none.", "Type a name.")
    if len(trimmed) > LONGEST_NAME:
        raise TaxonomyError(
            f"A category's name expected at most {LONGEST_NAME} characters, got {len(trimmed)}.", "Shorten the name."
        )
    if ">" in trimmed or any(not character.isprintable() for character in trimmed):
        raise TaxonomyError(
            f"The name {trimmed!r} holds '>' or a character that cannot be shown.",
            "Leave it out: '>' parts the names of a path.",
        )
    return trimmed


def add_node(taxonomy: Taxonomy, node: TaxonomyNode) -> Nodes:
    """Add a node below its parent.

    Args:
        taxonomy: The tree.
        node: With a new id and the id of an active parent.

    Returns:
        All nodes of the new tree.

    Raises:
        NodeNotFoundError: If the parent does not exist.
        TaxonomyError: If the id exists, the parent is missing or deprecated, or the name is invalid or taken.
    """
    if node.id in taxonomy:
        raise TaxonomyError(f"A node with the id {node.id!r} exists already.", "Give the new node an id of its own.")
    if node.parent_id is None:
        raise TaxonomyError("A taxonomy expected one root, got a second one.", "Name the parent of the new category.")
    named = replace(node, name=check_name(node.name))
    _check_parent(taxonomy, node.parent_id)
    if node.status is not NodeStatus.DEPRECATED:
        _check_free(taxonomy, node.parent_id, named.name)
    return (*taxonomy.nodes, named)


def rename_node(taxonomy: Taxonomy, node_id: str, name: str) -> Nodes:
    """Give a node another name.

    Raises:
        NodeNotFoundError: If it does not exist.
        TaxonomyError: If it is deprecated, or the name is invalid or taken by a sibling.
    """
    node = _active(taxonomy, node_id)
    trimmed = check_name(name)
    if node.parent_id is not None:
        _check_free(taxonomy, node.parent_id, trimmed, but={node_id})
    return _with(taxonomy, [replace(node, name=trimmed)])


def move_node(taxonomy: Taxonomy, node_id: str, parent_id: str) -> Nodes:
    """Hang a node, with all below it, under another parent.

    Raises:
        NodeNotFoundError: If either does not exist.
        TaxonomyError: If it is the root, either is deprecated, the new parent lies below the node, or has a child of
            that name.
    """
    node = _below_root(taxonomy, node_id, "moved")
    _check_parent(taxonomy, parent_id)
    if _is_within(taxonomy, parent_id, node_id):
        raise TaxonomyError(
            f"{node.name!r} cannot be moved below itself.", "Choose a parent outside the category that is moved."
        )
    _check_free(taxonomy, parent_id, node.name, but={node_id})
    return _with(taxonomy, [replace(node, parent_id=parent_id)])


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
    target = _active(taxonomy, target_id)
    if not sources:
        raise TaxonomyError("A merge expected at least one category to merge, got none.", "Choose two categories.")
    for source_id in sources:
        source = _below_root(taxonomy, source_id, "merged")
        if _is_within(taxonomy, target_id, source_id):
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
    node = _below_root(taxonomy, node_id, "deprecated")
    return merge_nodes(taxonomy, [node_id], replacement_id or str(node.parent_id))


def validate(nodes: Iterable[TaxonomyNode]) -> Taxonomy:
    """Check every rule at once, for nodes that come from outside.

    Returns:
        The tree.

    Raises:
        TaxonomyError: If they are no tree, a name is invalid or stands twice among active siblings, an active node
            hangs below a deprecated one, or a replacement is missing or leads in a circle.
    """
    taxonomy = Taxonomy(nodes)
    for node in taxonomy.nodes:
        check_name(node.name)
        if node.replaced_by is not None:
            taxonomy.replacement(node.id)
            taxonomy.node(node.replaced_by)
        if node.status is not NodeStatus.DEPRECATED and node.parent_id is not None:
            _check_parent(taxonomy, node.parent_id)
        names = [child.name.casefold() for child in taxonomy.children(node.id)]
        if len(set(names)) < len(names):
            twice = next(name for index, name in enumerate(names) if name in names[:index])
            raise _taken(twice, node)
    return taxonomy


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
                changed[child.id] = replace(child, parent_id=target_id)
            else:
                waiting.append((child.id, same))
    return _with(taxonomy, changed.values())


def _with(taxonomy: Taxonomy, changed: Iterable[TaxonomyNode]) -> Nodes:
    new = {node.id: node for node in changed}
    return tuple(new.get(node.id, node) for node in taxonomy.nodes)


def _active(taxonomy: Taxonomy, node_id: str) -> TaxonomyNode:
    node = taxonomy.node(node_id)
    if node.status is NodeStatus.DEPRECATED:
        became = taxonomy.replacement(node_id)
        raise TaxonomyError(f"{node.name!r} is deprecated.", f"Use its replacement, {became.name!r}.")
    return node


def _below_root(taxonomy: Taxonomy, node_id: str, what: str) -> TaxonomyNode:
    node = _active(taxonomy, node_id)
    if node.parent_id is None:
        raise TaxonomyError(f"The root {node.name!r} cannot be {what}.", "Choose a category below the root.")
    return node


def _check_parent(taxonomy: Taxonomy, parent_id: str) -> None:
    if taxonomy.node(parent_id).status is NodeStatus.DEPRECATED:
        _active(taxonomy, parent_id)


def _check_free(taxonomy: Taxonomy, parent_id: str, name: str, but: frozenset[str] | set[str] = frozenset()) -> None:
    wanted = name.casefold()
    for sibling in taxonomy.children(parent_id):
        if sibling.name.casefold() == wanted and sibling.id not in but:
            raise _taken(name, taxonomy.node(parent_id))


def _taken(name: str, parent: TaxonomyNode) -> TaxonomyError:
    return TaxonomyError(
        f"{parent.name!r} has a category named {name!r} already.", "Choose another name, or merge the two."
    )


def _is_within(taxonomy: Taxonomy, node_id: str, ancestor_id: str) -> bool:
    return node_id == ancestor_id or any(node.id == ancestor_id for node in taxonomy.path(node_id))
