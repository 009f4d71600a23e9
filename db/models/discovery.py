"""Discovery runs, their clusters, and which product is in which."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, utc_now


class RunRow(Base):
    """One seeded cascade over the products of a category."""

    __tablename__ = "discovery_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_node.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    parameters: Mapped[dict[str, Any]]
    n_products: Mapped[int]
    n_clusters: Mapped[int] = mapped_column(default=0)
    quality: Mapped[dict[str, Any]] = mapped_column(default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    revision: Mapped[int] = mapped_column(default=0)


class ClusterRow(Base):
    """A machine's group. `is_touched` once a person named, filled or decided it: a re-cut leaves it alone."""

    __tablename__ = "cluster"
    # A re-cut deletes clusters. Their ids must never come back for others: undo and open pages still hold them.
    __table_args__ = (UniqueConstraint("run_id", "number"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("discovery_run.id"))
    number: Mapped[int]
    level: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("cluster.id"))
    status: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200), default="")
    suggested_names: Mapped[list[Any]] = mapped_column(default=list)  # of {name, source, evidence}, best first
    keywords: Mapped[list[Any]] = mapped_column(default=list)
    silhouette: Mapped[float] = mapped_column(default=0.0)
    stability: Mapped[float | None]
    node_id: Mapped[str | None] = mapped_column(ForeignKey("taxonomy_node.id"))
    is_touched: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0)


class MemberRow(Base):
    """One product of a run. `cluster_id` is its level-1 cluster, `subcluster_id` the deepest one below it.

    A noise or excluded product has neither; `distance` is then that to the nearest centre.
    """

    __tablename__ = "cluster_member"
    __table_args__ = (
        UniqueConstraint("run_id", "product_id"),
        Index("ix_cluster_member_cluster_id_distance", "cluster_id", "distance"),
        Index(
            "ix_cluster_member_subcluster_id_distance",
            "subcluster_id",
            "distance",
            sqlite_where=text("subcluster_id IS NOT NULL"),
            postgresql_where=text("subcluster_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("discovery_run.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    position: Mapped[int]
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("cluster.id"))
    subcluster_id: Mapped[int | None] = mapped_column(ForeignKey("cluster.id"))
    distance: Mapped[float] = mapped_column(default=0.0)
    is_noise: Mapped[bool] = mapped_column(default=False)
    is_excluded: Mapped[bool] = mapped_column(default=False)
    is_moved: Mapped[bool] = mapped_column(default=False)
