"""The granularity slider: cut the stored dendrogram elsewhere, at once, around what the curator already did."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from core.domain.arrays import IntArray
from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, ShapeError, StaleRevisionError
from core.services.cluster_description import Describer
from core.services.context import Context
from core.services.history import run_scope
from core.services.journal import Journal
from core.services.packed_rows import NOTHING
from core.services.recut_plan import NONE, Cut, describe_cut, plan_cut
from core.services.review_rows import load_run_file
from db.models import ClusterRow, EventRow, MemberRow, RunRow
from db.repositories import events, runs
from db.repositories.members import PLACE_COLUMNS, Places, load_places


def recut_run(context: Context, run_id: int, n_clusters: int, author: str, revision: int | None = None) -> None:
    """Replace the clusters nobody worked on by those of another cut. One that would come out the same stays.

    Args:
        context: The open workspace.
        run_id: The run.
        n_clusters: Wanted level-1 clusters, those that stay among them; at least one cluster is always cut.
        author: Who asked.
        revision: Of the run as it was seen; None asks nothing.

    Raises:
        RunNotFoundError: If there is no such run.
        ShapeError: If `n_clusters` is below 1.
        StaleRevisionError: If somebody changed the run since.
    """
    if n_clusters < 1:
        raise ShapeError(f"A cut expected at least 1 cluster, got {n_clusters}.", "Ask for 1 cluster or more.")
    file = load_run_file(context, run_id)
    with context.database.write() as session:
        run = _load_run(session, run_id, revision)
        rows = runs.cluster_rows(session, run_id)
        kept = _kept_ids(session, rows)
        free = [row for row in rows if row.id not in kept]
        places = load_places(session, run_id)
        is_free = np.isin(places["cluster_id"], [row.id for row in free if row.level == 1])
        if not is_free.any():
            return
        n_kept = sum(row.level == 1 and row.id in kept for row in rows)
        describer = Describer.load(context, session, run, file)
        cut = plan_cut(file, is_free, max(n_clusters - n_kept, 1))
        begun = _begun_drag(session, run_id, author)
        journal = Journal(session, begun.image if begun is not None else None)
        used = {row.number for row in rows if row.id in kept}
        with ThreadPoolExecutor(1) as beside:  # names are found while the database is busy with the members
            described = beside.submit(describe_cut, describer, cut, np.where(is_free, NONE, places["cluster_id"]))
            groups = _apply(session, run, journal, cut, free, used, places)
            for row, description in zip(groups, described.result(), strict=True):
                for name, value in description.columns().items():
                    setattr(row, name, value)
        run.revision += 1
        _record(session, run, author, f"Cut into {n_kept + cut.parents.count(NONE)} clusters", journal, begun)


def _load_run(session: Session, run_id: int, revision: int | None) -> RunRow:
    run = session.get(RunRow, run_id)
    if run is None:
        raise RunNotFoundError(f"There is no discovery run {run_id}.", "Choose one from the list.")
    if revision is not None and run.revision != revision:
        raise StaleRevisionError(
            "Somebody else worked on these clusters meanwhile.", "Look at them, then move the slider again."
        )
    return run


def _kept_ids(session: Session, rows: Sequence[ClusterRow]) -> set[int]:
    """Clusters somebody named, filled or decided, with all above and below them."""
    parent = {row.id: row.parent_id for row in rows}

    def top(cluster_id: int) -> int:
        while (above := parent[cluster_id]) is not None:
            cluster_id = above
        return cluster_id

    worked_on = {top(row.id) for row in rows if row.is_touched or row.status != str(ClusterStatus.OPEN)}
    worked_on.update(_with_brought(session, rows))
    return {row.id for row in rows if top(row.id) in worked_on}


def _with_brought(session: Session, rows: Sequence[ClusterRow]) -> list[int]:
    """Clusters with products brought in from elsewhere, which have no place in the dendrogram."""
    inside = MemberRow.cluster_id.in_([row.id for row in rows]) & (
        MemberRow.distance == 0
    )  # for the index: they lie at 0
    return [key for key in session.scalars(select(MemberRow.cluster_id).where(inside, MemberRow.position < 0)) if key]


def _apply(
    session: Session,
    run: RunRow,
    journal: Journal,
    cut: Cut,
    free: Sequence[ClusterRow],
    used_numbers: set[int],
    places: np.ndarray,
) -> list[ClusterRow]:
    """Bring rows and members from the cut that is to the one that shall be; what does not change is not written.

    Returns:
        The cluster of each group, still to be described.
    """
    same = _same_groups(cut, places["cluster_id"], places["subcluster_id"], {row.id: row.parent_id for row in free})
    stays = set(same.values())
    gone = [row for row in free if row.id not in stays]
    journal.keep(ClusterRow, [row.id for row in free])
    _make_room(session, free)
    numbers = (number for number in range(1, 100_000) if number not in used_numbers)
    groups = _write_groups(session, run.id, cut, same, [next(numbers) for _ in cut.parents])
    row_ids = [row.id for row in groups]
    journal.made(ClusterRow, [row_ids[group] for group in range(len(row_ids)) if group not in same])
    _move(session, journal, cut, row_ids, places)
    journal.unmade(ClusterRow, [row.id for row in gone])
    # They go last, when nothing refers to them any more: until then they make room for the numbers of others.
    for level in sorted({row.level for row in gone}, reverse=True):
        ids = [row.id for row in gone if row.level == level]
        session.execute(delete(ClusterRow).where(ClusterRow.id.in_(ids)).execution_options(synchronize_session=False))
    return groups


def _same_groups(
    cut: Cut, cluster_ids: IntArray, subcluster_ids: IntArray, parents: Mapping[int, int | None]
) -> dict[int, int]:
    """Groups that hold just the products of a cluster that is there, with just its parts: group → cluster."""
    top = _alike(cut.group, cluster_ids)
    part_or_none = np.where(cut.group >= 0, cut.part, NONE)
    below = _alike(part_or_none, np.where(cut.group >= 0, subcluster_ids, NONE))
    divided = np.flatnonzero((cut.group >= 0) & ((part_or_none >= 0) | (subcluster_ids >= 0)))
    pairs = np.unique(np.stack([cut.group, part_or_none, subcluster_ids])[:, divided], axis=1)
    for group, part, subcluster_id in pairs.T.tolist():
        if below.get(part) != subcluster_id or parents[subcluster_id] != top.get(group):
            top.pop(group, None)
    return top | {part: key for part, key in below.items() if cut.parents[part] in top}


def _alike(labels: IntArray, ids: IntArray) -> dict[int, int]:
    """Labels that stand beside one id alone, which stands beside no other label: label → id."""
    known = np.unique(ids)
    width = len(known)
    code = (labels + 1) * width + np.searchsorted(known, ids)
    table = np.bincount(code, minlength=(int(labels.max(initial=NONE)) + 2) * width).reshape(-1, width) > 0
    is_alone = table & (table.sum(axis=1) == 1)[:, None] & (table.sum(axis=0) == 1)
    pairs = [(int(label) - 1, int(known[place])) for label, place in np.argwhere(is_alone)]
    return {label: key for label, key in pairs if label >= 0 and key >= 0}


def _write_groups(
    session: Session, run_id: int, cut: Cut, same: dict[int, int], numbers: Sequence[int]
) -> list[ClusterRow]:
    """Change the rows of groups that stay, add the others.

    Returns:
        Cluster of each group.
    """
    found: dict[int, ClusterRow] = {}
    for level, is_of_level in enumerate((np.array(cut.parents) == NONE, np.array(cut.parents) != NONE), start=1):
        for group in np.flatnonzero(is_of_level).tolist():
            parent_id = found[cut.parents[group]].id if level > 1 else None
            row = session.get_one(ClusterRow, same[group]) if group in same else ClusterRow(
                run_id=run_id, level=level, parent_id=parent_id, status=str(ClusterStatus.OPEN)
            )  # fmt: skip
            row.number = numbers[group]
            found[group] = row
        session.add_all(found.values())
        session.flush()
    return [found[group] for group in range(len(cut.parents))]


def _move(session: Session, journal: Journal, cut: Cut, row_ids: Sequence[int], places: np.ndarray) -> None:
    """Write the places of products that change."""
    of_group = np.array([*row_ids, NONE])  # the last one is for -1: no group
    cluster_ids, subcluster_ids = of_group[cut.group], of_group[cut.part]
    is_elsewhere, is_below_other = cluster_ids != places["cluster_id"], subcluster_ids != places["subcluster_id"]
    is_changed = is_elsewhere | is_below_other | (cut.distance != places["distance"])
    changed = np.flatnonzero(is_changed & (cut.group >= 0))
    if len(changed) == 0:
        return
    held = places[changed]
    columns = {name: held[name] for name in PLACE_COLUMNS}
    columns |= {name: np.where(held[name] < 0, NOTHING, held[name]) for name in ("cluster_id", "subcluster_id")}
    journal.keep_columns(MemberRow, columns)
    parts = [None if key < 0 else key for key in subcluster_ids[changed].tolist()]
    shown = Places(held["id"].tolist(), cluster_ids[changed].tolist(), parts, cut.distance[changed].tolist())
    if is_below_other[changed].any():
        shown.save(session)
    else:
        shown.save_tops(session)


def _make_room(session: Session, rows: Sequence[ClusterRow]) -> None:
    """Rows give up their numbers, which are unique, before they are dealt out anew."""
    statement = update(ClusterRow).where(ClusterRow.id.in_([row.id for row in rows])).values(number=-ClusterRow.id)
    session.execute(statement.execution_options(synchronize_session=False))
    for row in rows:
        set_committed_value(row, "number", -row.id)


def _begun_drag(session: Session, run_id: int, author: str) -> EventRow | None:
    """The re-cut by the same person that came just before: a whole drag of the slider is one act."""
    last = events.newest_of_run(session, run_id)
    if last is None or (last.kind, last.author, last.undone_at) != ("recut", author, None):
        return None
    is_newest = last.seq == events.next_seq(session) - 1
    return session.get_one(EventRow, last.id) if is_newest else None


def _record(session: Session, run: RunRow, author: str, summary: str, journal: Journal, begun: EventRow | None) -> None:
    if begun is not None:
        begun.image, begun.summary = journal.image, summary
        session.flush()
        return
    events.record(session, author, "recut", summary, run.id, scope=run_scope(run.id), journal=journal)
