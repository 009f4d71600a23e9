"""What a curator does to the tree itself: each act checked, journalled, and its products placed anew.

Acts are drafts until a version is saved; see `core.services.versions`. Undo and redo are `history.undo` and
`history.redo` in the scope `taxonomy`.
"""

from collections.abc import Mapping, Sequence

from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services.categories import new_node_id
from core.services.context import Context
from core.services.edit_transaction import Change, EditResult, Operation, apply_edit
from core.taxonomy import operations
from core.taxonomy.tree import Taxonomy

__all__ = [
    "EditResult", "add_category", "deprecate", "describe", "edit", "merge", "move", "rename", "reorder", "restore",
    "set_synonyms", "set_words",
]  # fmt: skip

Revisions = Mapping[str, int]


def edit(
    context: Context,
    kind: str,
    operation: Operation,
    *,
    revisions: Revisions,
    author: str,
    why: str = "",
) -> EditResult:
    """Change the tree by one operation, in one transaction and as one event.

    Args:
        context: The open workspace.
        kind: What kind of act, for the history.
        operation: Given the tree as it is, says what becomes of it.
        revisions: Node id → revision as the curator saw it.
        author: Who acts.
        why: The reason given.

    Raises:
        StaleRevisionError: If somebody changed one of the nodes since; nothing is written.
        NodeNotFoundError: If there is no such node.
        TaxonomyError: If the operation would break the tree.
    """
    with context.database.write() as session:
        return apply_edit(session, kind, operation, revisions, author, why)


def add_category(
    context: Context, parent_id: str, name: str, *, revisions: Revisions, author: str, why: str = ""
) -> EditResult:
    """Add an empty category; the first of the result's `node_ids` is its id."""
    node_id = new_node_id()

    def operation(tree: Taxonomy, version: int) -> Change:
        node = TaxonomyNode(node_id, parent_id, name, NodeStatus.APPROVED, None, version)
        nodes = operations.add_node(tree, node)
        return Change(nodes, f"Added '{name.strip()}' below '{tree.node(parent_id).name}'")

    return edit(context, "add", operation, revisions=revisions, author=author, why=why)


def rename(
    context: Context, node_id: str, name: str, *, revisions: Revisions, author: str, why: str = ""
) -> EditResult:
    """Give a category another name."""

    def operation(tree: Taxonomy, _version: int) -> Change:
        nodes = operations.rename_node(tree, node_id, name)
        return Change(nodes, f"Renamed '{tree.node(node_id).name}' to '{name.strip()}'")

    return edit(context, "rename", operation, revisions=revisions, author=author, why=why)


def move(
    context: Context, node_ids: Sequence[str], parent_id: str, *, revisions: Revisions, author: str, why: str = ""
) -> EditResult:
    """Hang categories, with all below them, under another parent."""

    def operation(tree: Taxonomy, _version: int) -> Change:
        summary = f"Moved {named(tree, node_ids)} to '{tree.node(parent_id).name}'"
        for node_id in topmost(tree, node_ids):
            tree = Taxonomy(operations.move_node(tree, node_id, parent_id))
        return Change(tree.nodes, summary)

    return edit(context, "move", operation, revisions=revisions, author=author, why=why)


def merge(
    context: Context, source_ids: Sequence[str], target_id: str, *, revisions: Revisions, author: str, why: str = ""
) -> EditResult:
    """Merge categories into one that stays: their products and subcategories go there."""
    sources = [node_id for node_id in source_ids if node_id != target_id]

    def operation(tree: Taxonomy, _version: int) -> Change:
        nodes = operations.merge_nodes(tree, sources, target_id)
        return Change(nodes, f"Merged {named(tree, sources)} into '{tree.node(target_id).name}'")

    return edit(context, "merge", operation, revisions=revisions, author=author, why=why)


