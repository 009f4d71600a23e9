"""What a curator can do to predictions; each act can be taken back and done again."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery
from core.services import history
from core.services import prediction_acts as service
from core.services.context import Context
from core.services.prediction_acts import PREDICTIONS, Decided
from core.services.prediction_queue import PredictionItem
from pages._parts import history_guard, prediction_view
from pages._shared import caches, state, words
from pages._shared.layout import TOAST_ICONS, acting

FREELY_DROPPED = 3
"""Acts taken back that a new one may end without a question: to undo a slip and decide anew is everyday work."""


def accept(ctx: Context, ids: Sequence[int]) -> bool:
    """Say that predictions are right."""
    return _do(ctx, lambda: _said(service.accept(ctx, ids, state.author()), "accepted"))


def accept_all(ctx: Context, query: PredictionQuery, n_seen: int) -> bool:
    """Say that every prediction of a filter is right, as long as there are no more than the curator was told."""
    return _do(ctx, lambda: _said(service.accept_all(ctx, query, state.author(), n_seen), "accepted"))


def accept_with_look_alikes(ctx: Context, item: PredictionItem) -> bool:
    """Put a product where its prediction says, with its look-alikes; those that are too many are listed first."""
    if not item.n_look_alikes:
        return accept(ctx, [item.id])
    if prediction_view.must_list(item):
        prediction_view.show_group(item)
        return False
    return apply_to_look_alikes(ctx, item.id, item.current_node_id if item.keeps_place else item.predicted_node_id)


def correct(ctx: Context, ids: Sequence[int], node_id: str, seen: ReviewState) -> bool:
    """Put the products of predictions elsewhere, with the look-alikes where that is asked for.

    Args:
        ctx: The open workspace.
        ids: Of the predictions.
        node_id: Where the products belong.
        seen: The state in which they are listed.
    """
    if prediction_view.takes_look_alikes(ids):
        return apply_to_look_alikes(ctx, ids[0], node_id)

    def act() -> str:
        return _said(service.correct(ctx, ids, node_id, state.author(), seen), _into(ctx, node_id), says_one=True)

    return _do(ctx, act)


def apply_to_look_alikes(ctx: Context, prediction_id: int, node_id: str) -> bool:
    """Put a product under a node with those of its look-alikes that were not left out."""
    left_out = prediction_view.left_out(prediction_id)

    def act() -> str:
        decided = service.apply_to_look_alikes(ctx, prediction_id, node_id, state.author(), left_out)
        return _said(decided, _into(ctx, node_id))

    return _do(ctx, act)


def undecide(ctx: Context, ids: Sequence[int]) -> bool:
    """Put decided predictions back into the queue."""
    return _do(ctx, lambda: _said(service.undecide(ctx, ids, state.author()), "back in the queue", says_one=True))


def say() -> None:
    """Say what acts left to say that redraw the workspace alone; faults redraw the page, which says them."""
    for flash in state.take_flashes():
        st.toast(words.plain(flash.message), icon=TOAST_ICONS[flash.tone])


def _said(decided: Decided, what: str, *, says_one: bool = False) -> str:
    """What came of an act; nothing for a lone one that the page shows anyway."""
    said = [f"{words.count(decided.n_decided, 'product')} {what}."]
    if decided.n_passed_over:
        said.append(f"{words.count(decided.n_passed_over, 'was', 'were')} decided by somebody meanwhile.")
    if decided.n_sample:
        said.append(f"{decided.n_sample:,} of the random sample wait on, to be judged one by one.")
    is_plain = decided.n_decided == 1 and len(said) == 1
    return "" if is_plain and not says_one else " ".join(said)


def _into(ctx: Context, node_id: str) -> str:
    path = caches.node_paths(ctx).get(node_id, "")
    return f"put in {path.split(' > ')[-1]}" if path else "put elsewhere"


def _do(ctx: Context, act: Callable[[], str]) -> bool:
    """Do it at once, drawing only the workspace anew; ask first where that would end a long branch of history."""
    if history.dropped_by_next_act(ctx, PREDICTIONS, state.author()) > FREELY_DROPPED:
        return history_guard.guarded(ctx, PREDICTIONS, act)
    is_done = acting(act, reaches_page=False)
    if is_done and st.session_state.pop(state.PREDICTIONS_FAULT, False):
        state.ask_full_rerun()  # the fault of the act before stands above the workspace
    elif not is_done:
        st.session_state[state.PREDICTIONS_FAULT] = True
    return is_done
