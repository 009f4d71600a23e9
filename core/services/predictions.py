"""Review what the active classifier says: least certain first; every decision is an assignment of the curator."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from core.domain.classifier import ReviewState
from core.domain.errors import ModelNotFoundError, TaxonomyError
from core.domain.product import format_path
from core.domain.stopping_rule import stop_path
from core.domain.taxonomy import AssignmentSource, NodeStatus
from core.services.context import Context
from core.services.grid_items import GridItem, load_items, node_paths
from core.services.models import active_row
from core.services.shown_prediction import ShownPrediction, keeps_place, shown_prediction
from core.taxonomy.tree import Taxonomy
from db.base import utc_now
from db.models import ModelRow, PredictionRow, ProductRow
from db.repositories import assignments, events, predictions
from db.repositories import taxonomy as taxonomy_rows

ORDERS = ("least_certain", "most_certain", "newest_decision")


@dataclass(frozen=True, slots=True)
class PredictionItem:
    """A prediction as the page shows it, in terms of the present taxonomy.

    `level_names` and `level_confidences` go together, top level first. The classifier gives the first `n_levels` of
    them and stops there, as it is too unsure of the others; path, node and confidence are those down to there. Where
    it stops above the category that the product has, it says nothing against that: `keeps_place`, and to accept it
    leaves the product where it is.
    """

    id: int
    product: GridItem
    current_path: str
    predicted_path: str
    predicted_node_id: str
    level_confidences: tuple[float, ...]
    level_names: tuple[str, ...]
    confidence: float
    state: ReviewState
    n_levels: int
    keeps_place: bool


def prediction_counts(context: Context) -> dict[ReviewState, int]:
    """Predictions of the active classifier by state; zeros where none is active."""
    with context.database.read() as session:
        model = active_row(session)
        return dict.fromkeys(ReviewState, 0) if model is None else predictions.counts(session, model.id)


def list_predictions(
    context: Context,
    state: ReviewState = ReviewState.PENDING,
    platform: str | None = None,
    node_id: str | None = None,
    only_changes: bool = False,
    limit: int = 20,
    offset: int = 0,
    order: str = "least_certain",
) -> tuple[list[PredictionItem], int]:
    """Predictions of the active classifier.

    Args:
        context: The open workspace.
        state: Which state of review.
        platform: Only products of this platform.
        node_id: Only predictions of this node or below it, as they are shown: in the present taxonomy, and where the
            classifier stops for being unsure.
        only_changes: Only where the category shown contradicts the product's present one; of decided predictions,
            where it differed when the classifier made them.
        limit: Items of a page.
        offset: Items to skip.
        order: One of `ORDERS`; certainty is that of the category shown.

    Returns:
        Items of this page, and how many there are in all.
    """
    with context.database.read() as session:
        model = active_row(session)
        if model is None:
            return [], 0
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        shown = shown_prediction(session, model)
        query = _filtered(taxonomy, model.id, shown, state, platform, node_id)
        if only_changes and state is ReviewState.PENDING:
            query = query.where(shown.is_change(session, taxonomy, model.id))
        elif only_changes:
            query = query.where(PredictionRow.is_change.is_(True))
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        rows = list(session.scalars(query.order_by(*_ordered(order, shown)).limit(limit).offset(offset)))
        items = {item.product_id: item for item in load_items(session, [row.product_id for row in rows])}
        return [_item(session, row, items[row.product_id], taxonomy, model.stop_below) for row in rows], total


def accept_predictions(context: Context, ids: Sequence[int], author: str) -> int:
    """Say that predictions are right: the products are assigned there by the curator, or where they are, if deeper.

    Returns:
        How many were accepted; those decided meanwhile are passed over.
    """
    with context.database.write() as session:
        rows = [row for row in _rows(session, ids) if row.review_state == str(ReviewState.PENDING)]
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        for row in rows:
            _decide(session, row, _given_node(session, row, taxonomy), ReviewState.ACCEPTED, author)
        if rows:
            summary = f"Accepted {len(rows)} prediction{'' if len(rows) == 1 else 's'}"
            events.record(session, author, "accept", summary, details={"predictions": [row.id for row in rows]})
        return len(rows)


def correct_prediction(context: Context, prediction_id: int, node_id: str, author: str) -> None:
    """Put the product of a prediction under another node.

    Raises:
        NodeNotFoundError: If there is no such node.
        TaxonomyError: If the node is deprecated or the root.
    """
    with context.database.write() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        node = taxonomy.node(node_id)
        if node.status is NodeStatus.DEPRECATED or node.parent_id is None:
            raise TaxonomyError(f"'{node.name}' cannot hold products.", "Choose another category.")
        row = _rows(session, [prediction_id])[0]
        if row.assignment_id is not None:
            assignments.retract(session, [row.assignment_id])
        state = ReviewState.ACCEPTED if _given_node(session, row, taxonomy) == node_id else ReviewState.CORRECTED
        _decide(session, row, node_id, state, author)
        summary = f"Put {_title(session, row)} under {format_path(taxonomy.names(node_id))}"
        events.record(session, author, "correct", summary, details={"predictions": [row.id]})


def undo_decision(context: Context, prediction_id: int, author: str) -> None:
    """Take an acceptance or a correction back: the prediction waits again. One that waits already stays as it is."""
    with context.database.write() as session:
        row = _rows(session, [prediction_id])[0]
        if row.review_state == str(ReviewState.PENDING):
            return
        if row.assignment_id is not None:
            assignments.retract(session, [row.assignment_id])
        row.review_state, row.assignment_id = str(ReviewState.PENDING), None
        row.decided_by, row.decided_at = "", None
        events.record(session, author, "undo", f"Took back the decision on {_title(session, row)}")


def nodes_for_choice(context: Context) -> list[tuple[str, str]]:
    """Node id and path of every category that can hold products, by path."""
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    paths = node_paths(taxonomy)
    live = (node for node in taxonomy.walk() if node.parent_id is not None)
    return sorted(((node.id, paths[node.id]) for node in live), key=lambda choice: choice[1].casefold())


def _filtered(
    taxonomy: Taxonomy,
    model_id: int,
    shown: ShownPrediction,
    state: ReviewState,
    platform: str | None,
    node_id: str | None,
) -> Select[Any]:
    chosen = (PredictionRow.model_id == model_id) & (PredictionRow.review_state == str(state))
    query = select(PredictionRow).join(ProductRow, ProductRow.id == PredictionRow.product_id).where(chosen)
    if platform:
        query = query.where(ProductRow.platform == platform)
    if node_id:
        query = query.where(shown.node_id.in_(shown.meaning(taxonomy, taxonomy.subtree_ids(node_id))))
    return query


def _ordered(order: str, shown: ShownPrediction) -> tuple[ColumnElement[Any], ...]:
    by = {
        "least_certain": shown.confidence.asc(),
        "most_certain": shown.confidence.desc(),
        "newest_decision": PredictionRow.decided_at.desc(),
    }
    return by[order], PredictionRow.id.asc()


def _item(
    session: Session, row: PredictionRow, product: GridItem, taxonomy: Taxonomy, stop_below: float
) -> PredictionItem:
    n_levels = stop_path(row.path, row.level_confidences, stop_below)
    given = taxonomy.replacement(row.path[n_levels - 1])
    present_id = session.get_one(ProductRow, row.product_id).node_id
    return PredictionItem(
        id=row.id,
        product=product,
        current_path=product.path,
        predicted_path=format_path(taxonomy.names(given.id)),
        predicted_node_id=given.id,
        level_confidences=tuple(row.level_confidences),
        level_names=tuple(taxonomy.replacement(node_id).name for node_id in row.path),
        confidence=row.level_confidences[n_levels - 1],
        state=ReviewState(row.review_state),
        n_levels=n_levels,
        keeps_place=n_levels < len(row.path) and keeps_place(taxonomy, given.id, present_id),
    )


def _given_node(session: Session, row: PredictionRow, taxonomy: Taxonomy) -> str:
    """Where the page says that the product goes, or where it stays; in the present taxonomy."""
    n_levels = stop_path(row.path, row.level_confidences, session.get_one(ModelRow, row.model_id).stop_below)
    given_id = taxonomy.replacement(row.path[n_levels - 1]).id
    present_id = session.get_one(ProductRow, row.product_id).node_id
    is_kept = n_levels < len(row.path) and keeps_place(taxonomy, given_id, present_id)
    return present_id if is_kept else given_id


def _rows(session: Session, ids: Sequence[int]) -> list[PredictionRow]:
    rows = list(session.scalars(select(PredictionRow).where(PredictionRow.id.in_(ids))))
    if len(rows) != len(set(ids)):
        raise ModelNotFoundError("This prediction does not exist any more.", "Reload the page.")
    return rows


def _title(session: Session, row: PredictionRow) -> str:
    return f"'{textwrap.shorten(session.get_one(ProductRow, row.product_id).title, 60, placeholder='…')}'"


def _decide(session: Session, row: PredictionRow, node_id: str, state: ReviewState, author: str) -> None:
    placed = assignments.assign(session, [(row.product_id, node_id)], AssignmentSource.CURATOR, author)
    row.review_state, row.assignment_id = str(state), placed[0]
    row.decided_by, row.decided_at = author, utc_now()
