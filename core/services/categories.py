"""Category paths of a file become nodes of the taxonomy."""

import uuid
from collections.abc import Iterable

from sqlalchemy.orm import Session

from core.domain.taxonomy import NodeStatus, TaxonomyNode
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.taxonomy import ROOT_ID

Path = tuple[str, ...]
MAX_NAME = 200
"""Characters of a category's name that are kept: what its column holds."""


def new_node_id() -> str:
    """A fresh opaque id; it says nothing of name or place, so that both may change."""
    return uuid.uuid4().hex[:16]


def nodes_for_paths(session: Session, paths: Iterable[Path], note: str, author: str) -> dict[Path, str]:
    """The node of every path; missing nodes are made, in one new version of the taxonomy.

    Names match whatever their case. A deprecated node is followed to what replaced it.

    Args:
        session: A session that may write.
        paths: Names from below the root.
        note: Note of the new version, if one is made.
        author: Who asked.

    Returns:
        Path → node id.
    """
    nodes = {node.id: node for node in taxonomy_rows.load_nodes(session)}
    child = {(node.parent_id, node.name.casefold()): node.id for node in nodes.values()}
    version = taxonomy_rows.latest_version_number(session) + 1
    added: list[TaxonomyNode] = []
    found: dict[Path, str] = {}
    for path in sorted(set(paths)):
        parent = ROOT_ID
        for name in path:
            name = name[:MAX_NAME].strip()
            key = (parent, name.casefold())
            if key not in child:
                node = TaxonomyNode(new_node_id(), parent, name, NodeStatus.APPROVED, None, version)
                nodes[node.id], child[key] = node, node.id
                added.append(node)
            parent = _live(nodes, child[key])
        found[path] = parent
    if added:
        taxonomy_rows.insert_nodes(session, added)
        taxonomy_rows.add_version(session, f"{note}: {len(added)} new categories", author)
    return found


def _live(nodes: dict[str, TaxonomyNode], node_id: str) -> str:
    node = nodes[node_id]
    while node.status is NodeStatus.DEPRECATED and node.replaced_by:
        node = nodes[node.replaced_by]
    return node.id
