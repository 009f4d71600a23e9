"""Trained classifiers and what they predict."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, utc_now


class ModelRow(Base):
    """A trained classifier; the artefact on disk holds its weights."""

    __tablename__ = "model_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    taxonomy_version: Mapped[int] = mapped_column(ForeignKey("taxonomy_version.number"))
    status: Mapped[str] = mapped_column(String(20), index=True)
    config: Mapped[dict[str, Any]]
    metrics: Mapped[dict[str, Any]]
    curve: Mapped[list[Any]] = mapped_column(default=list)
    artefact_path: Mapped[str]
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("model_version.id"))
    promoted_at: Mapped[datetime | None]
    stop_below: Mapped[float] = mapped_column(default=0.0)
    escalate_below: Mapped[float | None]
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class PredictionRow(Base):
    """What a model says of a product: node ids from below the root and the confidence at each level.

    `stage` is the stage whose path it is; `text_node_id` and `text_confidence` say what the text stage alone would
    have given, None where it was not asked. `value` is the expected value of a look (`core.inference.review_value`),
    `group_id` what look-alikes share: 0 for a product that stands alone. `is_sample` marks the random ones by which a
    model's accuracy is judged.
    """

    __tablename__ = "prediction"
    __table_args__ = (
        Index("ix_prediction_model_id_state_confidence", "model_id", "review_state", "confidence"),
        Index("ix_prediction_model_id_state_value", "model_id", "review_state", "value"),
        Index("ix_prediction_model_id_group_id", "model_id", "group_id"),
        Index("ix_prediction_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("model_version.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    node_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_node.id"))
    path: Mapped[list[Any]]
    level_confidences: Mapped[list[Any]]
    confidence: Mapped[float]
    stage: Mapped[int] = mapped_column(default=2)
    text_node_id: Mapped[str | None] = mapped_column(ForeignKey("taxonomy_node.id"))
    text_confidence: Mapped[float | None]
    value: Mapped[float] = mapped_column(default=0.0)
    group_id: Mapped[int] = mapped_column(default=0)
    is_sample: Mapped[bool] = mapped_column(default=False)
    predicted_at: Mapped[datetime] = mapped_column(default=utc_now)
    is_change: Mapped[bool] = mapped_column(default=False)
    review_state: Mapped[str] = mapped_column(String(20), default="pending")
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None]


class LabelIssueRow(Base):
    """A product whose label is probably wrong; the newest check's doubts, and every one a curator decided."""

    __tablename__ = "label_issue"
    __table_args__ = (
        Index("ix_label_issue_state_quality", "state", "quality"),
        Index("ix_label_issue_product_id", "product_id"),
        {"sqlite_autoincrement": True},  # an act that was taken back knows its row: no other may get that number
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    node_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_node.id"))
    suggested_node_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_node.id"))
    quality: Mapped[float]
    suggested_confidence: Mapped[float]
    state: Mapped[str] = mapped_column(String(20), default="pending")
    found_at: Mapped[datetime] = mapped_column(default=utc_now)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided_at: Mapped[datetime | None]


class DriftRow(Base):
    """What one platform brought in one week, and how it differs from what came before; replaced by each measurement.

    `categories` counts products by the node that the model gives them.
    """

    __tablename__ = "drift_week"
    __table_args__ = (UniqueConstraint("platform", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("model_version.id"))
    platform: Mapped[str] = mapped_column(String(200))
    week: Mapped[str] = mapped_column(String(8))
    n_products: Mapped[int]
    n_predicted: Mapped[int]
    n_unsure: Mapped[int]
    n_branded: Mapped[int]
    n_unseen_brands: Mapped[int]
    n_words: Mapped[int]
    n_unseen_words: Mapped[int]
    categories: Mapped[dict[str, Any]] = mapped_column(default=dict)
    unseen: Mapped[dict[str, Any]] = mapped_column(default=dict)
    measured_at: Mapped[datetime] = mapped_column(default=utc_now)
