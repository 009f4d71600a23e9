"""Who put which product where. A product row repeats its strongest assignment."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.domain.taxonomy import SOURCE_STRENGTH, AssignmentSource
from db.models import AssignmentRow, ProductRow
from db.repositories.products import chunks


def assign(
    session: Session,
    placements: Sequence[tuple[int, str]],
    source: AssignmentSource,
    author: str,
    run_id: int | None = None,
    confidences: Sequence[float] | None = None,
) -> list[int]:
    """Put products under nodes.

    Args:
        session: A session that may write.
        placements: (product id, node id) pairs.
        source: Who decided.
        author: The person, or the program.
        run_id: The discovery run behind it, if any.
        confidences: One per placement, in [0, 1]; 1.0 where None.

    Returns:
        The new assignments' ids, in the order of `placements`.
    """
    common = {"source": str(source), "strength": SOURCE_STRENGTH[source], "author": author, "run_id": run_id}
    rows: list[dict[str, Any]] = [
        {"product_id": product_id, "node_id": node_id, "confidence": confidence, "is_retracted": False, **common}
        for (product_id, node_id), confidence in zip(placements, confidences or [1.0] * len(placements), strict=True)
    ]
    ids: list[int] = []
    for part in chunks(rows, 1_000):
        ids.extend(
            session.scalars(insert(AssignmentRow).returning(AssignmentRow.id, sort_by_parameter_order=True), part)
        )
    refresh_nodes(session, [product_id for product_id, _ in placements])
    return ids


def retract(session: Session, assignment_ids: Sequence[int]) -> None:
    """Take assignments back; they stay in the history and no longer count."""
    product_ids: list[int] = []
    for part in chunks(assignment_ids):
        product_ids.extend(session.scalars(select(AssignmentRow.product_id).where(AssignmentRow.id.in_(part))))
        session.execute(update(AssignmentRow).where(AssignmentRow.id.in_(part)).values(is_retracted=True))
    refresh_nodes(session, product_ids)


def strongest(session: Session, product_ids: Sequence[int]) -> dict[int, AssignmentRow]:
    """Product id → the assignment that counts: newest of the strongest source."""
    result: dict[int, AssignmentRow] = {}
    for part in chunks(product_ids):
        order = (AssignmentRow.strength.desc(), AssignmentRow.id.desc())
        rank = func.row_number().over(partition_by=AssignmentRow.product_id, order_by=order).label("rank")
        live = AssignmentRow.product_id.in_(part) & AssignmentRow.is_retracted.is_(False)
        ranked = select(AssignmentRow.id, rank).where(live).subquery()
        best = select(AssignmentRow).join(ranked, AssignmentRow.id == ranked.c.id).where(ranked.c.rank == 1)
        result.update({row.product_id: row for row in session.scalars(best)})
    return result


def refresh_nodes(session: Session, product_ids: Sequence[int]) -> None:
    """Make `product.node_id` and `product.source` say what the strongest assignment says."""
    session.flush()
    best = strongest(session, list(product_ids))
    rows = [{"id": key, "node_id": row.node_id, "source": row.source} for key, row in best.items()]
    if rows:
        session.execute(update(ProductRow), rows)


def newest_of_source(session: Session, product_ids: Sequence[int], source: AssignmentSource) -> dict[int, str]:
    """Product id → node of its newest live assignment from one source."""
    result: dict[int, str] = {}
    for part in chunks(product_ids):
        live = AssignmentRow.product_id.in_(part) & AssignmentRow.is_retracted.is_(False)
        query = select(AssignmentRow.product_id, AssignmentRow.node_id).where(live, AssignmentRow.source == str(source))
        result.update(session.execute(query.order_by(AssignmentRow.id)).all())
    return result
