"""What speaks for another discovery, counted by node and by whether it came before or after earlier discoveries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import Session

from core.domain.classifier import ReviewState
from core.domain.discovery import ClusterStatus, RunStatus
from db.models import ClusterRow, ModelRow, PredictionRow, ProductRow, RunRow


def last_runs(session: Session) -> dict[str, tuple[datetime, bool]]:
    """Category → when its newest discovery was made, and whether clusters of it are still open."""
    is_open = (ClusterRow.level == 1) & (ClusterRow.status == str(ClusterStatus.OPEN))
    open_runs = set(session.scalars(select(ClusterRow.run_id).where(is_open).distinct()))
    runs = select(RunRow.id, RunRow.category_id, RunRow.created_at).where(RunRow.status == str(RunStatus.READY))
    return {category: (at, key in open_runs) for key, category, at in session.execute(runs.order_by(RunRow.id))}


def era(moment: ColumnElement[Any], times: Sequence[datetime]) -> ColumnElement[Any]:
    """How many of these times, which rise, lie before a moment."""
    if not times:
        return literal(0)
    return case(*((moment > at, number) for number, at in reversed(list(enumerate(times, start=1)))), else_=0)


def models_with_decisions(session: Session, limit: int) -> list[ModelRow]:
    """The newest models of whose predictions a curator decided some."""
    is_decided = PredictionRow.review_state.in_([str(ReviewState.ACCEPTED), str(ReviewState.CORRECTED)])
    some = select(PredictionRow.id).where(PredictionRow.model_id == ModelRow.id, is_decided).exists()
    return list(session.scalars(select(ModelRow).where(some).order_by(ModelRow.id.desc()).limit(limit)))


def decided(
    session: Session, model_id: int, node_id: ColumnElement[Any], times: Sequence[datetime]
) -> list[tuple[str, int, bool, int]]:
    """(node given, era of the decision, whether it was corrected, how many) of a model's decided predictions."""
    is_corrected = PredictionRow.review_state == str(ReviewState.CORRECTED)
    query = select(node_id.label("node"), era(PredictionRow.decided_at, times).label("era"), is_corrected.label("hit"))
    chosen = (PredictionRow.model_id == model_id) & (PredictionRow.review_state != str(ReviewState.PENDING))
    return _counted(session, query.where(chosen))


def unsure(
    session: Session, model_id: int, below: float, times: Sequence[datetime]
) -> list[tuple[str, int, bool, int]]:
    """(node predicted, era of the prediction, whether it is of low confidence, how many) of a model's predictions."""
    is_unsure = PredictionRow.confidence < below
    query = select(PredictionRow.node_id, era(PredictionRow.predicted_at, times).label("era"), is_unsure.label("hit"))
    return _counted(session, query.where(PredictionRow.model_id == model_id))


def arrived(session: Session, times: Sequence[datetime]) -> list[tuple[str, int, int]]:
    """(node, era of the arrival, how many) of the products directly at each node."""
    return _counted(session, select(ProductRow.node_id, era(ProductRow.created_at, times).label("era")))


def least_sure(session: Session, model_id: int, node_ids: Sequence[str], limit: int) -> list[tuple[bool, float, int]]:
    """(whether it lacks a picture, confidence, product) of a model's predictions of some nodes, in this order."""
    lacks_picture = ProductRow.image_hash.is_(None)
    query = select(lacks_picture, PredictionRow.confidence, PredictionRow.product_id)
    query = query.join(ProductRow, ProductRow.id == PredictionRow.product_id)
    query = query.where(PredictionRow.model_id == model_id, PredictionRow.node_id.in_(node_ids))
    ordered = query.order_by(lacks_picture, PredictionRow.confidence, PredictionRow.product_id).limit(limit)
    return [tuple(row) for row in session.execute(ordered)]


def _counted(session: Session, query: Select[Any]) -> list[Any]:
    """Each combination of values that a query finds, and how often; counted outside, as parameters cannot be keys."""
    inner = query.subquery()
    return [tuple(row) for row in session.execute(select(*inner.c, func.count()).group_by(*inner.c))]
