"""The granularity slider: cut the stored dendrogram elsewhere, at once, around what the curator already did."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core.discovery.cut import cut, cut_within
from core.discovery.guided_names import continued_suggestions, group_names
from core.discovery.medoids import rank_by_centrality
from core.discovery.name_index import NameIndex
from core.discovery.naming import suggest_names
from core.discovery.quality import cluster_silhouettes, simplified_silhouette
from core.discovery.run_file import RunFile
from core.domain.arrays import IntArray
from core.domain.discovery import ClusterQuality, ClusterStatus
from core.domain.errors import RunNotFoundError, ShapeError
from core.services.context import Context
from core.services.history import run_scope
from core.services.journal import Journal
from core.services.known_names import name_index
from core.services.review_rows import load_run_file
from core.taxonomy.tree import Taxonomy
from db.models import ClusterRow, MemberRow, RunRow
from db.repositories import events, runs
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.members import PLACE_COLUMNS, Places

MIN_SPLIT = 30
"""Clusters of fewer products are not split further by a re-cut."""
N_PARTS = 3
RARE_SHARE = 0.005
"""Words in fewer titles of a cluster than this share name no part of it."""
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
        places = Places.load(session, run_id)
        is_free = np.array([key is not None and key not in kept for key in places.cluster_ids], dtype=bool)
        if not is_free.any():
            return
        n_kept = sum(row.level == 1 and row.id in kept for row in rows)
        labels = _cut_free(file, is_free, max(n_clusters - n_kept, 1))  # (n_products,), -1 where not free
        journal = _journal(session, [row.id for row in rows if row.id not in kept], places.chosen(is_free.tolist()))
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        index = name_index(context, taxonomy, run.category_id)
        made = _replace(session, run, file, rows, places, kept, labels, taxonomy, index)
        run.revision += 1
        summary = f"Cut into {n_kept + int(labels.max()) + 1} clusters"
        _record(session, run, author, summary, journal, made)


def _kept_ids(rows: Sequence[ClusterRow]) -> set[int]:
    """Clusters somebody named, filled or decided, with all above and below them."""
    parent = {row.id: row.parent_id for row in rows}

    def top(cluster_id: int) -> int:
        while (above := parent[cluster_id]) is not None:
            cluster_id = above
        return cluster_id

    worked_on = {top(row.id) for row in rows if row.is_touched or row.status != str(ClusterStatus.OPEN)}
    return {row.id for row in rows if top(row.id) in worked_on}


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
    places: Places,
    kept: set[int],
    labels: IntArray,
    taxonomy: Taxonomy,
    index: NameIndex,
) -> list[int]:
    gone = [row.id for row in rows if row.id not in kept]
    levels = range(max(row.level for row in rows), 0, -1)
    # They go last, when nothing refers to them any more: until then they make room for the numbers of others.
    _renumber(session, gone)
    used = {row.number for row in rows if row.id in kept}
    numbers = (number for number in range(1, 100_000) if number not in used)
    k = int(labels.max()) + 1
    held = {key for key in places.cluster_ids if key in kept}  # a kept cluster may be empty
    pinned = {cluster_id: k + index for index, cluster_id in enumerate(sorted(held))}
    naming = np.where(labels >= 0, labels, [pinned.get(key, -1) for key in places.cluster_ids])
    avoid = (*taxonomy.names(run.category_id), *group_names(file.groups))
    suggestions = suggest_names(file.counts, file.vocabulary, naming, k + len(pinned), avoid=avoid, index=index)
    if file.labels is not None:
        suggestions = [
            replace(
                found, suggestions=continued_suggestions(found.suggestions, file.labels[naming == index], file.groups)
            )
            for index, found in enumerate(suggestions)
        ]
    silhouettes = cluster_silhouettes(simplified_silhouette(file.reduced, naming), naming)
    distances = rank_by_centrality(file.reduced, labels)
    made = [
        _add(session, run.id, next(numbers), 1, None, suggestions[index], float(silhouettes[index]))
        for index in range(k)
    ]
    subcluster_ids = np.zeros(len(labels), dtype=np.int64)
    below: list[int] = []
    for number in range(k):
        positions = np.flatnonzero(labels == number)
        for sub_id, inside in _split(
            session, run.id, file, positions, made[number], numbers, suggestions[number].names[0], index
        ):
            below.append(sub_id)
            subcluster_ids[inside] = sub_id
    is_free = labels >= 0
    Places(
        np.array(places.ids)[is_free].tolist(),
        np.array(made)[labels[is_free]].tolist(),
        [key or None for key in subcluster_ids[is_free].tolist()],
        distances[is_free].tolist(),
    ).save(session)
    for level in levels:
        session.execute(delete(ClusterRow).where(ClusterRow.id.in_(gone), ClusterRow.level == level))
    return made + below


def _renumber(session: Session, cluster_ids: Sequence[int]) -> None:
    statement = update(ClusterRow).where(ClusterRow.id.in_(cluster_ids)).values(number=-ClusterRow.id)
    session.execute(statement.execution_options(synchronize_session=False))


def _split(
    session: Session,
    run_id: int,
    file: RunFile,
    positions: IntArray,
    parent_id: int,
    numbers: Any,
    parent_name: str,
    names: NameIndex,
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
    counts, vocabulary = _words_inside(file, positions)
    suggestions = suggest_names(counts, vocabulary, labels, k, avoid=(parent_name,), index=names)
    means = cluster_silhouettes(silhouettes, labels)
    return [
        (_add(session, run_id, next(numbers), 2, parent_id, suggestions[index], float(means[index])),
         positions[labels == index])
        for index in range(k)
    ]  # fmt: skip


def _words_inside(file: RunFile, positions: IntArray) -> tuple[csr_matrix, list[str]]:
    """Terms that are not rare among some products: a category has thousands, a cluster of it is named by hundreds."""
    counts = file.counts[positions]
    common = np.flatnonzero(counts.getnnz(axis=0) >= max(RARE_SHARE * len(positions), 1))
    return counts[:, common], [file.vocabulary[column] for column in common.tolist()]


def _add(
    session: Session, run_id: int, number: int, level: int, parent_id: int | None, suggestion: Any, silhouette: float
) -> int:
    keywords = runs.keyword_rows(suggestion.keywords, suggestion.evidence)
    quality = ClusterQuality(silhouette)
    return runs.add_cluster(session, run_id, number, level, parent_id, suggestion.suggestions, keywords, quality)


def _journal(session: Session, gone: Sequence[int], places: Places) -> Journal:
    """The cut as it is before another takes its place."""
    journal = Journal(session)
    journal.keep(ClusterRow, gone)
    journal.keep_rows(MemberRow, PLACE_COLUMNS, places.rows())
    return journal


def _record(session: Session, run: RunRow, author: str, summary: str, journal: Journal, made: list[int]) -> None:
    """One event for a whole drag of the slider: undo goes back to where it began."""
    last = events.newest_of_run(session, run.id)
    if last is not None and (last.kind, last.author, last.undone_at) == ("recut", author, None):
        events.replace_absent(session, last.id, summary, ClusterRow.__tablename__, made)
        return
    journal.made(ClusterRow, made)
    events.record(session, author, "recut", summary, run.id, scope=run_scope(run.id), journal=journal)
