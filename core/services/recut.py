"""The granularity slider: cut the stored dendrogram elsewhere, at once, around what the curator already did."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core.discovery.cut import cut, cut_within
from core.discovery.medoids import rank_by_centrality
from core.discovery.naming import suggest_names
from core.discovery.quality import cluster_silhouettes, simplified_silhouette
from core.discovery.run_file import RunFile
from core.domain.arrays import IntArray
from core.domain.discovery import ClusterQuality, ClusterStatus
from core.domain.errors import RunNotFoundError, ShapeError
from core.services.context import Context
from core.services.review_acts import load_run_file, member_state
from core.taxonomy.tree import Taxonomy
from db.models import ClusterRow, EventRow, MemberRow, RunRow
from db.repositories import events, runs
from db.repositories import taxonomy as taxonomy_rows

MIN_SPLIT = 30
"""Clusters of fewer products are not split further by a re-cut."""
N_PARTS = 3
CLEAR_SILHOUETTE = 0.3
"""Parts of a cluster are shown as its subclusters from this mean silhouette on."""


def recut_run(context: Context, run_id: int, n_clusters: int, author: str) -> None:
    """Replace the clusters nobody worked on by those of another cut.

    Args:
        context: The open workspace.
        run_id: The run.
        n_clusters: Wanted level-1 clusters, those that stay among them; at least one cluster is always cut.
        author: Who asked.

    Raises:
        RunNotFoundError: If there is no such run.
        ShapeError: If `n_clusters` is below 1.
    """
    if n_clusters < 1:
        raise ShapeError(f"A cut expected at least 1 cluster, got {n_clusters}.", "Ask for 1 cluster or more.")
    file = load_run_file(context, run_id)
    with context.database.write() as session:
        run = session.get(RunRow, run_id)
        if run is None:
            raise RunNotFoundError(f"There is no discovery run {run_id}.", "Choose one from the list.")
        rows = runs.cluster_rows(session, run_id)
        kept = _kept_ids(rows)
        members = runs.member_rows(session, run_id)
        is_free = np.array([_is_free(member, kept) for member in members], dtype=bool)
        if not is_free.any():
            return
        n_kept = sum(row.level == 1 and row.id in kept for row in rows)
        labels = _cut_free(file, is_free, max(n_clusters - n_kept, 1))  # (n_products,), -1 where not free
        before = {"rows": [_values(row) for row in rows if row.id not in kept], "n_clusters": len(rows),
                  "members": [member_state(m) for m, free in zip(members, is_free, strict=True) if free]}  # fmt: skip
        made = _replace(session, run, file, rows, members, kept, labels)
        run.revision += 1
        _record(session, run, author, n_kept + int(labels.max()) + 1, before, made)


def _kept_ids(rows: Sequence[ClusterRow]) -> set[int]:
    """Clusters somebody named, filled or decided, with all above and below them."""
    parent = {row.id: row.parent_id for row in rows}

    def top(cluster_id: int) -> int:
        while (above := parent[cluster_id]) is not None:
            cluster_id = above
        return cluster_id

    worked_on = {top(row.id) for row in rows if row.is_touched or row.status != str(ClusterStatus.OPEN)}
    return {row.id for row in rows if top(row.id) in worked_on}


def _is_free(member: MemberRow, kept: set[int]) -> bool:
    return member.cluster_id is not None and member.cluster_id not in kept


def _cut_free(file: RunFile, is_free: np.ndarray, wanted: int) -> IntArray:
    """The coarsest cut that parts the free products into `wanted` clusters."""
    free = np.flatnonzero(is_free)
    labels = np.full(len(is_free), -1, dtype=np.int64)
    if np.array_equal(is_free, file.dendrogram.leaf_of_product >= 0):
        labels[:] = cut(file.dendrogram, wanted)
    else:
        labels[free] = cut_within(file.dendrogram, free, wanted)
    stray = free[labels[free] < 0]  # products of the outlier panel that somebody sent back have no leaf in the tree
    labels[stray] = 0
    return labels


def _replace(
    session: Session,
    run: RunRow,
    file: RunFile,
    rows: Sequence[ClusterRow],
    members: Sequence[MemberRow],
    kept: set[int],
    labels: IntArray,
) -> list[int]:
    free_ids = [member.id for member in members if labels[member.position] >= 0]
    session.execute(update(MemberRow), [{"id": key, "cluster_id": None, "subcluster_id": None} for key in free_ids])
    gone = [row.id for row in rows if row.id not in kept]
    for level in range(max(row.level for row in rows), 0, -1):
        session.execute(delete(ClusterRow).where(ClusterRow.id.in_(gone), ClusterRow.level == level))
    used = {row.number for row in rows if row.id in kept}
    numbers = (number for number in range(1, 100_000) if number not in used)
    k = int(labels.max()) + 1
    held = {member.cluster_id for member in members if member.cluster_id in kept}  # a kept cluster may be empty
    pinned = {cluster_id: k + index for index, cluster_id in enumerate(sorted(held))}
    naming = labels.copy()
    for member in members:
        if member.cluster_id in pinned and labels[member.position] < 0:
            naming[member.position] = pinned[member.cluster_id]
    above = Taxonomy(taxonomy_rows.load_nodes(session)).names(run.category_id)
    suggestions = suggest_names(file.counts, file.vocabulary, naming, k + len(pinned), avoid=above)
    silhouettes = cluster_silhouettes(simplified_silhouette(file.reduced, naming), naming)
    distances = rank_by_centrality(file.reduced, labels)
    made = [
        _add(session, run.id, next(numbers), 1, None, suggestions[index], float(silhouettes[index]))
        for index in range(k)
    ]
    values = {
        member.id: {"id": member.id, "cluster_id": made[labels[member.position]], "subcluster_id": None,
                    "distance": float(distances[member.position])}
        for member in members
        if labels[member.position] >= 0
    }  # fmt: skip
    member_ids = {member.position: member.id for member in members}
    below: list[int] = []
    for index in range(k):
        positions = np.flatnonzero(labels == index)
        for sub_id, inside in _split(
            session, run.id, file, positions, made[index], numbers, suggestions[index].names[0]
        ):
            below.append(sub_id)
            for position in inside.tolist():
                values[member_ids[position]]["subcluster_id"] = sub_id
    session.execute(update(MemberRow), list(values.values()))
    return made + below


def _split(
    session: Session, run_id: int, file: RunFile, positions: IntArray, parent_id: int, numbers: Any, parent_name: str
) -> list[tuple[int, IntArray]]:
    """The next cuts below a cluster, where they stand apart clearly."""
    if len(positions) < MIN_SPLIT:
        return []
    labels = cut_within(file.dendrogram, positions, N_PARTS)
    k = int(labels.max()) + 1
    reduced = file.reduced[positions]
    silhouettes = simplified_silhouette(reduced, labels) if k > 1 else np.zeros(len(positions))
    if k < 2 or silhouettes[labels >= 0].mean() < CLEAR_SILHOUETTE:
        return []
    suggestions = suggest_names(file.counts[positions], file.vocabulary, labels, k, avoid=(parent_name,))
    means = cluster_silhouettes(silhouettes, labels)
    return [
        (_add(session, run_id, next(numbers), 2, parent_id, suggestions[index], float(means[index])),
         positions[labels == index])
        for index in range(k)
    ]  # fmt: skip


def _add(
    session: Session, run_id: int, number: int, level: int, parent_id: int | None, suggestion: Any, silhouette: float
) -> int:
    keywords = runs.keyword_rows(suggestion.keywords, suggestion.evidence)
    quality = ClusterQuality(silhouette)
    return runs.add_cluster(session, run_id, number, level, parent_id, suggestion.names, keywords, quality)


def _values(row: ClusterRow) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in ClusterRow.__table__.columns}


def _record(session: Session, run: RunRow, author: str, k: int, before: dict[str, Any], made: list[int]) -> None:
    """One event for a whole drag of the slider: undo goes back to where it began."""
    last: EventRow | None = events.last_act(session, run.id)
    summary = f"Cut into {k} clusters"
    if last is not None and last.kind == "recut" and last.author == author:
        last.summary, last.after = summary, {"made": made}
        return
    events.record(session, author, "recut", summary, run.id, before, {"made": made})
