"""Where the products of a run are, as columns: a re-cut moves all of them at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.models import MemberRow

PLACE_ON_SQLITE = """
UPDATE cluster_member SET cluster_id = place.c, subcluster_id = place.s, distance = place.d
FROM (SELECT value ->> 0 AS i, value ->> 1 AS c, value ->> 2 AS s, value ->> 3 AS d FROM json_each(:places)) AS place
WHERE cluster_member.id = place.i
"""
PLACE_ON_POSTGRES = """
UPDATE cluster_member SET cluster_id = (place.value ->> 1)::int, subcluster_id = (place.value ->> 2)::int,
    distance = (place.value ->> 3)::float8
FROM jsonb_array_elements(CAST(:places AS jsonb)) AS place (value)
WHERE cluster_member.id = (place.value ->> 0)::int
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Members of a run by position: row id, level-1 cluster, deepest cluster below it, distance to the centre."""

    ids: Sequence[int]
    cluster_ids: Sequence[int | None]
    subcluster_ids: Sequence[int | None]
    distances: Sequence[float]

    @classmethod
    def load(cls, session: Session, run_id: int) -> Self:
        """Those of all products of a run."""
        columns = select(MemberRow.id, MemberRow.cluster_id, MemberRow.subcluster_id, MemberRow.distance)
        query = columns.where(MemberRow.run_id == run_id).order_by(MemberRow.position)
        # The driver's own tuples: Row objects around 100,000 of them would take longer than reading them.
        rows = session.connection().execute(query).cursor.fetchall()
        return cls(*zip(*rows, strict=True)) if rows else cls((), (), (), ())

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        """Columns for an event: what undo needs."""
        return {"ids": list(self.ids), "cluster_ids": list(self.cluster_ids),
                "subcluster_ids": list(self.subcluster_ids), "distances": list(self.distances)}  # fmt: skip

    def chosen(self, is_chosen: Sequence[bool]) -> "Places":
        """Only some of them."""
        columns = (self.ids, self.cluster_ids, self.subcluster_ids, self.distances)
        return Places(*([value for value, keep in zip(column, is_chosen, strict=True) if keep] for column in columns))

    def save(self, session: Session) -> None:
        """Write them, in one statement: row by row, 100,000 take ten times as long."""
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        rows = list(zip(self.ids, self.cluster_ids, self.subcluster_ids, self.distances, strict=True))
        session.execute(text(PLACE_ON_SQLITE if is_sqlite else PLACE_ON_POSTGRES), {"places": json.dumps(rows)})
        session.flush()
        session.expire_all()  # rows loaded before would be out of date
