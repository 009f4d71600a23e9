"""What a curator says of doubts about labels: keep, or put elsewhere. Every act is an event with its way back.

Both place the product by the source `curator`: a person looked at it and said where it belongs. So it teaches the next
training, survives an import that says otherwise, and no prediction asks about it again. Undo and redo are those of
`core.services.history` in the scope `LABELS`.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.errors import StaleRevisionError, TaxonomyError
from core.domain.label_issue import LabelIssueState
from core.domain.product import format_path
from core.domain.taxonomy import AssignmentSource
from core.services.context import Context
from core.services.journal import Journal
from core.services.label_issues import LabelQuery, can_hold, filtered, suggested_node
from core.taxonomy.tree import Taxonomy
from db.base import utc_now
from db.models import AssignmentRow, LabelIssueRow, ProductRow
from db.repositories import assignments, events, label_issues
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.products import chunks

LABELS = "labels"
"""Scope of the decisions about labels."""


@dataclass(frozen=True, slots=True)
class Decided:
    """How many doubts an act decided, and how many it passed over as others had acted on them meanwhile."""

    n_decided: int
    n_passed_over: int


def keep_labels(
    context: Context, ids: Sequence[int], author: str, seen: LabelIssueState = LabelIssueState.PENDING
) -> Decided:
    """Say that labels are right after all; see `correct_labels` for what it takes and raises."""
    with context.database.write() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        targets = {row.id: taxonomy.replacement(row.node_id).id for row in label_issues.load(session, ids)}
        return _decide(session, taxonomy, {key: targets.get(key, "") for key in ids}, author, seen)


def correct_labels(
    context: Context, targets: Mapping[int, str], author: str, seen: LabelIssueState = LabelIssueState.PENDING
) -> Decided:
    """Put products of doubts under the nodes where they belong; under the doubted one means to keep it.

    Doubts that somebody decided, or whose products somebody moved, since they were seen are passed over.

    Args:
        context: The open workspace.
        targets: Doubt → node.
        author: Who decides.
        seen: The state in which the curator saw the doubts: decided ones may be decided anew.

    Returns:
        What was done. It is one act: one undo takes it back.

    Raises:
        StaleRevisionError: If all of them were acted on meanwhile; nothing is written.
        NodeNotFoundError: If there is no such node.
        TaxonomyError: If a node cannot hold products.
    """
    with context.database.write() as session:
        return _decide(session, Taxonomy(taxonomy_rows.load_nodes(session)), targets, author, seen)


def accept_suggestions(context: Context, query: LabelQuery, author: str) -> Decided:
    """Put every product of the doubts that wait in a filter where the suggestion says; see `correct_labels`."""
    with context.database.write() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        waiting = LabelQuery(LabelIssueState.PENDING, query.platform, query.node_id)
        rows = session.scalars(filtered(taxonomy, waiting))
        suggested = {row.id: suggested_node(taxonomy, row) for row in rows}
        targets = {key: node.id for key, node in suggested.items() if node is not None}
        return _decide(session, taxonomy, targets, author, LabelIssueState.PENDING)


def _decide(
    session: Session, taxonomy: Taxonomy, targets: Mapping[int, str], author: str, seen: LabelIssueState
) -> Decided:
    rows = label_issues.load(session, list(targets))
    places = _places(session, rows)
    fresh = [row for row in rows if row.state == str(seen) and _is_where_seen(session, taxonomy, row, places)]
    if not fresh:
        raise _stale(session, rows)
    for node_id in {targets[row.id] for row in fresh}:
        _check_target(taxonomy, node_id)
    journal = Journal(session)
    journal.keep(LabelIssueRow, [row.id for row in fresh])
    summary = _summary(session, taxonomy, fresh, targets)
    placements = [(row.product_id, targets[row.id]) for row in fresh]
    made = assignments.assign(session, placements, AssignmentSource.CURATOR, author)
    journal.assigned(made)
    for row, assignment_id in zip(fresh, made, strict=True):
        is_kept = targets[row.id] == taxonomy.replacement(row.node_id).id
        row.state = str(LabelIssueState.KEPT if is_kept else LabelIssueState.CORRECTED)
        row.assignment_id, row.decided_by, row.decided_at = assignment_id, author, utc_now()
    details = {"issues": [row.id for row in fresh]}
    events.record(session, author, "decide_label", summary, scope=LABELS, journal=journal, details=details)
    return Decided(len(fresh), len(set(targets)) - len(fresh))


def _places(session: Session, rows: Sequence[LabelIssueRow]) -> dict[int, str]:
    places: dict[int, str] = {}
    for part in chunks([row.product_id for row in rows]):
        places.update(session.execute(select(ProductRow.id, ProductRow.node_id).where(ProductRow.id.in_(part))).all())
    return places


def _is_where_seen(session: Session, taxonomy: Taxonomy, row: LabelIssueRow, places: Mapping[int, str]) -> bool:
    """Whether the product is still under the doubted label; of a decided doubt, where the decision put it."""
    expected = row.node_id
    if row.assignment_id is not None:
        expected = taxonomy.replacement(session.get_one(AssignmentRow, row.assignment_id).node_id).id
    return places[row.product_id] == expected


def _check_target(taxonomy: Taxonomy, node_id: str) -> None:
    node = taxonomy.node(node_id)
    if not can_hold(node):
        raise TaxonomyError(f"'{node.name}' cannot hold products.", "Choose another category.")


def _stale(session: Session, rows: Sequence[LabelIssueRow]) -> StaleRevisionError:
    remedy = "Look at the list again: it shows how things stand now."
    if not rows:
        return StaleRevisionError("A newer check replaced these doubts meanwhile; nothing was changed.", remedy)
    row, others = rows[0], f" So were {len(rows) - 1} more." if len(rows) > 1 else ""
    by = f"was decided by {row.decided_by}" if row.decided_by else "was moved to another category by another act"
    return StaleRevisionError(f"{_title(session, row)} {by} meanwhile; nothing was changed.{others}", remedy)


def _summary(session: Session, taxonomy: Taxonomy, rows: Sequence[LabelIssueRow], targets: Mapping[int, str]) -> str:
    n_kept = sum(targets[row.id] == taxonomy.replacement(row.node_id).id for row in rows)
    if len(rows) == 1:
        where = format_path(taxonomy.names(targets[rows[0].id]))
        return f"{'Kept' if n_kept else 'Moved'} {_title(session, rows[0])} {'in' if n_kept else 'to'} {where}"
    parts = [f"{said} {n:,}" for said, n in (("kept", n_kept), ("moved", len(rows) - n_kept)) if n]
    return f"{' and '.join(parts)} products with doubtful labels".capitalize()


def _title(session: Session, row: LabelIssueRow) -> str:
    return f"'{textwrap.shorten(session.get_one(ProductRow, row.product_id).title, 60, placeholder='…')}'"
