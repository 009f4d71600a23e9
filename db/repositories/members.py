"""Where the products of a run are, as columns: a re-cut moves all of them at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.models import MemberRow

PLACE_COLUMNS = ("id", "cluster_id", "subcluster_id", "distance")
CASTS = {"distance": "float8", "is_noise": "boolean", "is_excluded": "boolean", "is_moved": "boolean"}
"""Types of columns that are no integers, in Postgres's words."""


def save_states(session: Session, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Change many members in one statement: row by row, 100,000 take ten times as long.

    Args:
        session: A session that may write.
        columns: Names of the columns in `rows`, `id` first.
        rows: One mapping per member.
    """
    _save(session, columns, [[row[name] for name in columns] for row in rows])


def _save(session: Session, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if session.get_bind().dialect.name == "sqlite":
        taken = ", ".join(f"value ->> {index} AS v{index}" for index in range(len(columns)))
        given = ", ".join(f"{name} = place.v{index}" for index, name in enumerate(columns) if index)
        statement = f"""UPDATE cluster_member SET {given} FROM (SELECT {taken} FROM json_each(:rows)) AS place
            WHERE cluster_member.id = place.v0"""
    else:
        given = ", ".join(
            f"{name} = (place.value ->> {index})::{CASTS.get(name, 'int')}"
            for index, name in enumerate(columns)
            if index
        )
        statement = f"""UPDATE cluster_member SET {given}
            FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS place (value)
            WHERE cluster_member.id = (place.value ->> 0)::int"""
    session.execute(text(statement), {"rows": json.dumps(rows)})
    session.flush()
    session.expire_all()  # rows loaded before would be out of date


def load_places(session: Session, run_id: int) -> np.ndarray:
    """Places of all products that the run placed, by position, as one array with the fields of `PLACE_COLUMNS`.

    -1 stands for no cluster. Products brought in from elsewhere have no position and are left out.
    Shape: (n_products,).
    """
    nothing = [func.coalesce(column, -1) for column in (MemberRow.cluster_id, MemberRow.subcluster_id)]
    query = select(MemberRow.id, *nothing, MemberRow.distance)
    placed = query.where(MemberRow.run_id == run_id, MemberRow.position >= 0).order_by(MemberRow.position)
    fields = np.dtype(list(zip(PLACE_COLUMNS, ("i8", "i8", "i8", "f8"), strict=True)))
    # Row by row from the driver: 100,000 Row objects, or as many tuples at once, would take longer than reading them.
    return np.fromiter(session.connection().execute(placed).cursor, dtype=fields)


@dataclass(frozen=True, slots=True)
class Places:
    """Members to be written: row id, level-1 cluster, deepest cluster below it, distance to the centre."""

    ids: Sequence[int]
    cluster_ids: Sequence[int | None]
    subcluster_ids: Sequence[int | None]
    distances: Sequence[float]

    def save(self, session: Session) -> None:
        """Write them, in one statement."""
        rows = list(zip(self.ids, self.cluster_ids, self.subcluster_ids, self.distances, strict=True))
        _save(session, PLACE_COLUMNS, rows)

    def save_tops(self, session: Session) -> None:
        """Write them where no subcluster changes: a column that is not named need not be checked."""
        columns = ("id", "cluster_id", "distance")
        _save(session, columns, list(zip(self.ids, self.cluster_ids, self.distances, strict=True)))
