"""The queue of predictions: what the active classifier says, the look that is worth most first.

A prediction waits until somebody decides it, or until a curator places its product in another way, as when its label
was checked: nobody is asked twice.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery, QueueOrder
from core.services.context import Context
from core.services.models import active_row
from core.services.prediction_items import PredictionItem, to_items
from core.services.prediction_rounds import rounds
from core.services.shown_prediction import ShownPrediction, shown_prediction
from core.taxonomy.tree import Taxonomy
from db.models import ModelRow, NodeRow, PredictionRow, ProductRow
from db.repositories import predictions
from db.repositories import taxonomy as taxonomy_rows

__all__ = ["PredictionItem", "filtered", "look_alike_items", "queue_ids", "queue_page", "rounds"]


def queue_page(
    context: Context, query: PredictionQuery, limit: int = 24, offset: int = 0
) -> tuple[list[PredictionItem], int]:
    """A page of the active classifier's predictions.

    Args:
        context: The open workspace.
        query: Which of them, in which order. Certainty and category are those of the path that is shown: in the present
            taxonomy, and only as deep as the classifier is sure enough. The random sample comes in random order.
        limit: Items of a page.
        offset: Items to skip.

    Returns:
        Items of this page, and how many there are in all; nothing where no classifier is active.
    """
    with context.database.read() as session:
        model = active_row(session)
        if model is None:
            return [], 0
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        shown = shown_prediction(session, model)
        chosen = filtered(session, taxonomy, model, shown, query)
        total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        if _comes_sorted(model, query):
            chosen = filtered(session, taxonomy, model, shown, query, by_index=True)
        ids = list(session.scalars(_ordered(chosen, taxonomy, shown, query.order).limit(limit).offset(offset)))
        return to_items(session, taxonomy, model, ids), total


def queue_ids(context: Context, query: PredictionQuery) -> list[int]:
    """Ids of all predictions that a query means, in its order."""
    with context.database.read() as session:
        model = active_row(session)
        if model is None:
            return []
        shown = shown_prediction(session, model)
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        chosen = filtered(session, taxonomy, model, shown, query)
        return list(session.scalars(_ordered(chosen, taxonomy, shown, query.order)))


def look_alike_items(context: Context, prediction_id: int) -> list[PredictionItem]:
    """The look-alikes of a prediction that wait, without itself, the least certain first; none for an unknown one."""
    with context.database.read() as session:
        row = session.get(PredictionRow, prediction_id)
        if row is None:
            return []
        ids = predictions.waiting_look_alikes(session, row)
        return to_items(
            session, Taxonomy(taxonomy_rows.load_nodes(session)), session.get_one(ModelRow, row.model_id), ids
        )


def filtered(
    session: Session,
    taxonomy: Taxonomy,
    model: ModelRow,
    shown: ShownPrediction,
    query: PredictionQuery,
    *,
    by_index: bool = False,
) -> Select[Any]:
    """Ids of the predictions of a model that a query means, joined with their products, in no order.

    Args:
        session: A session.
        taxonomy: The present one.
        model: Whose predictions.
        shown: What they say as they are shown.
        query: Which of them.
        by_index: Only the first few are wanted, in an order that an index has.
    """
    is_most = (query.state is ReviewState.PENDING or query.group_id is not None) and not by_index
    of_model = predictions.of_model(session, model.id) if is_most else PredictionRow.model_id == model.id
    chosen = select(PredictionRow.id).join(ProductRow, ProductRow.id == PredictionRow.product_id)
    chosen = chosen.where(of_model, predictions.in_state(query.state))
    for is_asked, condition in (
        (query.platform, ProductRow.platform == query.platform),
        (query.only_sample, PredictionRow.is_sample.is_(True)),
        (query.only_unplaced, ProductRow.node_id == taxonomy.root.id),
        (query.stage is not None, PredictionRow.stage == query.stage),
        (query.group_id is not None, predictions.in_groups(model.id, [query.group_id or 0])),
        (query.min_confidence > 0, shown.confidence >= query.min_confidence),
    ):
        if is_asked:
            chosen = chosen.where(condition)
    if query.node_id:
        chosen = chosen.where(shown.node_id.in_(shown.meaning(taxonomy, taxonomy.subtree_ids(query.node_id))))
    if query.only_changes and query.state is ReviewState.PENDING:
        chosen = chosen.where(shown.is_change(session, taxonomy, model.id))
    elif query.only_changes:  # the product is where the decision put it: what counts is where it was
        chosen = chosen.where(PredictionRow.is_change.is_(True))
    return chosen.where(_disagrees(taxonomy)) if query.only_disagreements else chosen


def _disagrees(taxonomy: Taxonomy) -> ColumnElement[bool]:
    """Whether the stages mean different categories of the present taxonomy."""
    merged: dict[str, list[str]] = {}
    for node in taxonomy.nodes:
        if node.replaced_by is not None:
            merged.setdefault(taxonomy.replacement(node.id).id, [taxonomy.replacement(node.id).id]).append(node.id)
    one = [and_(PredictionRow.node_id.in_(ids), PredictionRow.text_node_id.in_(ids)) for ids in merged.values()]
    return and_(
        PredictionRow.text_node_id.is_not(None), PredictionRow.text_node_id != PredictionRow.node_id, ~or_(False, *one)
    )


def _comes_sorted(model: ModelRow, query: PredictionQuery) -> bool:
    """Whether an index holds all of a query in its order: then the first page is read without the rest."""
    certain = (QueueOrder.LEAST_CERTAIN, QueueOrder.MOST_CERTAIN)
    is_indexed = query.order is QueueOrder.VALUE or (query.order in certain and not model.stop_below)
    return is_indexed and query == PredictionQuery(order=query.order)


def _ordered(chosen: Select[Any], taxonomy: Taxonomy, shown: ShownPrediction, order: QueueOrder) -> Select[Any]:
    best = PredictionRow.value.desc(), PredictionRow.id.asc()
    if order is QueueOrder.CATEGORY:
        named = chosen.join(NodeRow, NodeRow.id == shown.present_node_id(taxonomy))
        return named.order_by(func.lower(NodeRow.name), NodeRow.id, *best)
    return chosen.order_by(
        *{
            QueueOrder.VALUE: best,
            QueueOrder.LEAST_CERTAIN: (shown.confidence.asc(), PredictionRow.id.asc()),
            QueueOrder.MOST_CERTAIN: (shown.confidence.desc(), PredictionRow.id.asc()),
            QueueOrder.PLATFORM: (ProductRow.platform.asc(), *best),
            QueueOrder.NEWEST_DECISION: (PredictionRow.decided_at.desc(), PredictionRow.id.asc()),
        }[order]
    )
