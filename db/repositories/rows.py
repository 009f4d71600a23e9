"""Changes to many rows at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from db.base import Base


def update_rows(session: Session, row_class: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Give rows new values, by their key, in one statement; objects that the session loaded before stay as they were.

    The ORM's own way looks at each value of each row, which takes most of the time where there are thousands.

    Args:
        session: A session that may write.
        row_class: Their table, with one column as its key.
        rows: Column name → value, the key among them. The same names for all rows.
    """
    if not rows:
        return
    session.flush()
    table = row_class.__table__
    [key] = table.primary_key.columns
    given = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in rows[0] if name != key.name}
    statement = update(table).where(key == bindparam("row_key", type_=key.type)).values(given)
    taken = [(name, "row_key" if name == key.name else f"new_{name}") for name in rows[0]]
    session.execute(statement, [{to: row[name] for name, to in taken} for row in rows])
