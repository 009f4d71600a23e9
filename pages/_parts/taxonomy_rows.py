"""The taxonomy as rows of the tree widget."""

from collections.abc import Collection

from core.domain.product import format_path
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services.taxonomy import TaxonomyView
from pages._shared.tree import TreeRow

BROAD_ENOUGH = 30


def rows(view: TaxonomyView) -> list[TreeRow]:
    """Every category in use below the root, siblings by size: to choose one from.

    Args:
        view: The tree and its counts.
    """
    nodes = [node for node in view.taxonomy.nodes if node.parent_id is not None and not _is_gone(node)]
    nodes.sort(key=lambda node: (-view.counts.get(node.id, 0), node.name.casefold()))
    return [
        TreeRow(node.id, None if node.parent_id == view.taxonomy.root.id else node.parent_id, node.name,
                view.counts.get(node.id, 0), synonyms=node.synonyms)
        for node in nodes
    ]  # fmt: skip


def editor_rows(view: TaxonomyView, unsaved: Collection[str]) -> list[TreeRow]:
    """Every node, the root and those out of use too, siblings in the curators' order: to edit.

    Args:
        view: The tree and its counts.
        unsaved: Nodes edited since the newest version; they are marked so.
    """
    return [_editor_row(view, node, unsaved) for node in view.taxonomy.walk(include_deprecated=True)]


def _editor_row(view: TaxonomyView, node: TaxonomyNode, unsaved: Collection[str]) -> TreeRow:
    badge, tone = "", ""
    if _is_gone(node):
        badge, tone = f"now {view.taxonomy.replacement(node.id).name}", "old"
    elif node.id in unsaved:
        badge, tone = ("new" if node.created_in_version > view.version else "edited"), "new"
    elif node.status is NodeStatus.DRAFT:
        badge, tone = "draft", "old"
    elif node.created_in_version == view.version and view.version > 2:
        badge, tone = f"new in v{view.version}", "new"
    fixed = "gone" if _is_gone(node) else "root" if node.parent_id is None else ""
    return TreeRow(node.id, node.parent_id, node.name, view.counts.get(node.id, 0), badge, tone, node.synonyms,
                   node.revision, fixed)  # fmt: skip


def _is_gone(node: TaxonomyNode) -> bool:
    return node.status is NodeStatus.DEPRECATED


def name(view: TaxonomyView, node_id: str) -> str:
    """Name of a node."""
    return view.taxonomy.node(node_id).name


def path_above(view: TaxonomyView, node_id: str) -> str:
    """Names above a node, without its own."""
    return format_path(view.taxonomy.names(node_id)[:-1])


def broadest(view: TaxonomyView) -> str | None:
    """The node that holds most products of its own: where subcategories are most likely missing."""
    known = {row.id for row in rows(view)}
    best = max(known, key=lambda node_id: view.direct_counts.get(node_id, 0), default=None)
    return best if best and view.direct_counts.get(best, 0) >= BROAD_ENOUGH else None
