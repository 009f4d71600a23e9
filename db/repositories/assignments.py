"""Who put which product where. A product row repeats its strongest assignment."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.domain.taxonomy import SOURCE_STRENGTH, AssignmentSource, NodeStatus
from db.models import AssignmentRow, NodeRow, ProductRow
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
    _set_retracted(session, assignment_ids, is_retracted=True)


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


def reinstate(session: Session, assignment_ids: Sequence[int]) -> None:
    """Make retracted assignments count again."""
    _set_retracted(session, assignment_ids, is_retracted=False)


def refresh_nodes(session: Session, product_ids: Sequence[int]) -> None:
    """Make `product.node_id` and `product.source` say what the strongest assignment says.

    An assignment to a deprecated node means the one that replaced it.
    """
    session.flush()
    best = strongest(session, list(product_ids))
    live = _replacements(session)
    rows = [
        {"id": key, "node_id": live.get(row.node_id, row.node_id), "source": row.source} for key, row in best.items()
    ]
    if rows:
        session.execute(update(ProductRow), rows)


def refresh_under(session: Session, node_ids: Sequence[str]) -> None:
    """Place anew every product that has an assignment on one of the nodes, or on one that led there when it went.

    The nodes were deprecated, or are live again.
    """
    product_ids: set[int] = set()
    for part in chunks(sorted(leading_to(session, node_ids))):
        inside = AssignmentRow.node_id.in_(part) & AssignmentRow.is_retracted.is_(False)
        product_ids.update(session.scalars(select(AssignmentRow.product_id).where(inside).distinct()))
    refresh_nodes(session, sorted(product_ids))


def leading_to(session: Session, node_ids: Sequence[str]) -> set[str]:
    """The nodes, and the deprecated ones whose chains of replacements come through them."""
    session.flush()
    before: dict[str, list[str]] = {}
    led = select(NodeRow.id, NodeRow.replaced_by).where(NodeRow.replaced_by.is_not(None))
    for node_id, towards in session.execute(led):
        before.setdefault(towards, []).append(node_id)
    found, waiting = set(node_ids), list(node_ids)
    while waiting:
        for node_id in before.get(waiting.pop(), ()):
            if node_id not in found:
                found.add(node_id)
                waiting.append(node_id)
    return found


def _set_retracted(session: Session, assignment_ids: Sequence[int], is_retracted: bool) -> None:
    product_ids: list[int] = []
    for part in chunks(assignment_ids):
        product_ids.extend(session.scalars(select(AssignmentRow.product_id).where(AssignmentRow.id.in_(part))))
        session.execute(update(AssignmentRow).where(AssignmentRow.id.in_(part)).values(is_retracted=is_retracted))
    refresh_nodes(session, product_ids)


def _replacements(session: Session) -> dict[str, str]:
    """Deprecated node → the live one at the end of its chain of replacements."""
    is_gone = NodeRow.status == str(NodeStatus.DEPRECATED)
    towards = dict(session.execute(select(NodeRow.id, NodeRow.replaced_by).where(is_gone)).all())
    found: dict[str, str] = {}
    for node_id in towards:
        end, passed = node_id, set()
        while end in towards and towards[end] is not None and end not in passed:
            passed.add(end)
            end = towards[end]
        found[node_id] = end
    return found


def newest_of_source(session: Session, product_ids: Sequence[int], source: AssignmentSource) -> dict[int, str]:
    """Product id → node of its newest live assignment from one source."""
    result: dict[int, str] = {}
    for part in chunks(product_ids):
        live = AssignmentRow.product_id.in_(part) & AssignmentRow.is_retracted.is_(False)
        query = select(AssignmentRow.product_id, AssignmentRow.node_id).where(live, AssignmentRow.source == str(source))
        result.update(session.execute(query.order_by(AssignmentRow.id)).all())
    return result
