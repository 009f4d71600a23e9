"""Nodes and versions of the taxonomy."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.domain.taxonomy import NodeStatus, TaxonomyNode, TaxonomyVersion
from db.models import NodeRow, VersionRow

ROOT_ID = "root"


def _to_node(row: NodeRow) -> TaxonomyNode:
    return TaxonomyNode(
        row.id,
        row.parent_id,
        row.name,
        NodeStatus(row.status),
        row.replaced_by,
        row.created_in_version,
        row.description,
        row.position,
        tuple(row.synonyms),
        row.external_id,
        tuple(row.split_into),
        row.revision,
    )


def ensure_root(session: Session) -> None:
    """Make the one root and version 1 where there are none."""
    if session.get(NodeRow, ROOT_ID) is None:
        session.add(
            NodeRow(id=ROOT_ID, parent_id=None, name="All products", status=NodeStatus.APPROVED, created_in_version=1)
        )
        session.flush()
        add_version(session, "Empty taxonomy", "Shelfwise")


def load_nodes(session: Session) -> list[TaxonomyNode]:
    """All nodes, deprecated ones too, the root among them."""
    return [_to_node(row) for row in session.scalars(select(NodeRow))]


def insert_nodes(session: Session, nodes: Iterable[TaxonomyNode]) -> None:
    """Add nodes; parents must come before their children."""
    rows = [{**asdict(node), "status": str(node.status)} for node in nodes]
    if rows:
        session.execute(insert(NodeRow), rows)


def update_node(session: Session, node_id: str, **values: Any) -> None:
    """Change columns of one node."""
    session.execute(update(NodeRow).where(NodeRow.id == node_id).values(**values))


def latest_version_number(session: Session) -> int:
    """Number of the newest version; 0 where there is none."""
    return session.scalar(select(func.max(VersionRow.number))) or 0


def add_version(session: Session, note: str, author: str) -> int:
    """Snapshot all nodes as the next version.

    Returns:
        The new version's number.
    """
    session.flush()
    nodes = load_nodes(session)
    number = latest_version_number(session) + 1
    snapshot = [{**asdict(node), "status": str(node.status)} for node in nodes]
    n_live = sum(node.status is not NodeStatus.DEPRECATED for node in nodes)
    session.add(VersionRow(number=number, note=note, author=author, n_nodes=n_live, snapshot=snapshot))
    session.flush()
    return number


def load_version(session: Session, number: int) -> TaxonomyVersion | None:
    """One version with its nodes, None where there is no such number."""
    row = session.get(VersionRow, number)
    if row is None:
        return None
    nodes = tuple(_from_snapshot(values) for values in row.snapshot)
    return TaxonomyVersion(row.number, row.note, row.author, row.created_at, nodes)


def _from_snapshot(values: dict[str, Any]) -> TaxonomyNode:
    lists = {name: tuple(values.get(name, ())) for name in ("synonyms", "split_into")}
    return TaxonomyNode(**{**values, **lists, "status": NodeStatus(values["status"])})


def list_version_rows(session: Session) -> list[tuple[Any, ...]]:
    """Number, note, author, time and number of live nodes, the root among them, of every version, newest first."""
    columns = (VersionRow.number, VersionRow.note, VersionRow.author, VersionRow.created_at, VersionRow.n_nodes)
    return [tuple(row) for row in session.execute(select(*columns).order_by(VersionRow.number.desc()))]
