"""The curated tree, its versions, and who put which product where."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, utc_now


class NodeRow(Base):
    """A curated concept. One row, the root, has no parent; names are unique among siblings in use."""

    __tablename__ = "taxonomy_node"
    __table_args__ = (
        Index(
            "uq_taxonomy_node_parent_id_name_in_use",
            "parent_id",
            "name",
            unique=True,
            sqlite_where=text("status != 'deprecated'"),
            postgresql_where=text("status != 'deprecated'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("taxonomy_node.id"))
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    replaced_by: Mapped[str | None] = mapped_column(ForeignKey("taxonomy_node.id"))
    created_in_version: Mapped[int]
    description: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    synonyms: Mapped[list[Any]] = mapped_column(default=list)
    external_id: Mapped[str] = mapped_column(String(200), default="")
    split_into: Mapped[list[Any]] = mapped_column(default=list)
    revision: Mapped[int] = mapped_column(default=0)


class VersionRow(Base):
    """An immutable snapshot of all nodes, numbered from 1."""

    __tablename__ = "taxonomy_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str]
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    n_nodes: Mapped[int]
    snapshot: Mapped[list[Any]]


class AssignmentRow(Base):
    """Product under node. Never deleted: an undone one is retracted."""

    __tablename__ = "assignment"
    __table_args__ = (Index("ix_assignment_product_id_strength", "product_id", "is_retracted", "strength", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    node_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_node.id"), index=True)
    source: Mapped[str] = mapped_column(String(20))
    strength: Mapped[int]
    confidence: Mapped[float] = mapped_column(default=1.0)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("discovery_run.id"))
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    is_retracted: Mapped[bool] = mapped_column(default=False)
