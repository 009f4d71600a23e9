"""What holds for every taxonomy, and for the words of its nodes."""

from collections.abc import Collection, Iterable, Sequence

from core.domain.errors import NodeNotFoundError, TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.tree import Taxonomy

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 2_000
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


def check_description(description: str) -> str:
    """A node's description, trimmed, its lines parted by line feeds alone.

    Raises:
        TaxonomyError: If it is longer than 2,000 characters, or holds a character that cannot be shown.
    """
    trimmed = "\n".join(line.rstrip() for line in description.strip().splitlines())
    if len(trimmed) > LONGEST_DESCRIPTION:
        raise TaxonomyError(
            f"A description expected at most {LONGEST_DESCRIPTION:,} characters, got {len(trimmed):,}.",
            "Shorten the description.",
        )
    if any(not (character.isprintable() or character == "\n") for character in trimmed):
        raise TaxonomyError("The description holds a character that cannot be shown.", "Type it anew.")
    return trimmed


def check_synonyms(synonyms: Iterable[str], name: str) -> tuple[str, ...]:
    """A node's synonyms: trimmed, each once whatever its case, without the node's own name, in alphabetical order.

    Raises:
        TaxonomyError: If one of them could not be a name.
    """
    found: dict[str, str] = {}
    for synonym in synonyms:
        if synonym.strip():
            clean = check_name(synonym)
            found.setdefault(clean.casefold(), clean)
    found.pop(name.casefold(), None)
    return tuple(found[key] for key in sorted(found))


def validate(nodes: Iterable[TaxonomyNode]) -> Taxonomy:
    """Check every rule at once, for nodes that come from outside.

    Returns:
        The tree.

    Raises:
        TaxonomyError: As `check_words` and `check_structure`.
    """
    taxonomy = Taxonomy(nodes)
    for node in taxonomy.nodes:
        check_words(node)
    return check_structure(taxonomy)


def check_words(node: TaxonomyNode) -> None:
    """Check the name, the description and the synonyms of one node.

    Raises:
        TaxonomyError: If one of them is not as `check_name`, `check_description` and `check_synonyms` give it.
    """
    if check_name(node.name) != node.name:
        raise TaxonomyError(f"The name {node.name!r} begins or ends with a blank.", "Take the blank away.")
    if check_description(node.description) != node.description:
        raise TaxonomyError(f"The description of {node.name!r} has blanks at its ends.", "Take them away.")
    if check_synonyms(node.synonyms, node.name) != node.synonyms:
        raise TaxonomyError(
            f"The synonyms of {node.name!r} expected each one once, in alphabetical order, and not its name; got "
            f"{', '.join(node.synonyms)}.",
            "Mend the synonyms.",
        )


def check_structure(taxonomy: Taxonomy) -> Taxonomy:
    """Check what holds between nodes.

    Raises:
        TaxonomyError: If the root is deprecated, a name stands twice among siblings in use, a node in use hangs below a
            deprecated one or points at a replacement, or a deprecated one does not lead to nodes in use.
    """
    for node in taxonomy.nodes:
        if node.status is NodeStatus.DEPRECATED:
            _check_replacement(taxonomy, node)
        else:
            _check_in_use(taxonomy, node)
    return taxonomy


def _check_replacement(taxonomy: Taxonomy, node: TaxonomyNode) -> None:
    if node.parent_id is None:
        raise TaxonomyError(f"The root {node.name!r} is deprecated.", "Restore an earlier version of the taxonomy.")
    try:
        ends = [taxonomy.replacement(node_id) for node_id in (node.id, *node.split_into)]
    except NodeNotFoundError as error:
        raise TaxonomyError(
            f"What replaced {node.name!r} is missing from the taxonomy.", "Name a category that it holds."
        ) from error
    if any(end.status is NodeStatus.DEPRECATED for end in ends):
        raise TaxonomyError(f"{node.name!r} is deprecated, and nothing in use replaced it.", "Name its replacement.")


def _check_in_use(taxonomy: Taxonomy, node: TaxonomyNode) -> None:
    if node.replaced_by is not None or node.split_into:
        raise TaxonomyError(f"{node.name!r} is in use, yet names a replacement.", "Take the replacement away.")
    if node.parent_id is not None and taxonomy.node(node.parent_id).status is NodeStatus.DEPRECATED:
        parent = taxonomy.node(node.parent_id)
        raise TaxonomyError(
            f"{node.name!r} is in use, but {parent.name!r} above it is deprecated.",
            f"Move it below {taxonomy.replacement(parent.id).name!r}, or deprecate it too.",
        )
    seen: set[str] = set()
    for child in taxonomy.children(node.id):
        if child.name.casefold() in seen:
            raise name_taken(child.name, node)
        seen.add(child.name.casefold())


def active_node(taxonomy: Taxonomy, node_id: str) -> TaxonomyNode:
    """The node, if it is in use.

    Raises:
        NodeNotFoundError: If it does not exist.
        TaxonomyError: If it is deprecated; the remedy names what replaced it.
    """
    node = taxonomy.node(node_id)
    if node.status is NodeStatus.DEPRECATED:
        became = taxonomy.replacement(node_id)
        raise TaxonomyError(f"{node.name!r} is deprecated.", f"Use its replacement, {became.name!r}.")
    return node


def active_below_root(taxonomy: Taxonomy, node_id: str, what: str) -> TaxonomyNode:
    """The node, if it is in use and not the root; `what` says what was to be done to it, such as "moved"."""
    node = active_node(taxonomy, node_id)
    if node.parent_id is None:
        raise TaxonomyError(f"The root {node.name!r} cannot be {what}.", "Choose a category below the root.")
    return node


def check_free(taxonomy: Taxonomy, parent_id: str, name: str, but: Collection[str] = ()) -> None:
    """Refuse a name that a child in use has, other than those in `but`."""
    wanted = name.casefold()
    for sibling in taxonomy.children(parent_id):
        if sibling.name.casefold() == wanted and sibling.id not in but:
            raise name_taken(name, taxonomy.node(parent_id))


def name_taken(name: str, parent: TaxonomyNode) -> TaxonomyError:
    """The fault of a name that stands twice below one parent."""
    return TaxonomyError(
        f"{parent.name!r} has a category named {name!r} already.", "Choose another name, or merge the two."
    )


def next_position(taxonomy: Taxonomy, parent_id: str, but: str | None = None) -> int:
    """Where a new child goes: after the others where a curator ordered them, else by its name among them."""
    positions = [child.position for child in taxonomy.children(parent_id) if child.id != but]
    return max(positions) + 1 if any(positions) else 0


def with_changed(taxonomy: Taxonomy, changed: Iterable[TaxonomyNode], added: Sequence[TaxonomyNode] = ()) -> Nodes:
    """All nodes, those that changed in their new state, and new ones at the end."""
    new = {node.id: node for node in changed}
    return (*(new.get(node.id, node) for node in taxonomy.nodes), *added)
