"""Predictions of classifiers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.domain.classifier import ReviewState
from db.models import PredictionRow


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write down predictions."""
    if rows:
        session.execute(insert(PredictionRow), list(rows))


def counts(session: Session, model_id: int) -> dict[ReviewState, int]:
    """Predictions of a model by state of review."""
    query = select(PredictionRow.review_state, func.count()).where(PredictionRow.model_id == model_id)
    found = dict(session.execute(query.group_by(PredictionRow.review_state)).all())
    return {state: found.get(str(state), 0) for state in ReviewState}
