"""Who put which product where. A product row repeats its strongest assignment."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from core.domain.taxonomy import SOURCE_STRENGTH, AssignmentSource, NodeStatus
from db.models import AssignmentRow, NodeRow, ProductRow
from db.repositories.products import chunks
from db.repositories.rows import update_rows


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
    product_ids = [product_id for product_id, _ in placements]
    is_once = len(set(product_ids)) == len(product_ids)
    # Where each product comes once, it tells which id is whose: to keep the order, SQLite would insert row by row.
    table = AssignmentRow.__table__
    made = insert(table).returning(table.c.id, table.c.product_id, sort_by_parameter_order=not is_once)
    session.flush()
    found = [row for part in chunks(rows, 1_000) for row in session.execute(made, part)]
    refresh_nodes(session, product_ids)
    if not is_once:
        return [key for key, _ in found]
    id_of = {product_id: key for key, product_id in found}
    return [id_of[product_id] for product_id in product_ids]


def retract(session: Session, assignment_ids: Sequence[int]) -> None:
    """Take assignments back; they stay in the history and no longer count."""
    _set_retracted(session, assignment_ids, is_retracted=True)


def strongest(session: Session, product_ids: Sequence[int]) -> dict[int, AssignmentRow]:
    """Product id → the assignment that counts: newest of the strongest source."""
    result: dict[int, AssignmentRow] = {}
    for part in chunks(product_ids):
        ranked = _ranked(part).subquery()
        best = select(AssignmentRow).join(ranked, AssignmentRow.id == ranked.c.id).where(ranked.c.rank == 1)
        result.update({row.product_id: row for row in session.scalars(best)})
    return result


def _ranked(product_ids: Sequence[int]) -> Select[Any]:
    """The live assignments of some products, ranked: 1 is the one that counts."""
    order = (AssignmentRow.strength.desc(), AssignmentRow.id.desc())
    rank = func.row_number().over(partition_by=AssignmentRow.product_id, order_by=order).label("rank")
    columns = (AssignmentRow.id, AssignmentRow.product_id, AssignmentRow.node_id, AssignmentRow.source, rank)
    return select(*columns).where(AssignmentRow.product_id.in_(product_ids), AssignmentRow.is_retracted.is_(False))


def reinstate(session: Session, assignment_ids: Sequence[int]) -> None:
    """Make retracted assignments count again."""
    _set_retracted(session, assignment_ids, is_retracted=False)


def refresh_nodes(session: Session, product_ids: Sequence[int]) -> None:
    """Make `product.node_id` and `product.source` say what the strongest assignment says.

    An assignment to a deprecated node means the one that replaced it.
    """
    session.flush()
    live = _replacements(session)
    rows = [
        {"id": product_id, "node_id": live.get(node_id, node_id), "source": source}
        for part in chunks(list(dict.fromkeys(product_ids)))
        for product_id, node_id, source in session.execute(_best(part))
    ]
    update_rows(session, ProductRow, rows)


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


def _best(product_ids: Sequence[int]) -> Select[Any]:
    ranked = _ranked(product_ids).subquery()
    return select(ranked.c.product_id, ranked.c.node_id, ranked.c.source).where(ranked.c.rank == 1)


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
