"""Nodes and versions of the taxonomy."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import String, cast, func, insert, select, update
from sqlalchemy.orm import Session

from core.domain.taxonomy import NodeStatus, TaxonomyNode, TaxonomyVersion
from db.models import NodeRow, VersionRow
from db.repositories import snapshots
from db.repositories.products import chunks

ROOT_ID = "root"


FIELDS = tuple(field.name for field in fields(TaxonomyNode))
LISTS = ("synonyms", "split_into")
COLUMNS = tuple(
    cast(getattr(NodeRow, name), String).label(name) if name in LISTS else getattr(NodeRow, name) for name in FIELDS
)
"""Lists as the text they are stored as: nearly all are empty, and parsing 20,000 empty ones would take the longest."""
STATUSES = {str(status): status for status in NodeStatus}


def _to_node(row: Sequence[Any]) -> TaxonomyNode:
    (node_id, parent_id, name, status, replaced_by, version, description, position, synonyms, external_id, split_into,
     revision) = row  # fmt: skip
    return TaxonomyNode(node_id, parent_id, name, STATUSES[status], replaced_by, version, description, position,
                        _list(synonyms), external_id, _list(split_into), revision)  # fmt: skip


def _list(stored: str) -> tuple[str, ...]:
    return () if stored == "[]" else tuple(json.loads(stored))


def _to_row(node: TaxonomyNode) -> dict[str, Any]:
    return {**{name: getattr(node, name) for name in FIELDS}, "status": str(node.status)}


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
    # Columns instead of rows of the ORM: a third of the time for 10,000 nodes, and no objects that grow stale.
    return [_to_node(row) for row in session.execute(select(*COLUMNS))]


def insert_nodes(session: Session, nodes: Iterable[TaxonomyNode]) -> None:
    """Add nodes; parents must come before their children."""
    rows = [_to_row(node) for node in nodes]
    if rows:
        session.execute(insert(NodeRow), rows)


def save_nodes(session: Session, changed: Sequence[TaxonomyNode], new: Sequence[TaxonomyNode] = ()) -> None:
    """Write changed nodes over their rows and add new ones, whatever names they exchange among themselves.

    Args:
        session: A session that may write.
        changed: Nodes that have a row.
        new: Nodes that have none; parents before their children.
    """
    session.flush()
    for part in chunks(changed):
        made_free = update(NodeRow).where(NodeRow.id.in_([node.id for node in part])).values(name=NodeRow.id)
        session.execute(made_free.execution_options(synchronize_session=False))
    insert_nodes(session, new)  # before the changed ones: those may point at them as their replacement
    if changed:
        session.execute(update(NodeRow), [_to_row(node) for node in changed])
        session.expire_all()


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
    base = _newest_whole(session)
    snapshot = snapshots.write_snapshot(nodes, base, () if base is None else load_version_nodes(session, base))
    number = latest_version_number(session) + 1
    n_live = sum(node.status is not NodeStatus.DEPRECATED for node in nodes)
    values = {"number": number, "note": note, "author": author, "n_nodes": n_live, "snapshot": snapshot}
    session.execute(insert(VersionRow), values)
    return number


def _newest_whole(session: Session) -> int | None:
    """The version that the newest one differs from, or the newest one itself where it is kept whole."""
    newest = session.scalar(select(VersionRow.snapshot).order_by(VersionRow.number.desc()).limit(1))
    if newest is None:
        return None
    return snapshots.base_of(newest) or latest_version_number(session)


def load_version(session: Session, number: int) -> TaxonomyVersion | None:
    """One version with its nodes, None where there is no such number."""
    columns = (VersionRow.number, VersionRow.note, VersionRow.author, VersionRow.created_at)
    row = session.execute(select(*columns).where(VersionRow.number == number)).one_or_none()
    return None if row is None else TaxonomyVersion(*row, load_version_nodes(session, number))


def load_version_nodes(session: Session, number: int) -> tuple[TaxonomyNode, ...]:
    """All nodes of a version; none where there is no such number."""
    snapshot = session.scalar(select(VersionRow.snapshot).where(VersionRow.number == number)) or []
    base = snapshots.base_of(snapshot)
    return snapshots.read_snapshot(snapshot, () if base is None else load_version_nodes(session, base))


def list_version_rows(session: Session) -> list[tuple[Any, ...]]:
    """Number, note, author, time and number of live nodes, the root among them, of every version, newest first."""
    columns = (VersionRow.number, VersionRow.note, VersionRow.author, VersionRow.created_at, VersionRow.n_nodes)
    return [tuple(row) for row in session.execute(select(*columns).order_by(VersionRow.number.desc()))]
