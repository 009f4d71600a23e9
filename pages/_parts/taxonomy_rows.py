"""The taxonomy as rows of the tree widget."""

from core.domain.product import format_path
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services.taxonomy import TaxonomyView
from pages._shared.tree import TreeRow

BROAD_ENOUGH = 30


def rows(view: TaxonomyView, *, with_statuses: bool = False) -> list[TreeRow]:
    """Every node below the root, siblings by size; statuses and novelty as badges where asked for.

    Args:
        view: The tree and its counts.
        with_statuses: Show deprecated nodes and mark drafts, deprecated and new ones.
    """
    nodes = [node for node in view.taxonomy.nodes if node.parent_id is not None]
    if not with_statuses:
        nodes = [node for node in nodes if node.status is not NodeStatus.DEPRECATED]
    nodes.sort(key=lambda node: (-view.counts.get(node.id, 0), node.name.casefold()))
    return [_row(view, node, with_statuses) for node in nodes]


def _row(view: TaxonomyView, node: TaxonomyNode, with_statuses: bool) -> TreeRow:
    badge, tone = "", ""
    if with_statuses and node.status is not NodeStatus.APPROVED:
        badge, tone = str(node.status), "old"
    elif with_statuses and node.created_in_version == view.version and view.version > 2:
        badge, tone = "new", "new"
    parent_id = None if node.parent_id == view.taxonomy.root.id else node.parent_id
    return TreeRow(node.id, parent_id, node.name, view.counts.get(node.id, 0), badge, tone)


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
