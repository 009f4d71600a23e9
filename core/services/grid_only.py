"""Narrow a grid to the products that need a look: outliers, near-duplicates, what was moved or set aside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.services.context import Context
from core.services.grid_kinds import GridOnly, GridQuery
from core.services.near_duplicates import find_duplicates
from db.models import MemberRow
from db.repositories.search import FoundProduct

OUTLIER_SPREADS = 3.0
"""An outlier is this many robust standard deviations further from the centre of its cluster than the median is."""
MAD_TO_DEVIATION = 1.4826
"""The median absolute deviation of a normal distribution, times this, is its standard deviation."""
MIN_MEMBERS = 12
"""In fewer products no distance is unusual."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Products that are left, in the order to show them; what is to say of some of them, and of the search.

    `groups` are those of near-duplicates, by product id.
    """

    rows: list[FoundProduct]
    notes: Mapping[int, str] = field(default_factory=dict)
    note: str = ""
    groups: tuple[tuple[int, ...], ...] = ()


def narrow(context: Context, session: Session, query: GridQuery, rows: list[FoundProduct]) -> Narrowed:
    """Keep what `query.only` asks for. Outliers come farthest first, near-duplicates group by group."""
    match query.only:
        case GridOnly.OUTLIERS:
            scores = outlier_scores(session, query.run_id, rows)
            far = [row for row in rows if row.product_id in scores]
            return Narrowed(sorted(far, key=lambda row: -scores[row.product_id]))
        case GridOnly.NOISE:
            return Narrowed([row for row in rows if row.is_noise])
        case GridOnly.MOVED:
            return Narrowed([row for row in rows if row.is_moved])
        case GridOnly.NEAR_DUPLICATES:
            return _near_duplicates(context, rows)
        case GridOnly.ALL:
            return Narrowed(rows)


def outlier_scores(session: Session, run_id: int, rows: Sequence[FoundProduct]) -> dict[int, float]:
    """Product id → how far out it is, for those of the products that are outliers of their level-1 cluster.

    The score is (distance - median) / (1.4826 x MAD) over the distances of the whole cluster, MAD being the median
    absolute deviation; above 3 is an outlier. Both medians ignore the outliers that a mean would follow.

    Source:
        Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers: the modified z-score.
    """
    clusters = {row.cluster_id for row in rows if row.cluster_id is not None}
    scales = _scales(session, run_id, clusters)
    scores: dict[int, float] = {}
    for row in rows:
        if row.cluster_id in scales and row.distance is not None:
            median, deviation = scales[row.cluster_id]
            if row.distance - median > OUTLIER_SPREADS * deviation:
                scores[row.product_id] = (row.distance - median) / deviation
    return scores


def _scales(session: Session, run_id: int, cluster_ids: Collection[int]) -> dict[int, tuple[float, float]]:
    """Cluster → median of its distances and their robust standard deviation; none for one too small or too even."""
    query = select(MemberRow.cluster_id, MemberRow.distance).where(MemberRow.cluster_id.in_(cluster_ids))
    found = session.connection().execute(query).cursor.fetchall()
    distances: dict[int, list[float]] = {}
    for cluster_id, distance in found:
        distances.setdefault(cluster_id, []).append(distance)
    scales = {}
    for cluster_id, values in distances.items():
        median = float(np.median(values))
        deviation = MAD_TO_DEVIATION * float(np.median(np.abs(np.array(values) - median)))
        if len(values) >= MIN_MEMBERS and deviation > 0:
            scales[cluster_id] = median, deviation
    return scales


def whole_groups(found: Narrowed, rows: Sequence[FoundProduct]) -> Narrowed:
    """Groups of near-duplicates of which the filters left two products or more; the first one of each is marked."""
    left = {row.product_id: row for row in rows}
    notes, kept = dict(found.notes), []
    for group in found.groups:
        members = [left[product_id] for product_id in group if product_id in left]
        if len(members) > 1:
            notes[members[0].product_id] = f"first of {len(members)}"
            kept.extend(members)
    return replace(found, rows=kept, notes=notes)


def _near_duplicates(context: Context, rows: list[FoundProduct]) -> Narrowed:
    found = find_duplicates(context, [row.product_id for row in rows])
    return Narrowed(rows, found.reasons, found.note, found.groups)