def deprecate(
    context: Context,
    node_ids: Sequence[str],
    replacement_id: str | None = None,
    *,
    revisions: Revisions,
    author: str,
    why: str = "",
) -> EditResult:
    """Take categories out of use; products and subcategories go to the replacement, or to each one's parent."""

    def operation(tree: Taxonomy, _version: int) -> Change:
        before = tree
        for node_id in sorted(node_ids, key=tree.depth, reverse=True):
            tree = Taxonomy(operations.deprecate_node(tree, node_id, replacement_id))
        target = replacement_id or str(tree.node(node_ids[0]).parent_id)
        towards = f" in favour of '{before.node(target).name}'" if replacement_id or len(node_ids) == 1 else ""
        return Change(tree.nodes, f"Deprecated {named(before, node_ids)}{towards}")

    return edit(context, "deprecate", operation, revisions=revisions, author=author, why=why)


def restore(context: Context, node_id: str, *, revisions: Revisions, author: str, why: str = "") -> EditResult:
    """Bring a deprecated category back into use, with the products that were put there."""

    def operation(tree: Taxonomy, _version: int) -> Change:
        return Change(operations.restore_node(tree, node_id), f"Brought back '{tree.node(node_id).name}'")

    return edit(context, "restore", operation, revisions=revisions, author=author, why=why)


def reorder(
    context: Context, node_id: str, index: int, *, revisions: Revisions, author: str, why: str = ""
) -> EditResult:
    """Put a category at a place among its siblings in use: 0 is the first, beyond the last means last."""

    def operation(tree: Taxonomy, _version: int) -> Change:
        node = tree.node(node_id)
        nodes = operations.reorder_node(tree, node_id, index)
        place = min(index + 1, len(tree.children(str(node.parent_id))))
        return Change(nodes, f"Put '{node.name}' in place {place} below '{tree.node(str(node.parent_id)).name}'")

    return edit(context, "reorder", operation, revisions=revisions, author=author, why=why)


def describe(
    context: Context, node_id: str, description: str, *, revisions: Revisions, author: str, why: str = ""
) -> EditResult:
    """Say what belongs into a category."""

    def operation(tree: Taxonomy, _version: int) -> Change:
        nodes = operations.describe_node(tree, node_id, description)
        return Change(nodes, f"Described '{tree.node(node_id).name}'")

    return edit(context, "describe", operation, revisions=revisions, author=author, why=why)


def set_synonyms(
    context: Context, node_id: str, synonyms: Sequence[str], *, revisions: Revisions, author: str, why: str = ""
) -> EditResult:
    """Say what else a category is called."""

    def operation(tree: Taxonomy, _version: int) -> Change:
        nodes = operations.set_synonyms(tree, node_id, synonyms)
        return Change(nodes, f"Changed the synonyms of '{tree.node(node_id).name}'")

    return edit(context, "synonyms", operation, revisions=revisions, author=author, why=why)


def set_words(
    context: Context,
    node_id: str,
    description: str,
    synonyms: Sequence[str],
    *,
    revisions: Revisions,
    author: str,
    why: str = "",
) -> EditResult:
    """Say what belongs into a category and what else it is called, as one act."""

    def operation(tree: Taxonomy, _version: int) -> Change:
        described = Taxonomy(operations.describe_node(tree, node_id, description))
        return Change(operations.set_synonyms(described, node_id, synonyms), f"Described '{tree.node(node_id).name}'")

    return edit(context, "describe", operation, revisions=revisions, author=author, why=why)


def named(tree: Taxonomy, node_ids: Sequence[str], shown: int = 3) -> str:
    """Nodes in a sentence: `'Boots', 'Clogs' and 2 more`."""
    names = [f"'{tree.node(node_id).name}'" for node_id in node_ids]
    if len(names) > shown + 1:
        return f"{', '.join(names[:shown])} and {len(names) - shown} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def topmost(tree: Taxonomy, node_ids: Sequence[str]) -> list[str]:
    """Of nodes chosen together, those that lie below no other of them: the rest comes along."""
    chosen = set(node_ids)
    return [key for key in dict.fromkeys(node_ids) if not any(n.id in chosen for n in tree.path(key)[:-1])]
