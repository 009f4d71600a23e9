"""Who has what open, what curators think of each other's clusters, and the settings of the workspace."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, utc_now


class PresenceRow(Base):
    """One open browser tab: who sits there, and which cluster of which run it shows."""

    __tablename__ = "presence"

    session_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    author: Mapped[str] = mapped_column(String(200))
    run_id: Mapped[int | None] = mapped_column(index=True)
    cluster_id: Mapped[int | None]
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)


class OpinionRow(Base):
    """What one curator thinks should become of a cluster; the newest of each curator counts."""

    __tablename__ = "opinion"
    __table_args__ = (Index("ix_opinion_run_id_cluster_id", "run_id", "cluster_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("discovery_run.id"))
    cluster_id: Mapped[int]
    author: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class SettingRow(Base):
    """A setting of the workspace."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
