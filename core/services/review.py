"""Look at what a discovery found. The acts of the review are in the modules beside, and importable from here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.discovery.review_order import mixed_screen
from core.domain.discovery import Cluster, ClusterStatus, DiscoveryRun, RunStatus
from core.domain.errors import RunNotFoundError, RunNotReadyError
from core.domain.product import format_path
from core.services import history
from core.services.approval import ApprovalResult, approve_clusters
from core.services.cluster_acts import name_cluster, reject_cluster, reopen_cluster
from core.services.context import Context
from core.services.grid_items import GridItem, load_items
from core.services.recut import recut_run
from core.services.review_acts import exclude_products, move_products, send_back
from core.taxonomy.tree import Taxonomy
from db.models import ClusterRow, MemberRow, RunRow
from db.repositories import runs
from db.repositories import taxonomy as taxonomy_rows

__all__ = [
    "ApprovalResult",
    "GridItem",
    "Review",
    "RunSummary",
    "approve_clusters",
    "cluster_products",
    "exclude_products",
    "last_act",
    "list_runs",
    "move_products",
    "name_cluster",
    "open_review",
    "recut",
    "redo",
    "reject_cluster",
    "reopen_cluster",
    "send_back",
    "undo",
]  # fmt: skip

MAX_CLUSTERS = 40
PRODUCTS_PER_CLUSTER = 4
"""The granularity slider ends where clusters would hold fewer products than this on average."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a list. Counts are of level-1 clusters."""

    run: DiscoveryRun
    category_path: str
    n_clusters: int
    n_open: int
    n_approved: int


@dataclass(frozen=True, slots=True)
class Review:
    """A run with its clusters: level 1 first, then deeper levels; by number, largest first when they were cut.

    `n_noise` counts what the image filter set aside, `n_excluded` what the curator did, `n_decided` the products in
    approved or rejected clusters.
    """

    run: DiscoveryRun
    category_path: str
    clusters: tuple[Cluster, ...]
    n_excluded: int
    n_noise: int
    n_decided: int
    k_current: int
    k_suggested: int
    k_range: tuple[int, int]
    revision: int


def list_runs(context: Context, category_id: str | None = None) -> list[RunSummary]:
    """Runs that are ready, newest first."""
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        query = select(RunRow).where(RunRow.status == str(RunStatus.READY)).order_by(RunRow.id.desc())
        if category_id is not None:
            query = query.where(RunRow.category_id == category_id)
        counts: dict[tuple[int, str], int] = {}
        grouped = select(ClusterRow.run_id, ClusterRow.status, func.count()).where(ClusterRow.level == 1)
        for run_id, status, count in session.execute(grouped.group_by(ClusterRow.run_id, ClusterRow.status)):
            counts[run_id, status] = count
        return [_summary(row, taxonomy, counts) for row in session.scalars(query)]


def open_review(context: Context, run_id: int) -> Review:
    """A run with its clusters as they stand now.

    Raises:
        RunNotFoundError: If there is no such run.
        RunNotReadyError: If it has not been finished.
    """
    with context.database.read() as session:
        return _review(session, ready_run(session, run_id))


def recut(context: Context, run_id: int, n_clusters: int, author: str) -> Review:
    """Cut the stored dendrogram elsewhere. Clusters somebody named, filled or decided stay as they are.

    Args:
        context: The open workspace.
        run_id: The run.
        n_clusters: Wanted number of level-1 clusters, those that stay among them.
        author: Who asked.

    Raises:
        RunNotFoundError: If there is no such run.
    """
    recut_run(context, run_id, n_clusters, author)
    return open_review(context, run_id)


def last_act(context: Context, run_id: int, author: str) -> str | None:
    """What `undo` would take back; None where there is nothing."""
    entry = history.next_undo(context, history.run_scope(run_id), author)
    return None if entry is None else entry.summary


def undo(context: Context, run_id: int, author: str) -> str | None:
    """Take back the author's newest act on a run; see `core.services.history.undo`."""
    return history.undo(context, history.run_scope(run_id), author)


def redo(context: Context, run_id: int, author: str) -> str | None:
    """Do again what the author last took back on a run; see `core.services.history.redo`."""
    return history.redo(context, history.run_scope(run_id), author)


