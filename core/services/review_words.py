"""What the acts of one review say about its products, read from its clusters, members and events that still stand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from core.domain.discovery import ClusterStatus
from db.models import ClusterRow, EventRow, MemberRow
from db.repositories import runs

FILLING = ("move", "split_off")
PLACING = (*FILLING, "exclude", "send_back")
MADE_BY_HAND = ("merge", "split", "split_off")


@dataclass(frozen=True, slots=True)
class ReviewWords:
    """What a review says, by product id.

    Attributes:
        groups: The open cluster that was named or filled, its name ('' where it has none), and when that was.
        excluded: When a product was excluded.
        moved: Products moved into a cluster of somebody's choice.
        apart: Products moved out of a cluster, and those that stayed in it.
        decided: Products about which this review has the last word: in clusters somebody worked on, or excluded.
    """

    groups: Mapping[int, tuple[int, str, datetime]]
    excluded: Mapping[int, datetime]
    moved: frozenset[int]
    apart: tuple[tuple[list[int], list[int]], ...]
    decided: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Placing:
    """The last act that placed a member: by its kind, to which cluster (moves), out of which, and when."""

    kind: str
    to: int | None
    out_of: int | None
    at: datetime


def read_review(session: Session, run_id: int) -> ReviewWords:
    """What the acts on a run say, as they stand now.

    Args:
        session: A session that may read.
        run_id: A run. One that nobody worked on says nothing.
    """
    standing = (EventRow.run_id == run_id) & EventRow.undone_at.is_(None)
    query = select(EventRow).options(defer(EventRow.image)).where(standing)  # images may be megabytes
    events = list(session.scalars(query.order_by(EventRow.id)))
    if not events:
        return ReviewWords({}, {}, frozenset(), (), frozenset())
    clusters = {row.id: row for row in runs.cluster_rows(session, run_id)}
    members = runs.member_rows(session, run_id)
    placings = _placings(events)
    moved = {member.id for member in members if _is_where_moved(member, placings.get(member.id))}
    excluded = {
        member.product_id: placing.at
        for member in members
        if (placing := placings.get(member.id)) is not None and placing.kind == "exclude" and member.is_excluded
    }
    worked_on = _worked_on(events, clusters, placings, moved)
    groups = {}
    for member in members:
        cluster = _group_of(member, clusters, worked_on)
        if cluster is not None:
            groups[member.product_id] = (cluster.id, cluster.name, worked_on[cluster.id])
    return ReviewWords(
        groups,
        excluded,
        frozenset(member.product_id for member in members if member.id in moved),
        _apart(members, placings, moved),
        frozenset(m.product_id for m in members if m.product_id in excluded or _is_decided(m, clusters)),
    )


def _placings(events: Sequence[EventRow]) -> dict[int, _Placing]:
    found: dict[int, _Placing] = {}
    for event in events:
        if event.kind in PLACING:
            for member_id, home in event.details.get("homes", ()):
                out_of = _first_home(found, member_id, home)
                found[member_id] = _Placing(event.kind, event.details.get("to"), out_of, event.at)
    return found


def _first_home(found: Mapping[int, _Placing], member_id: int, home: int | None) -> int | None:
    """The cluster the machine had put a member in, however often it was moved since."""
    before = found.get(member_id)
    return before.out_of if before is not None and before.kind in FILLING else home


def _is_where_moved(member: MemberRow, placing: _Placing | None) -> bool:
    is_here = placing is not None and placing.to in (member.cluster_id, member.subcluster_id)
    return placing is not None and placing.kind in FILLING and is_here


def _worked_on(
    events: Sequence[EventRow],
    clusters: Mapping[int, ClusterRow],
    placings: Mapping[int, _Placing],
    moved: set[int],
) -> dict[int, datetime]:
    """Clusters that have a name or were filled, and when that was last done."""
    found: dict[int, datetime] = {}
    for event in events:
        if event.kind in MADE_BY_HAND:
            found.update({key: event.at for key in event.details.get("clusters", ()) if key in clusters})
        if event.kind == "name":
            named = clusters.get(event.details.get("cluster", 0))
            if named is not None and named.name:
                found[named.id] = event.at
    for member_id in moved:
        placing = placings[member_id]
        if placing.to is not None:
            found[placing.to] = max(placing.at, found.get(placing.to, placing.at))
    return found


def _group_of(
    member: MemberRow, clusters: Mapping[int, ClusterRow], worked_on: Mapping[int, datetime]
) -> ClusterRow | None:
    """The topmost open cluster around a member that somebody named or filled; None below what is decided."""
    path: list[ClusterRow] = []
    cluster_id = member.subcluster_id or member.cluster_id
    while cluster_id is not None:
        path.append(clusters[cluster_id])
        cluster_id = clusters[cluster_id].parent_id
    if any(cluster.status != str(ClusterStatus.OPEN) for cluster in path):
        return None
    return next((cluster for cluster in reversed(path) if cluster.id in worked_on), None)


def _is_decided(member: MemberRow, clusters: Mapping[int, ClusterRow]) -> bool:
    around = [clusters[key] for key in (member.cluster_id, member.subcluster_id) if key is not None]
    return any(cluster.is_touched or cluster.status != str(ClusterStatus.OPEN) for cluster in around)


def _apart(
    members: list[MemberRow], placings: Mapping[int, _Placing], moved: set[int]
) -> tuple[tuple[list[int], list[int]], ...]:
    """For each pair of clusters that products were moved between: those products, and those that stayed behind."""
    movers: dict[tuple[int, int | None], list[int]] = defaultdict(list)
    for member in members:
        if member.id in moved and (home := placings[member.id].out_of) not in (None, member.cluster_id):
            movers[home, member.cluster_id].append(member.product_id)
    stayers: dict[int | None, list[int]] = defaultdict(list)
    for member in members:
        if member.id not in moved:
            stayers[member.cluster_id].append(member.product_id)
    return tuple((found, stayers[home]) for (home, _), found in sorted(movers.items()) if stayers[home])
