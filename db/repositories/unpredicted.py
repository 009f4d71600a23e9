"""Products of which a model has said nothing, or nothing since they changed."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from core.domain.classifier import ReviewState
from core.domain.taxonomy import AssignmentSource
from db.models import PredictionRow, ProductRow


def unpredicted_ids(session: Session, model_id: int, among: Sequence[int] | None = None) -> list[int]:
    """Ids of the products without a prediction of a model, or changed since; without those that a curator settled.

    Args:
        session: A session.
        model_id: Which model.
        among: Look among these products only, at most `products.CHUNK` of them; None looks among all.
    """
    query = select(ProductRow.id).where(*_is_unpredicted(model_id))
    if among is not None:
        query = query.where(ProductRow.id.in_(among))
    return list(session.scalars(query.order_by(ProductRow.id)))


def count_unpredicted(session: Session, model_id: int) -> int:
    """Number of these."""
    return session.scalar(select(func.count(ProductRow.id)).where(*_is_unpredicted(model_id))) or 0


def _is_unpredicted(model_id: int) -> tuple[ColumnElement[bool], ...]:
    of_product = PredictionRow.product_id == ProductRow.id
    is_settled = exists().where(of_product, PredictionRow.review_state != str(ReviewState.PENDING))
    is_current = exists().where(
        of_product, PredictionRow.model_id == model_id, PredictionRow.predicted_at >= ProductRow.updated_at
    )
    return ProductRow.source != str(AssignmentSource.CURATOR), ~is_settled, ~is_current