def cluster_products(
    context: Context, run_id: int, cluster_id: int | None, limit: int = 24, offset: int = 0
) -> tuple[list[GridItem], int]:
    """Products of a cluster of any level, a mixed screen of them first; None: what is set aside, least typical first.

    The first screen shows the six most typical products and others drawn at random, the same ones each time, so that
    what does not belong is seen; the rest follows, most typical first.

    Returns:
        Items of this page, and how many there are in all.
    """
    with context.database.read() as session:
        if cluster_id is None:
            chosen = (MemberRow.run_id == run_id) & MemberRow.cluster_id.is_(None)
            order = MemberRow.distance.desc()
        else:
            below = [cluster_id, *_descendants(session, run_id, cluster_id)]
            chosen = MemberRow.cluster_id.in_(below) | MemberRow.subcluster_id.in_(below)
            order = MemberRow.distance.asc()
        ties = (MemberRow.position, MemberRow.product_id)
        ranked = session.scalars(select(MemberRow.product_id).where(chosen).order_by(order, *ties)).all()
        shown = _shown_order(ranked, run_id) if cluster_id is not None else list(ranked)
        page = shown[offset : offset + limit]
        members = session.scalars(select(MemberRow).where(chosen, MemberRow.product_id.in_(page)))
        return load_items(session, page, {member.product_id: _note(member) for member in members}), len(shown)


def _shown_order(typical_first: Sequence[int], run_id: int) -> list[int]:
    """Products of a cluster as its pages show them."""
    screen = mixed_screen(np.asarray(typical_first, dtype=np.int64), run_id).tolist()
    on_screen = set(screen)
    return [*screen, *(product_id for product_id in typical_first if product_id not in on_screen)]


def ready_run(session: Session, run_id: int) -> RunRow:
    """The row of a finished run; see `open_review` for what it raises."""
    row = session.get(RunRow, run_id)
    if row is None:
        raise RunNotFoundError(f"There is no discovery run {run_id}.", "Choose one from the list, or press Discover.")
    if row.status != str(RunStatus.READY):
        raise RunNotReadyError(f"Discovery run {run_id} is {row.status}.", "Wait for its end, or press Discover.")
    return row


def _review(session: Session, row: RunRow) -> Review:
    taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    rows = runs.cluster_rows(session, row.id)
    sizes = total_sizes(rows, runs.sizes(session, row.id))
    clusters = sorted((runs.to_cluster(item, sizes[item.id]) for item in rows), key=_order)
    level_1 = [cluster for cluster in clusters if cluster.level == 1]
    aside = (MemberRow.run_id == row.id) & MemberRow.cluster_id.is_(None)
    n_excluded = session.scalar(select(func.count(MemberRow.id)).where(aside & MemberRow.is_excluded.is_(True))) or 0
    n_noise = session.scalar(select(func.count(MemberRow.id)).where(aside & MemberRow.is_excluded.is_(False))) or 0
    n_decided = sum(cluster.size for cluster in level_1 if cluster.status is not ClusterStatus.OPEN)
    highest = max(2, min(MAX_CLUSTERS, row.n_products // PRODUCTS_PER_CLUSTER))
    return Review(runs.to_run(row), _path(taxonomy, row.category_id), tuple(clusters), n_excluded, n_noise, n_decided,
                  len(level_1), int(row.quality["n_clusters"]), (2, highest), row.revision)  # fmt: skip


def total_sizes(rows: list[ClusterRow], direct: dict[int, int]) -> dict[int, int]:
    """Cluster id → products in it and below; members count at level 1 and at their deepest cluster."""
    sizes = {row.id: direct.get(row.id, 0) for row in rows}
    for row in sorted(rows, key=lambda row: -row.level):
        if row.level > 2 and row.parent_id is not None:
            sizes[row.parent_id] += sizes[row.id]
    return sizes


def _summary(row: RunRow, taxonomy: Taxonomy, counts: dict[tuple[int, str], int]) -> RunSummary:
    n_of = {status: counts.get((row.id, str(status)), 0) for status in ClusterStatus}
    path = _path(taxonomy, row.category_id)
    return RunSummary(
        runs.to_run(row), path, sum(n_of.values()), n_of[ClusterStatus.OPEN], n_of[ClusterStatus.APPROVED]
    )


def _path(taxonomy: Taxonomy, node_id: str) -> str:
    return format_path(taxonomy.names(node_id)) or taxonomy.root.name


def _order(cluster: Cluster) -> tuple[int, int]:
    """By number, which followed size when the cut was made: panels must not change places under somebody's hand."""
    return cluster.level, cluster.number


def _descendants(session: Session, run_id: int, cluster_id: int) -> list[int]:
    rows = runs.cluster_rows(session, run_id)
    found = {cluster_id}
    for row in rows:  # parents have lower numbers than their children in a cascade; a re-cut keeps levels in order
        if row.parent_id in found:
            found.add(row.id)
    return sorted(found - {cluster_id})


def _note(member: MemberRow) -> str:
    if member.is_excluded:
        return "excluded"
    if member.is_noise and member.cluster_id is None:
        return "outlier"
    return "moved" if member.is_moved else ""
