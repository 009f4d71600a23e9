"""Doubts about labels: those that wait, and those a curator decided."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.domain.label_issue import LabelIssue, LabelIssueState
from db.base import utc_now
from db.models import AssignmentRow, LabelIssueRow, ProductRow
from db.repositories.products import chunks

PENDING = str(LabelIssueState.PENDING)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a check says of a product: its label, a likelier one, and the probability of each, in [0, 1]."""

    product_id: int
    node_id: str
    suggested_node_id: str
    quality: float
    suggested_confidence: float


def replace_pending(session: Session, doubts: Sequence[Doubt]) -> None:
    """Put the doubts of a new check in the place of those that wait; decided ones stay.

    A doubt about the same label of the same product keeps its row: an act on it that was taken back can still be done
    again, without a second question about the product.
    """
    waiting = select(LabelIssueRow.id, LabelIssueRow.product_id, LabelIssueRow.node_id)
    waiting = waiting.where(LabelIssueRow.state == PENDING)
    known = {(product_id, node_id): key for key, product_id, node_id in session.execute(waiting)}
    found_at = utc_now()
    again, new = [], []
    for doubt in doubts:
        values = {"suggested_node_id": doubt.suggested_node_id, "quality": doubt.quality,
                  "suggested_confidence": doubt.suggested_confidence, "found_at": found_at}  # fmt: skip
        key = known.pop((doubt.product_id, doubt.node_id), None)
        if key is None:
            new.append({"product_id": doubt.product_id, "node_id": doubt.node_id, "state": PENDING, "decided_by": "",
                        **values})  # fmt: skip
        else:
            again.append({"id": key, **values})
    for part in chunks(sorted(known.values())):
        session.execute(delete(LabelIssueRow).where(LabelIssueRow.id.in_(part)))
    if again:
        session.execute(update(LabelIssueRow), again)
    if new:
        session.execute(insert(LabelIssueRow), new)


def decided_places(session: Session) -> dict[int, set[str]]:
    """Product id → the nodes that a curator settled it under when asked."""
    query = select(LabelIssueRow.product_id, AssignmentRow.node_id)
    query = query.join(AssignmentRow, AssignmentRow.id == LabelIssueRow.assignment_id)
    found: dict[int, set[str]] = defaultdict(set)
    for product_id, node_id in session.execute(query.where(LabelIssueRow.state != PENDING)):
        found[product_id].add(node_id)
    return found


def counts(session: Session) -> dict[LabelIssueState, int]:
    """Doubts by state; one that waits while its product is elsewhere by now is outdated."""
    is_moved = (LabelIssueRow.state == PENDING) & (ProductRow.node_id != LabelIssueRow.node_id)
    query = select(LabelIssueRow.state, is_moved, func.count())
    query = query.join(ProductRow, ProductRow.id == LabelIssueRow.product_id).group_by(LabelIssueRow.state, is_moved)
    found = dict.fromkeys(LabelIssueState, 0)
    for state, moved, n_issues in session.execute(query):
        found[LabelIssueState.OUTDATED if moved else LabelIssueState(state)] += n_issues
    return found


def in_state(state: LabelIssueState) -> Select[Any]:
    """A query over the doubts in a state, joined with their products."""
    query = select(LabelIssueRow).join(ProductRow, ProductRow.id == LabelIssueRow.product_id)
    if state is LabelIssueState.OUTDATED:
        return query.where(LabelIssueRow.state == PENDING, ProductRow.node_id != LabelIssueRow.node_id)
    if state is LabelIssueState.PENDING:
        return query.where(LabelIssueRow.state == PENDING, ProductRow.node_id == LabelIssueRow.node_id)
    return query.where(LabelIssueRow.state == str(state))


def load(session: Session, ids: Sequence[int]) -> list[LabelIssueRow]:
    """Doubts in the order of their ids; those that a newer check replaced are left out."""
    found: list[LabelIssueRow] = []
    for part in chunks(sorted(set(ids))):
        found.extend(session.scalars(select(LabelIssueRow).where(LabelIssueRow.id.in_(part))))
    return sorted(found, key=lambda row: row.id)


def to_issue(row: LabelIssueRow, state: LabelIssueState) -> LabelIssue:
    """The domain's view of a row."""
    return LabelIssue(row.id, row.product_id, row.node_id, row.suggested_node_id, row.quality,
                      row.suggested_confidence, state, row.decided_by, row.decided_at)  # fmt: skip
