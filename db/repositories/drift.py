"""What came in which week, as it is read from the products, and what was measured of it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select
from sqlalchemy.orm import Session

from core.domain.drift import DriftWeek
from core.domain.taxonomy import AssignmentSource
from db.models import DriftRow, ImportRow, PredictionRow, ProductRow

READ_AT_ONCE = 5_000
FIELDS = tuple(DriftWeek.__dataclass_fields__)


def arrivals(session: Session, model_id: int, node_id: ColumnElement[Any]) -> Iterator[list[Sequence[Any]]]:
    """Every product once, by id and in parts, however large the catalogue is.

    Args:
        session: A session that stays open meanwhile.
        model_id: Whose predictions.
        node_id: An expression over `PredictionRow`: the node that is given.

    Yields:
        For each product: its id, platform, when it first came, title, brand, the node where a curator put it or else
        that of its newest prediction, and the confidence of that prediction; None without one.
    """
    is_settled = ProductRow.source == str(AssignmentSource.CURATOR)
    place = case((is_settled, ProductRow.node_id), else_=node_id)
    own = and_(PredictionRow.product_id == ProductRow.id, PredictionRow.model_id == model_id)
    columns = (ProductRow.id, ProductRow.platform, ProductRow.created_at, ProductRow.title, ProductRow.brand, place,
               PredictionRow.confidence)  # fmt: skip
    query = select(*columns).outerjoin(PredictionRow, own).order_by(ProductRow.id, PredictionRow.id)
    waiting: dict[int, Sequence[Any]] = {}
    for part in session.execute(query.execution_options(yield_per=READ_AT_ONCE)).partitions():
        waiting |= {row[0]: row for row in part}  # of several predictions of a product the newest stays
        last = next(reversed(waiting))
        unfinished = {last: waiting.pop(last)}  # it may go on in the next part
        yield list(waiting.values())
        waiting = unfinished
    yield list(waiting.values())


def replace_weeks(session: Session, model_id: int, weeks: Sequence[DriftWeek], measured_at: datetime) -> None:
    """Put a new measurement in the place of the one before."""
    session.execute(delete(DriftRow))
    rows = [{"model_id": model_id, "measured_at": measured_at, **asdict(week)} for week in weeks]
    if rows:
        session.execute(insert(DriftRow), rows)


def load_weeks(session: Session) -> list[DriftWeek]:
    """What was measured, by week and platform."""
    columns = [getattr(DriftRow, name) for name in FIELDS]
    query = select(*columns).order_by(DriftRow.week, DriftRow.platform)
    return [DriftWeek(*row) for row in session.execute(query)]


def measurement(session: Session) -> tuple[int, datetime] | None:
    """Which model was measured with, and when; None before the first measurement."""
    found = session.execute(select(DriftRow.model_id, DriftRow.measured_at).limit(1)).first()
    return None if found is None else (found[0], found[1])


def newest_import(session: Session) -> datetime | None:
    """When a catalogue was last imported."""
    return session.scalar(select(func.max(ImportRow.created_at)))


def newest_prediction(session: Session, model_id: int) -> datetime | None:
    """When a model last predicted something."""
    return session.scalar(select(func.max(PredictionRow.predicted_at)).where(PredictionRow.model_id == model_id))
