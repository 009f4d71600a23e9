"""Products of some clusters as columns: merging and splitting move thousands of them in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.discovery.run_file import RunFile
from core.domain.arrays import DoubleArray, IntArray
from core.services.journal import Journal
from core.services.recut_plan import NONE, distances_to_own_centre
from db.models import MemberRow
from db.repositories.members import PLACE_COLUMNS, Places
from db.repositories.products import chunks


@dataclass(frozen=True, slots=True)
class ClusterMembers:
    """Members in the order of their ids. All arrays have the shape (n,).

    Attributes:
        ids: Of the members' rows.
        positions: In the run's arrays; -1 for what was brought in from elsewhere.
        cluster_ids: Clusters of level 1.
        subcluster_ids: Deepest clusters below those, -1 where there is none.
        distances: To the centre of the cluster of level 1.
    """

    ids: IntArray
    positions: IntArray
    cluster_ids: IntArray
    subcluster_ids: IntArray
    distances: DoubleArray

    @classmethod
    def load(cls, session: Session, cluster_ids: Sequence[int]) -> Self:
        """All products of some clusters of level 1."""
        names = ("id", "position", "cluster_id", "subcluster_id", "distance")
        query = select(*(getattr(MemberRow, name) for name in names)).order_by(MemberRow.id)
        rows = [
            (key, position, top, NONE if part is None else part, distance)
            for chosen in chunks(list(cluster_ids))
            for key, position, top, part, distance in session.execute(query.where(MemberRow.cluster_id.in_(chosen)))
        ]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        return cls(*(np.array(values, dtype=np.int64) for values in columns[:4]), np.array(columns[4], dtype=float))

    def place(
        self, session: Session, journal: Journal, file: RunFile, cluster_ids: IntArray, subcluster_ids: IntArray
    ) -> None:
        """Put them into clusters; those whose cluster of level 1 changes its products get their distances anew.

        Args:
            session: The act's transaction.
            journal: Told where those were that change.
            file: The run's arrays.
            cluster_ids: Of level 1, holding no other products. Shape: (n,).
            subcluster_ids: The deepest below those, -1 for none. Shape: (n,).
        """
        moved = cluster_ids != self.cluster_ids
        other = np.isin(cluster_ids, [*self.cluster_ids[moved], *cluster_ids[moved]])
        distances = np.where(other, self._distances(file, cluster_ids), self.distances)
        changed = np.flatnonzero(other | (subcluster_ids != self.subcluster_ids))
        before = (self.ids, self.cluster_ids, _optional(self.subcluster_ids), self.distances)
        after = (self.ids, cluster_ids, _optional(subcluster_ids), distances)
        journal.keep_columns(MemberRow, dict(zip(PLACE_COLUMNS, _rows(before, changed), strict=True)))
        Places(*_rows(after, changed)).save(session)

    def _distances(self, file: RunFile, cluster_ids: IntArray) -> DoubleArray:
        distances = np.zeros(len(self.ids))
        placed = np.flatnonzero(self.positions >= 0)
        if len(placed):
            _, labels = np.unique(cluster_ids[placed], return_inverse=True)
            distances[placed] = distances_to_own_centre(file, self.positions[placed], labels)
        return distances


def _rows(columns: Sequence[Sequence[Any]], chosen: IntArray) -> list[list[Any]]:
    return [np.asarray(column, dtype=object)[chosen].tolist() for column in columns]


def _optional(ids: IntArray) -> list[int | None]:
    return [None if key == NONE else key for key in ids.tolist()]
