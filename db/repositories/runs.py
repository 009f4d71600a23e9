"""Discovery runs, their clusters and members."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.domain.discovery import (
    Cluster,
    ClusterQuality,
    ClusterStatus,
    DiscoveryParameters,
    DiscoveryRun,
    NameSource,
    NameSuggestion,
    RunStatus,
)
from db.models import ClusterRow, MemberRow, RunRow
from db.repositories.products import chunks


def to_run(row: RunRow) -> DiscoveryRun:
    """The domain's view of a row."""
    return DiscoveryRun(row.id, row.category_id, RunStatus(row.status), DiscoveryParameters(**row.parameters),
                        row.n_products, row.author, row.created_at, row.quality, row.details)  # fmt: skip


def to_cluster(row: ClusterRow, size: int) -> Cluster:
    """The domain's view of a row; its size is counted elsewhere."""
    keywords = tuple(f"{item['word']} {item['share']:.0%}" for item in row.keywords)
    suggestions = tuple(
        NameSuggestion(item["name"], NameSource(item["source"]), item["evidence"]) for item in row.suggested_names
    )
    return Cluster(row.id, row.run_id, row.number, row.level, row.parent_id, ClusterStatus(row.status), row.name,
                   tuple(item.name for item in suggestions), keywords, size,
                   ClusterQuality(row.silhouette, row.stability), row.node_id, row.is_touched, row.revision,
                   suggestions)  # fmt: skip


def add_run(
    session: Session,
    category_id: str,
    parameters: DiscoveryParameters,
    n_products: int,
    details: dict[str, str],
    quality: dict[str, float],
    author: str,
) -> RunRow:
    """Write down a run that is being made."""
    row = RunRow(category_id=category_id, status=str(RunStatus.RUNNING), parameters=asdict(parameters),
                 n_products=n_products, details=details, quality=quality, author=author)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def keyword_rows(words: Sequence[str], shares: Sequence[float]) -> list[dict[str, Any]]:
    """Keywords as a cluster keeps them: each word with the share of the cluster's titles that hold it."""
    return [{"word": word, "share": share} for word, share in zip(words, shares, strict=True)]


def add_cluster(
    session: Session,
    run_id: int,
    number: int,
    level: int,
    parent_id: int | None,
    suggestions: Sequence[NameSuggestion],
    keywords: list[dict[str, Any]],
    quality: ClusterQuality,
) -> int:
    """Add an open cluster.

    Returns:
        Its id.
    """
    row = ClusterRow(run_id=run_id, number=number, level=level, parent_id=parent_id, status=str(ClusterStatus.OPEN),
                     suggested_names=[asdict(item) for item in suggestions], keywords=keywords,
                     silhouette=quality.silhouette, stability=quality.stability)  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def add_members(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add the products of a run."""
    for part in chunks(rows):
        session.execute(insert(MemberRow), part)


def sizes(session: Session, run_id: int) -> dict[int, int]:
    """Cluster id → products in it, for clusters of every level that hold some directly."""
    counts: dict[int, int] = {}
    for column in (MemberRow.cluster_id, MemberRow.subcluster_id):
        query = select(column, func.count()).where(MemberRow.run_id == run_id, column.is_not(None)).group_by(column)
        counts.update(session.execute(query).all())
    return counts


def cluster_rows(session: Session, run_id: int) -> list[ClusterRow]:
    """Clusters of a run by number."""
    return list(session.scalars(select(ClusterRow).where(ClusterRow.run_id == run_id).order_by(ClusterRow.number)))


def member_rows(session: Session, run_id: int) -> list[MemberRow]:
    """Products of a run by position."""
    query = select(MemberRow).where(MemberRow.run_id == run_id)
    return list(session.scalars(query.order_by(MemberRow.position, MemberRow.id)))
