"""What a curator says of predictions: right, elsewhere, or not decided after all. Every act has its way back.

A decision places the product by the source `curator`: a person looked at it and said where it belongs. So it teaches
the next training, survives an import that says otherwise, and no prediction asks about it again. Undo and redo are
those of `core.services.history` in the scope `PREDICTIONS`.
"""

from collections.abc import Collection, Sequence

from core.domain.classifier import ReviewState
from core.domain.errors import StaleRevisionError
from core.domain.prediction_queue import PredictionQuery
from core.services.context import Context
from core.services.models import active_row
from core.services.prediction_desk import PREDICTIONS, Decided, PredictionDesk
from core.services.prediction_queue import filtered
from core.services.shown_prediction import shown_prediction
from db.models import PredictionRow
from db.repositories import predictions

__all__ = ["PREDICTIONS", "Decided", "accept", "accept_all", "apply_to_look_alikes", "correct", "undecide"]


def accept(context: Context, ids: Sequence[int], author: str) -> Decided:
    """Say that predictions are right: the products go where the page shows, or stay where they are, if deeper.

    Those that somebody decided, or whose products somebody placed, since they were seen are passed over.

    Returns:
        What was done. It is one act: one undo takes it back.

    Raises:
        StaleRevisionError: If all of them were acted on meanwhile; nothing is written.
        TaxonomyError: If the categories that were predicted are no longer in use; nothing is written.
    """
    with context.database.write() as session:
        desk = PredictionDesk(session, author)
        fresh = desk.fresh(ids, ReviewState.PENDING)
        return desk.decide("accept", fresh, None, len(set(ids)))


def accept_all(context: Context, query: PredictionQuery, author: str, n_seen: int | None = None) -> Decided:
    """Say that every prediction that waits under a filter is right; see `accept`.

    The random sample waits on, unless it is what was asked for: it says how accurate the classifier is only where each
    was looked at for itself.

    Args:
        context: The open workspace.
        query: The filter.
        author: Who decides.
        n_seen: How many its author was told would be accepted; None accepts however many there are.

    Returns:
        What was done. It is one act: one undo takes it back.

    Raises:
        StaleRevisionError: If none waits any more, or more than `n_seen` do, as predictions came meanwhile or another
            model was put into use; nothing is written.
        TaxonomyError: If the categories that were predicted are no longer in use; nothing is written.
    """
    with context.database.write() as session:
        model = active_row(session)
        if model is None or query.state is not ReviewState.PENDING:
            raise StaleRevisionError("No prediction waits under this filter.", "Look at the list again.")
        desk = PredictionDesk(session, author)
        chosen = filtered(session, desk.taxonomy, model, shown_prediction(session, model), query)
        found = session.execute(chosen.add_columns(PredictionRow.is_sample).order_by(PredictionRow.id)).all()
        ids = [key for key, is_sample in found if query.only_sample or not is_sample]
        fresh = predictions.by_id(session, ids)
        if not found:
            raise desk.stale([])
        if not ids:
            return Decided(0, 0, len(found))
        if n_seen is not None and len(ids) > n_seen:
            raise StaleRevisionError(
                f"{len(ids):,} predictions wait under this filter by now, not {n_seen:,}. Nothing was changed.",
                "Look at the list again, then accept them.",
            )
        done = desk.decide("accept", fresh, None, len(ids))
        return Decided(done.n_decided, done.n_passed_over, len(found) - len(ids))


def correct(
    context: Context, ids: Sequence[int], node_id: str, author: str, seen: ReviewState = ReviewState.PENDING
) -> Decided:
    """Put the products of predictions under a node; under the one that is shown means to accept.

    Args:
        context: The open workspace.
        ids: Of the predictions.
        node_id: Where the products belong.
        author: Who decides.
        seen: The state in which the curator saw them: decided ones may be decided anew.

    Returns:
        What was done. It is one act: one undo takes it back.

    Raises:
        StaleRevisionError: If all of them were acted on meanwhile; nothing is written.
        NodeNotFoundError: If there is no such node.
        TaxonomyError: If the node cannot hold products.
    """
    with context.database.write() as session:
        desk = PredictionDesk(session, author)
        desk.check_target(node_id)
        fresh = desk.fresh(ids, seen)
        return desk.decide("correct", fresh, dict.fromkeys((row.id for row in fresh), node_id), len(set(ids)))


def apply_to_look_alikes(
    context: Context, prediction_id: int, node_id: str, author: str, leave_out: Collection[int] = ()
) -> Decided:
    """Put the product of a prediction and all its look-alikes that wait under a node, in one act; see `correct`.

    Args:
        context: The open workspace.
        prediction_id: The prediction that was looked at; its own decision, if there is one, is made anew.
        node_id: Where the products belong.
        author: Who decides.
        leave_out: Ids of look-alikes that visibly are something else: they wait on.
    """
    with context.database.write() as session:
        desk = PredictionDesk(session, author)
        desk.check_target(node_id)
        row = session.get(PredictionRow, prediction_id)
        if row is None:
            raise desk.stale([])
        others = [key for key in predictions.waiting_look_alikes(session, row) if key not in set(leave_out)]
        state = ReviewState(row.review_state)
        fresh = [*desk.fresh([row.id], state), *(desk.fresh(others, ReviewState.PENDING) if others else ())]
        return desk.decide("correct", fresh, dict.fromkeys((found.id for found in fresh), node_id), 1 + len(others))


def undecide(context: Context, ids: Sequence[int], author: str) -> Decided:
    """Take decisions back, whoever made them: the predictions wait again. Those that wait already are passed over.

    Raises:
        StaleRevisionError: If none of them is decided any more; nothing is written.
    """
    with context.database.write() as session:
        desk = PredictionDesk(session, author)
        rows = predictions.by_id(session, list(dict.fromkeys(ids)))
        fresh = [row for row in rows if row.review_state != str(ReviewState.PENDING)]
        if not fresh:
            raise StaleRevisionError(
                "These decisions were taken back meanwhile; nothing was changed.", "Look at the list again."
            )
        return desk.undecide(fresh, len(set(ids)))
