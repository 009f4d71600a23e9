"""Accepting a whole filtered set in one act, after saying what that does."""

from dataclasses import replace

import streamlit as st

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery, QueueOrder
from core.services.context import Context
from core.services.prediction_queue import queue_page
from pages._parts import prediction_acts, prediction_view
from pages._shared import prediction_caches, state, words

FEWEST = 2


def button(ctx: Context, query: PredictionQuery, total: int) -> None:
    """Draw the button that asks, where there are several to accept; the random sample is judged one by one."""
    if query.state is not ReviewState.PENDING or query.only_sample:
        return
    n = total - _n_of_sample(ctx, query)
    if n >= FEWEST:
        st.button(
            f"Accept all {n:,}",
            key="predictions_accept_all",
            icon=":material/done_all:",
            help="All that these filters leave, on every page, but the random sample, which is judged one by one. "
            "It asks first, and one undo takes it back.",
            on_click=lambda: ask_for(query),
        )


def ask_for(query: PredictionQuery) -> None:
    """Open the question, on the next run."""
    st.session_state[state.PREDICTIONS_ASKING] = query
    state.ask_full_rerun()


def ask(ctx: Context) -> None:
    """Draw the question, where there is one."""
    query = st.session_state.get(state.PREDICTIONS_ASKING)
    if query is not None:
        _question(ctx, query)


def _forget() -> None:
    st.session_state.pop(state.PREDICTIONS_ASKING, None)


@st.dialog("Accept all of these?", on_dismiss=_forget)
def _question(ctx: Context, query: PredictionQuery) -> None:
    state.rerun_if_asked()
    state.hold_still()
    doubtful, total = queue_page(ctx, replace(query, order=QueueOrder.LEAST_CERTAIN), 1, 0)
    if not total:
        st.markdown("None of them waits any more.")
        return
    n_sample = _n_of_sample(ctx, query)
    changes = replace(query, only_changes=True)
    n_changes = prediction_caches.n_found(ctx, changes) - _n_of_sample(ctx, changes)
    st.html(
        '<div class="pq-figures">'
        f"<div><b>{total - n_sample:,}</b>{'prediction' if total - n_sample == 1 else 'predictions'}</div>"
        f"<div><b>{n_changes:,}</b>{'moves' if n_changes == 1 else 'move'} to another category</div>"
        f"<div><b>{words.sure(doubtful[0].confidence)}</b>sure, the least certain</div></div>"
    )
    sample = f" {words.count(n_sample, 'prediction')} of the random sample wait on, to be judged one by one."
    st.caption(
        "Every product goes where its prediction says, and the next training learns from it. One undo takes all of it "
        f"back.{sample if n_sample else ''}"
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Do nothing", key="predictions_all_cancel"):
            _forget()
            st.rerun()
        n = total - n_sample
        st.button(
            f"Accept {n:,}",
            key="predictions_all_go",
            type="primary",
            disabled=not n,
            on_click=lambda: _accept(ctx, query, n),  # the number that was read, not one that is counted after it
        )


def _accept(ctx: Context, query: PredictionQuery, n_seen: int) -> None:
    _forget()
    prediction_view.look(None)
    prediction_acts.accept_all(ctx, query, n_seen)
    state.ask_full_rerun()  # the page behind the question shows it


def _n_of_sample(ctx: Context, query: PredictionQuery) -> int:
    """How many of a filter are of the random sample: they wait on, unless they are what was asked for."""
    return 0 if query.only_sample else prediction_caches.n_found(ctx, replace(query, only_sample=True))
