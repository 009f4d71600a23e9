"""Offers in the catalogue, and the rows that did not become one."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, utc_now


class ProductRow(Base):
    """One offer. `node_id` and `source` repeat what the strongest assignment says, so that counts need no join."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("platform", "external_id"),
        Index("ix_product_node_id_platform", "node_id", "platform"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str] = mapped_column(String(200))
    external_id: Mapped[str] = mapped_column(String(500))
    title: Mapped[str]
    brand: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(default="")
    price: Mapped[float | None]
    currency: Mapped[str] = mapped_column(String(10), default="")
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    image_ref: Mapped[str | None]
    image_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    background_cleanliness: Mapped[float | None]
    node_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_node.id"))
    source: Mapped[str] = mapped_column(String(20), default="import")
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class RejectRow(Base):
    """One row of an imported file that was turned away."""

    __tablename__ = "reject"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    row: Mapped[int]
    external_id: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(String(50))
    detail: Mapped[str] = mapped_column(default="")


class ImportRow(Base):
    """One import of one file: what came of its rows."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    n_rows: Mapped[int] = mapped_column(default=0)
    n_new: Mapped[int] = mapped_column(default=0)
    n_updated: Mapped[int] = mapped_column(default=0)
    n_unchanged: Mapped[int] = mapped_column(default=0)
    n_rejected: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
