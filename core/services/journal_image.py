"""The image of an act: rows of the tables it changed, as they are on its other side."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.services.packed_rows import keys as packed_keys
from core.services.packed_rows import pack, unpack
from db.base import Base, UtcDateTime
from db.models import ClusterRow, LabelIssueRow, MemberRow, NodeRow, OpinionRow, PredictionRow
from db.repositories.products import chunks

Image = dict[str, Any]
TableImage = dict[str, Any]
RowClass = type[Base]
TABLES: tuple[RowClass, ...] = (NodeRow, ClusterRow, MemberRow, OpinionRow, PredictionRow, LabelIssueRow)
"""Tables an act may change, in the order in which rows are put back: what others point at comes first."""
BY_NAME = {row_class.__tablename__: row_class for row_class in TABLES}


def touched(image: Image) -> set[tuple[str, Any]]:
    """(table, key) of every row in an image."""
    return {(name, key) for name, table in image["tables"].items() for key in keys_of(table)}


def weakly_touched(image: Image) -> set[tuple[str, Any]]:
    """(table, key) of the rows of an image of which the act only said that somebody worked on them."""
    return {(name, key) for name, key in image.get("weak", ())}


def without(image: Image, left: set[tuple[str, Any]]) -> Image:
    """An image that lacks some rows."""
    tables = {
        name: {**table, "rows": [row for row in table["rows"] if (name, row[0]) not in left]}
        for name, table in image["tables"].items()
    }
    return {**image, "tables": tables, "weak": [pair for pair in image.get("weak", ()) if tuple(pair) not in left]}


def keys_of(table: TableImage) -> list[Any]:
    """Keys of all rows in the image of a table: those that are put back, and those that go."""
    packed = (key for block in table.get("packed", ()) for key in packed_keys(block))
    return [*(row[0] for row in table["rows"]), *packed, *table["absent"]]


def copied(table: TableImage) -> TableImage:
    """The image of a table that more may be added to, without a change to the one it comes from."""
    return {name: list(table.get(name, ())) for name in ("columns", "rows", "packed", "absent")}


def unpacked(image: Image) -> Image:
    """An image whose rows all stand as rows."""
    return {**image, "tables": {name: _unpacked(table) for name, table in image["tables"].items()}}


def packed(image: Image) -> Image:
    """An image whose members, which come by the thousand and are numbers throughout, take little room."""
    return {**image, "tables": {name: _packed(name, table) for name, table in image["tables"].items()}}


def present(session: Session, image: Image) -> Image:
    """The rows of an image as they are in the database now; the image must be unpacked."""
    return {**image, "tables": {name: _present(session, name, table) for name, table in image["tables"].items()}}


def read_rows(session: Session, row_class: RowClass, columns: Sequence[str], keys: Sequence[Any]) -> list[list[Any]]:
    """Values of some rows as an image keeps them."""
    table, key = row_class.__table__, key_column(row_class)
    chosen = [table.c[name] for name in columns]
    found = (row for part in chunks(list(keys)) for row in session.execute(select(*chosen).where(key.in_(part))))
    return [[plain(value) for value in row] for row in found]


def key_column(row_class: RowClass) -> Any:
    """The column that identifies a row."""
    return next(iter(row_class.__table__.primary_key.columns))


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def typed(row_class: RowClass, values: dict[str, Any]) -> dict[str, Any]:
    """Values as the columns take them: JSON keeps a time as text."""
    columns = row_class.__table__.columns
    return {
        name: datetime.fromisoformat(value)
        if isinstance(value, str) and isinstance(columns[name].type, UtcDateTime)
        else value
        for name, value in values.items()
    }


def _present(session: Session, name: str, table: TableImage) -> TableImage:
    columns, keys = table["columns"], keys_of(table)
    rows = read_rows(session, BY_NAME[name], columns, keys)
    found = {row[0] for row in rows}
    return {"columns": columns, "rows": rows, "packed": [], "absent": [key for key in keys if key not in found]}


def _unpacked(table: TableImage) -> TableImage:
    more = [row for block in table.get("packed", ()) for row in unpack(block)]
    return {**copied(table), "rows": [*table["rows"], *more], "packed": []}


def _packed(name: str, table: TableImage) -> TableImage:
    if name != MemberRow.__tablename__ or not table["rows"]:
        return table
    columns = dict(zip(table["columns"], zip(*table["rows"], strict=True), strict=True))
    return {**table, "rows": [], "packed": [pack(columns)]}
