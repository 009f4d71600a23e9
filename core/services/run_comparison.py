"""What a discovery changed since the one before it: which cluster continues which, and what moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.discovery.matching import ClusterMatch, match_clusters
from core.domain.arrays import IntArray
from core.domain.discovery import Cluster, ClusterStatus, RunStatus
from core.services.context import Context
from core.services.grid_items import GridItem, load_items
from core.services.review import ready_run
from db.models import MemberRow, RunRow
from db.repositories import runs

ASIDE = "set aside"


@dataclass(frozen=True, slots=True)
class ClusterChange:
    """A cluster of the later run, of level 1, beside what it was.

    `predecessor` is the earlier cluster it continues, None where it is new; `main_source` the one most of its products
    come from. `carried_name` is the name the curator gave the predecessor, '' where nobody did; `is_approved` whether
    that is a category by now. Counts are of products that both runs hold.
    """

    cluster: Cluster
    predecessor: Cluster | None
    main_source: Cluster | None
    carried_name: str
    is_approved: bool
    jaccard: float
    n_kept: int
    n_arrived: int
    n_left: int


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs as they stand now, what the curator moved included.

    `n_products` both runs hold; `n_added` only the later one, `n_removed` only the earlier one. `n_moved` of those in
    both are in a cluster that does not continue theirs. `ari` is the adjusted Rand index.
    """

    run_id: int
    other_run_id: int
    other_created_at: datetime
    changes: tuple[ClusterChange, ...]
    vanished: tuple[Cluster, ...]
    n_products: int
    n_added: int
    n_removed: int
    n_moved: int
    share_stayed: float
    ari: float

    @property
    def n_new(self) -> int:
        """Clusters that continue none of the earlier run."""
        return sum(change.predecessor is None for change in self.changes)


def compare_runs(context: Context, run_id: int, other_run_id: int | None = None) -> RunComparison | None:
    """Match the clusters of a run to those of an earlier one.

    Args:
        context: The open workspace.
        run_id: The later run.
        other_run_id: The earlier one; None takes the last ready run of the same category before it.

    Returns:
        What changed; None where there is no earlier run.

    Raises:
        RunNotFoundError: If there is no such run.
        RunNotReadyError: If one has not been finished.
    """
    with context.database.read() as session:
        run = ready_run(session, run_id)
        other = _previous(session, run) if other_run_id is None else ready_run(session, other_run_id)
        if other is None:
            return None
        before, after = _Side.load(session, other.id), _Side.load(session, run.id)
    common, of_before, of_after = np.intersect1d(
        before.product_ids, after.product_ids, assume_unique=True, return_indices=True
    )
    matching = match_clusters(
        before.cluster_ids[of_before], after.cluster_ids[of_after], len(before.clusters), len(after.clusters)
    )
    return RunComparison(
        run_id=run.id,
        other_run_id=other.id,
        other_created_at=other.created_at,
        changes=tuple(_change(match, before.clusters, after.clusters) for match in matching.matches),
        vanished=tuple(before.clusters[index] for index in matching.vanished),
        n_products=len(common),
        n_added=len(after.product_ids) - len(common),
        n_removed=len(before.product_ids) - len(common),
        n_moved=matching.n_moved,
        share_stayed=matching.share_stayed,
        ari=matching.ari,
    )


def moved_products(
    context: Context,
    comparison: RunComparison,
    before_id: int | None,
    after_id: int | None,
    limit: int = 24,
    *,
    is_arrived: bool = True,
) -> tuple[list[GridItem], int]:
    """Products that came to a cluster from elsewhere, or left the one it continues; most typical first.

    Args:
        context: The open workspace.
        comparison: What `compare_runs` said.
        before_id: The earlier cluster of the pair; None beside a new one.
        after_id: The later cluster; None beside one that has vanished.
        limit: At most this many.
        is_arrived: Those that came; else those that left.

    Returns:
        Items whose notes say where they were, or where they are now, and how many there are in all.
    """
    own, other = (after_id, before_id) if is_arrived else (before_id, after_id)
    if own is None:
        return [], 0
    ours, theirs = comparison.run_id, comparison.other_run_id
    here_id, there_id = (ours, theirs) if is_arrived else (theirs, ours)
    here, there = aliased(MemberRow), aliased(MemberRow)
    is_moved = (here.run_id == here_id) & (here.cluster_id == own)
    is_moved &= (there.run_id == there_id) & (there.product_id == here.product_id)
    if other is not None:
        is_moved &= there.cluster_id.is_distinct_from(other)
    query = select(here.product_id, there.cluster_id).where(is_moved).order_by(here.distance, here.position)
    with context.database.read() as session:
        total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
        places = dict(session.execute(query.limit(limit)).all())
        labels = {row.id: cluster_label(runs.to_cluster(row, 0)) for row in runs.cluster_rows(session, there_id)}
        word = "was" if is_arrived else "now"
        notes = {key: f"{word} {ASIDE if place is None else labels[place]}" for key, place in places.items()}
        return load_items(session, list(places), notes), total


def cluster_label(cluster: Cluster) -> str:
    """What people call a cluster: the curator's name, the best suggestion, or its number."""
    if cluster.name or not cluster.suggested_names:
        return cluster.name or f"Cluster {cluster.number}"
    return cluster.suggested_names[0]


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the runs: its level-1 clusters by number, and where its products are."""

    clusters: tuple[Cluster, ...]
    product_ids: IntArray
    cluster_ids: IntArray  # index into `clusters`, -1 for what is set aside

    @classmethod
    def load(cls, session: Session, run_id: int) -> Self:
        rows = [row for row in runs.cluster_rows(session, run_id) if row.level == 1]
        columns = select(MemberRow.product_id, MemberRow.cluster_id).where(MemberRow.run_id == run_id)
        places = session.execute(columns.order_by(MemberRow.product_id)).all()
        index = {row.id: position for position, row in enumerate(rows)}
        cluster_ids = np.fromiter((index.get(place, -1) for _, place in places), np.int64, len(places))
        sizes = np.bincount(cluster_ids[cluster_ids >= 0], minlength=len(rows)).tolist()
        clusters = tuple(runs.to_cluster(row, size) for row, size in zip(rows, sizes, strict=True))
        return cls(clusters, np.fromiter((key for key, _ in places), np.int64, len(places)), cluster_ids)


def _previous(session: Session, run: RunRow) -> RunRow | None:
    is_before = (RunRow.category_id == run.category_id) & (RunRow.id < run.id) & (RunRow.status == str(RunStatus.READY))
    return session.scalars(select(RunRow).where(is_before).order_by(RunRow.id.desc()).limit(1)).first()


def _change(match: ClusterMatch, before: Sequence[Cluster], after: Sequence[Cluster]) -> ClusterChange:
    predecessor = None if match.before is None else before[match.before]
    is_decided = predecessor is not None and predecessor.status is not ClusterStatus.REJECTED
    return ClusterChange(
        cluster=after[match.after],
        predecessor=predecessor,
        main_source=None if match.main_source is None else before[match.main_source],
        carried_name=predecessor.name if predecessor is not None and is_decided else "",
        is_approved=predecessor is not None and predecessor.status is ClusterStatus.APPROVED,
        jaccard=match.jaccard,
        n_kept=match.n_kept,
        n_arrived=match.n_arrived,
        n_left=match.n_left,
    )
