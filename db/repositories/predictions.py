"""Predictions of classifiers."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, select
from sqlalchemy.orm import Session, aliased

from core.domain.classifier import ReviewState
from core.domain.taxonomy import AssignmentSource
from db.models import PredictionRow, ProductRow
from db.repositories.products import chunks

PENDING, ACCEPTED = str(ReviewState.PENDING), str(ReviewState.ACCEPTED)


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write down predictions."""
    if rows:
        session.execute(insert(PredictionRow), list(rows))


def counts(session: Session, model_id: int) -> dict[ReviewState, int]:
    """Predictions of a model by state of review; what a curator placed in another way counts for none."""
    query = select(PredictionRow.review_state, func.count()).where(PredictionRow.model_id == model_id)
    found = dict(session.execute(query.group_by(PredictionRow.review_state)).all())
    waiting = (
        select(func.count()).select_from(PredictionRow).join(ProductRow, ProductRow.id == PredictionRow.product_id)
    )
    if found.get(PENDING):
        found[PENDING] = session.scalar(waiting.where(of_model(session, model_id), is_waiting())) or 0
    return {state: found.get(str(state), 0) for state in ReviewState}


def of_model(session: Session, model_id: int) -> ColumnElement[bool]:
    """All predictions of a model, in the order in which they lie in the table.

    Where most are wanted, an index only lends them an order in which SQLite jumps back and forth through the table; so
    it must not take one.
    """
    own = PredictionRow.model_id == model_id
    low, high = session.execute(select(func.min(PredictionRow.id), func.max(PredictionRow.id)).where(own)).one()
    return and_(PredictionRow.id.between(low or 0, high or 0), PredictionRow.model_id + 0 == model_id)


def in_state(state: ReviewState) -> ColumnElement[bool]:
    """Predictions in a state of review; needs `ProductRow` beside them."""
    return is_waiting() if state is ReviewState.PENDING else PredictionRow.review_state == str(state)


def is_waiting() -> ColumnElement[bool]:
    """Whether nobody decided a prediction, nor placed its product in another way; needs `ProductRow` beside it."""
    return and_(PredictionRow.review_state == PENDING, ProductRow.source != str(AssignmentSource.CURATOR))


def in_groups(model_id: int, group_ids: Collection[int]) -> ColumnElement[bool]:
    """Predictions of a model in some groups of look-alikes.

    Groups are small, so theirs is the index to take; the state or an order would tempt SQLite to another.
    """
    inner = aliased(PredictionRow)
    chosen = select(inner.id).where(inner.model_id == model_id, inner.group_id.in_(group_ids))
    return PredictionRow.id.in_(chosen)


def by_id(session: Session, ids: Sequence[int]) -> list[PredictionRow]:
    """Predictions in the order of their ids; unknown ones are left out."""
    found = {
        row.id: row
        for part in chunks(ids)
        for row in session.scalars(select(PredictionRow).where(PredictionRow.id.in_(part)))
    }
    return [found[key] for key in ids if key in found]


def waiting_by_group(session: Session, model_id: int, group_ids: Collection[int]) -> dict[int, int]:
    """Group of look-alikes → how many of them wait."""
    query = select(PredictionRow.group_id, func.count()).join(ProductRow, ProductRow.id == PredictionRow.product_id)
    chosen = query.where(in_groups(model_id, group_ids), is_waiting())
    return dict(session.execute(chosen.group_by(PredictionRow.group_id)).all())


def waiting_look_alikes(session: Session, row: PredictionRow) -> list[int]:
    """Ids of the others of a prediction's group that wait, the least certain first."""
    if not row.group_id:
        return []
    query = select(PredictionRow.id).join(ProductRow, ProductRow.id == PredictionRow.product_id)
    query = query.where(in_groups(row.model_id, [row.group_id]), PredictionRow.id != row.id, is_waiting())
    return list(session.scalars(query.order_by(PredictionRow.confidence, PredictionRow.id)))


def decided_counts(session: Session) -> dict[int, tuple[int, int]]:
    """Model → how many of its predictions were decided, and how many of these accepted."""
    n_right = func.sum(case((PredictionRow.review_state == ACCEPTED, 1), else_=0))
    query = select(PredictionRow.model_id, func.count(), n_right).where(PredictionRow.review_state != PENDING)
    return {key: (n, int(right)) for key, n, right in session.execute(query.group_by(PredictionRow.model_id))}


def sample_states(session: Session, model_id: int) -> tuple[list[int], list[str]]:
    """Ids and states of the random sample of a model, without those that a curator placed in another way."""
    query = select(PredictionRow.id, PredictionRow.review_state)
    query = query.join(ProductRow, ProductRow.id == PredictionRow.product_id)
    is_asked = (PredictionRow.review_state != PENDING) | is_waiting()
    own = and_(PredictionRow.model_id == model_id, PredictionRow.is_sample.is_(True), is_asked)
    found = session.execute(query.where(own).order_by(PredictionRow.id)).all()
    return [key for key, _ in found], [state for _, state in found]


def places(session: Session, product_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Product id → the node where it is, and the source of the assignment that put it there."""
    found: dict[int, tuple[str, str]] = {}
    for part in chunks(product_ids):
        query = select(ProductRow.id, ProductRow.node_id, ProductRow.source).where(ProductRow.id.in_(part))
        found.update({key: (node_id, source) for key, node_id, source in session.execute(query)})
    return found


def n_placed(session: Session, node_ids: Collection[str]) -> dict[str, int]:
    """Node id → products that are at exactly that node."""
    query = select(ProductRow.node_id, func.count()).where(ProductRow.node_id.in_(node_ids))
    return dict(session.execute(query.group_by(ProductRow.node_id)).all())
