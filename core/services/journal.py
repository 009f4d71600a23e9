"""The rows an act changes, as they were before it: what its undo puts back, and its redo after that.

An event keeps one image: the rows on the act's other side. Undo swaps them with those in the database, so that the
event then holds what redo needs; redo swaps again. Acts that commute may be taken back in any order.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus
from db.base import Base, UtcDateTime
from db.models import AssignmentRow, ClusterRow, MemberRow, NodeRow, OpinionRow, PredictionRow, ProductRow
from db.repositories import assignments
from db.repositories.members import save_states
from db.repositories.products import chunks

Image = dict[str, Any]
RowClass = type[Base]
TABLES: tuple[RowClass, ...] = (NodeRow, ClusterRow, MemberRow, OpinionRow, PredictionRow)
"""Tables an act may change, in the order in which rows are put back: what others point at comes first."""
BY_NAME = {row_class.__tablename__: row_class for row_class in TABLES}


class Journal:
    """Collects what an act changes, while it does.

    Args:
        session: The act's transaction.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tables: dict[str, dict[str, Any]] = {}
        self._assignments: list[int] = []
        self._created_nodes: list[str] = []

    def keep(self, row_class: RowClass, keys: Iterable[Any]) -> None:
        """Remember rows as they are, before they change. Rows remembered already keep their first image."""
        known = self._known(row_class)
        wanted = [key for key in dict.fromkeys(keys) if key not in known]
        if wanted:
            columns = [column.name for column in row_class.__table__.columns]
            self.keep_rows(row_class, columns, _read(self._session, row_class, columns, wanted))

    def keep_rows(self, row_class: RowClass, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Remember rows that were read already.

        Args:
            row_class: Their table.
            columns: Names of their values, the key first. The same for all rows of a table.
            rows: One sequence of values each.
        """
        table = self._table(row_class, columns)
        if table["columns"] != list(columns):
            raise ValueError(f"{row_class.__tablename__} is kept with the columns {table['columns']} already.")
        table["rows"].extend([_plain(value) for value in row] for row in rows)

    def made(self, row_class: RowClass, keys: Iterable[Any]) -> None:
        """Remember that rows were not there: undo deletes them, redo puts them back under the same keys."""
        columns = [column.name for column in row_class.__table__.columns]
        self._table(row_class, columns)["absent"].extend(keys)

    def made_nodes(self, node_ids: Iterable[str]) -> None:
        """Remember that nodes are new: undo deprecates them towards their parent, as a node is never deleted."""
        ids = list(node_ids)
        if not ids:
            return
        self.keep(NodeRow, ids)
        table = self._tables[NodeRow.__tablename__]
        at = {name: index for index, name in enumerate(table["columns"])}
        for row in table["rows"]:
            if row[0] in ids:
                row[at["status"]], row[at["replaced_by"]] = str(NodeStatus.DEPRECATED), row[at["parent_id"]]
        self._created_nodes.extend(ids)

    def assigned(self, assignment_ids: Iterable[int]) -> None:
        """Remember assignments that the act made: undo retracts them, redo makes them count again."""
        self._assignments.extend(assignment_ids)

    @property
    def image(self) -> Image:
        """What the event keeps."""
        return {"tables": self._tables, "assignments": self._assignments, "created_nodes": self._created_nodes}

    def _table(self, row_class: RowClass, columns: Sequence[str]) -> dict[str, Any]:
        empty = {"columns": list(columns), "rows": [], "absent": []}
        return self._tables.setdefault(row_class.__tablename__, empty)

    def _known(self, row_class: RowClass) -> set[Any]:
        table = self._tables.get(row_class.__tablename__)
        return {*(row[0] for row in table["rows"]), *table["absent"]} if table else set()


def touched(image: Image) -> set[tuple[str, Any]]:
    """(table, key) of every row in an image."""
    return {
        (name, key)
        for name, table in image["tables"].items()
        for key in (*(row[0] for row in table["rows"]), *table["absent"])
    }


def swap(session: Session, image: Image, *, is_undo: bool) -> Image:
    """Put the rows of an image in the place of those in the database.

    Args:
        session: A session that may write.
        image: Of an event, on its other side.
        is_undo: Whether the act is taken back; else it is done again.

    Returns:
        The rows that were there: the event's new image.

    Raises:
        TaxonomyError: If nodes that the act made hold products or subcategories from elsewhere by now, or a name is
            taken again meanwhile.
    """
    session.flush()
    other = {**image, "tables": {name: _present(session, name, table) for name, table in image["tables"].items()}}
    if is_undo:
        assignments.retract(session, image["assignments"])
        _check_unused(session, image["created_nodes"])
    _make_room(session, image, other)
    for row_class in TABLES:
        try:
            _write(session, row_class, image, other)
        except IntegrityError as error:
            raise TaxonomyError(
                "A name or a number that this would bring back is taken by now.", "Rename what has it, then try again."
            ) from error
    for row_class in reversed(TABLES):
        _delete(session, row_class, image)
    session.flush()
    session.expire_all()
    if not is_undo:
        assignments.reinstate(session, image["assignments"])
    nodes = image["tables"].get(NodeRow.__tablename__)
    if nodes:
        ids = [row[0] for row in nodes["rows"]]
        _check_tree(session, ids)
        assignments.refresh_under(session, ids)
    return other


def _present(session: Session, name: str, table: dict[str, Any]) -> dict[str, Any]:
    row_class, columns = BY_NAME[name], table["columns"]
    keys = [*(row[0] for row in table["rows"]), *table["absent"]]
    # Rows that the swap will delete must come back whole, whatever columns the act itself changed.
    rows = [[_plain(value) for value in row] for row in _read(session, row_class, columns, keys)]
    found = {row[0] for row in rows}
    return {"columns": columns, "rows": rows, "absent": [key for key in keys if key not in found]}


def _read(session: Session, row_class: RowClass, columns: Sequence[str], keys: Sequence[Any]) -> list[Any]:
    table, key = row_class.__table__, _key(row_class)
    chosen = [table.c[name] for name in columns]
    return [row for part in chunks(list(keys)) for row in session.execute(select(*chosen).where(key.in_(part)))]


def _make_room(session: Session, image: Image, other: Image) -> None:
    """Clusters that go give up their numbers, and nodes their names, to those that come back."""
    clusters = image["tables"].get(ClusterRow.__tablename__)
    if clusters:
        keys = [*clusters["absent"], *(row[0] for row in other["tables"][ClusterRow.__tablename__]["rows"])]
        for part in chunks(keys):
            made_free = update(ClusterRow).where(ClusterRow.id.in_(part)).values(number=-ClusterRow.id)
            session.execute(made_free.execution_options(synchronize_session=False))
    nodes = image["tables"].get(NodeRow.__tablename__)
    if nodes:
        for part in chunks([row[0] for row in nodes["rows"]]):
            made_free = update(NodeRow).where(NodeRow.id.in_(part)).values(name=NodeRow.id)
            session.execute(made_free.execution_options(synchronize_session=False))


def _write(session: Session, row_class: RowClass, image: Image, other: Image) -> None:
    table = image["tables"].get(row_class.__tablename__)
    if not table or not table["rows"]:
        return
    there = {row[0]: row for row in other["tables"][row_class.__tablename__]["rows"]}
    values = [_typed(row_class, dict(zip(table["columns"], row, strict=True))) for row in table["rows"]]
    if "revision" in table["columns"]:
        at = table["columns"].index("revision")
        for row in values:
            held = there.get(row[_key(row_class).name])
            row["revision"] = max(row["revision"], held[at] if held else 0) + 1
    changed = [row for row in values if row[_key(row_class).name] in there]
    missing = [row for row in values if row[_key(row_class).name] not in there]
    if missing:
        session.execute(insert(row_class), sorted(missing, key=lambda row: row.get("level", 0)))
    if changed:
        _update(session, row_class, table["columns"], changed)


def _update(session: Session, row_class: RowClass, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    if row_class is MemberRow:
        save_states(session, columns, rows)
    else:
        session.execute(update(row_class), rows)


def _delete(session: Session, row_class: RowClass, image: Image) -> None:
    table = image["tables"].get(row_class.__tablename__)
    if not table or not table["absent"]:
        return
    if row_class is ClusterRow:
        below = ClusterRow.id.in_(table["absent"]) & (ClusterRow.level > 1)
        levels = session.scalars(select(ClusterRow.level).where(below).distinct().order_by(ClusterRow.level.desc()))
        for level in list(levels):
            session.execute(delete(ClusterRow).where(below, ClusterRow.level == level))
    for part in chunks(table["absent"]):
        session.execute(delete(row_class).where(_key(row_class).in_(part)))


def _check_unused(session: Session, node_ids: Sequence[str]) -> None:
    for node_id in node_ids:
        held = session.scalar(select(ProductRow.id).where(ProductRow.node_id == node_id).limit(1))
        inside = AssignmentRow.is_retracted.is_(False) & (AssignmentRow.node_id == node_id)
        placed = session.scalar(select(AssignmentRow.id).where(inside).limit(1)) if held is not None else None
        if placed is not None:
            raise TaxonomyError(
                f"'{session.get_one(NodeRow, node_id).name}' holds products or subcategories that came after this.",
                "Move those away first.",
            )


def _check_tree(session: Session, node_ids: Sequence[str]) -> None:
    """What other acts did meanwhile must not hang a live node below one that goes, or make a circle."""
    rows = {key: rest for key, *rest in session.execute(select(NodeRow.id, NodeRow.parent_id, NodeRow.status))}
    gone = {key for key, (_, status) in rows.items() if status == str(NodeStatus.DEPRECATED)}
    concerned = set(node_ids)
    for key, (parent_id, _) in rows.items():
        if key not in gone and parent_id in gone and (key in concerned or parent_id in concerned):
            raise TaxonomyError(
                f"'{session.get_one(NodeRow, parent_id).name}' would go, but holds products or subcategories that came "
                f"after this, such as '{session.get_one(NodeRow, key).name}'.",
                "Move those away first.",
            )
    for key in concerned:
        above, passed = rows[key][0], {key}
        while above is not None and above not in passed:
            passed.add(above)
            above = rows[above][0]
        if above is not None:
            raise TaxonomyError(
                f"'{session.get_one(NodeRow, key).name}' would come to lie below itself: categories around it were "
                "moved since.",
                "Take those moves back first.",
            )


def _key(row_class: RowClass) -> Any:
    return next(iter(row_class.__table__.primary_key.columns))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(row_class: RowClass, values: dict[str, Any]) -> dict[str, Any]:
    """Values as the columns take them: JSON keeps a time as text."""
    columns = row_class.__table__.columns
    return {
        name: datetime.fromisoformat(value)
        if isinstance(value, str) and isinstance(columns[name].type, UtcDateTime)
        else value
        for name, value in values.items()
    }
