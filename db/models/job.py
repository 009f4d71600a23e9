"""Long runs, and the audit trail of every act."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, utc_now


class JobRow(Base):
    """A long run: what was asked, how far it is, when its worker was last heard of."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    arguments: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), index=True)
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(default="")
    remedy: Mapped[str] = mapped_column(default="")
    log: Mapped[list[Any]] = mapped_column(default=list)
    curve: Mapped[list[Any]] = mapped_column(default=list)


class EventRow(Base):
    """Who did what, when and why, and how to take it back.

    `image` holds the rows an act changed as they are on its other side: before it while it stands, after it while it is
    undone. None where an act has no way back. `toggles` are the workspace's counts, `seq` the newest of them, at which
    it was done, undone, done again. `scope` is what its undo belongs to: `run:12` or `taxonomy`.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_run_id_id", "run_id", "id"), Index("ix_event_scope_seq", "scope", "seq"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    author: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(30))
    summary: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    run_id: Mapped[int | None]
    scope: Mapped[str] = mapped_column(String(60), default="")
    seq: Mapped[int] = mapped_column(default=0, index=True)
    toggles: Mapped[list[Any]] = mapped_column(default=list)
    image: Mapped[dict[str, Any] | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_at: Mapped[datetime | None]
    is_dropped: Mapped[bool] = mapped_column(default=False)


class EventNodeRow(Base):
    """Which nodes of the taxonomy an event is about: the history of each."""

    __tablename__ = "event_node"
    __table_args__ = (Index("ix_event_node_node_id_event_id", "node_id", "event_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    node_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_node.id"), primary_key=True)
