from collections.abc import Sequence

import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.prediction_queue import PredictionQuery
from core.services import models
from core.services.context import Context
from core.services.prediction_acts import PREDICTIONS
from core.services.prediction_queue import PredictionItem
from pages._parts import (
    history_guard,
    prediction_acts,
    prediction_bulk,
    prediction_filters,
    prediction_grid,
    prediction_panel,
    prediction_rounds,
    prediction_targets,
    prediction_view,
)
from pages._shared import caches, layout, prediction_caches, state, words


def header(
    ctx: Context, model: ModelVersion, query: PredictionQuery, items: Sequence[PredictionItem], total: int
) -> None:
    """Draw what is open, the way through it, and what can be done to all of it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="predictions_head"):
        if query.group_id is None:
            prediction_filters.states(prediction_caches.counts(ctx), query)
            st.space("stretch")
        else:
            st.markdown(f"#### {words.count(total, 'product')} that look alike", width="stretch")
            st.button("Back to the queue", key="predictions_back", icon=":material/arrow_back:",
                      help="Key Backspace.", on_click=prediction_view.back)  # fmt: skip
        prediction_bulk.button(ctx, query, total)
        history_guard.buttons(
            ctx, PREDICTIONS, key="predictions", before_undo=lambda: prediction_view.await_return(items)
        )
    if query.group_id is None:
        prediction_filters.draw(ctx, query, model.id)


def nothing(query: PredictionQuery) -> None:
    """Say why there is nothing to look at, and what to do next."""
    if query.only_sample:
        st.info("The random sample is judged as far as these filters go.", icon=":material/done_all:")
        return
    if query != PredictionQuery(order=query.order):
        st.info("Nothing here under these filters.", icon=":material/done_all:")
        return
    with st.container(border=True, key="predictions_done", horizontal_alignment="center", gap="small"):
        st.markdown("### :material/done_all: Every prediction is decided", text_alignment="center")
        st.markdown("Retrain, so that the classifier learns from what you said.", text_alignment="center")
        if st.button("Retrain the classifier", key="predictions_done_retrain", type="primary"):
            st.switch_page("retrain.py")


def listing(ctx: Context) -> tuple[Sequence[PredictionItem], int, Sequence[PredictionItem]]:
    """The page that is open, how many predictions there are in all, and the page after it."""
    size = prediction_view.PAGE_SIZE
    found, following = prediction_caches.pages(ctx, prediction_view.current(), prediction_view.page_number(), size)
    if not found[0]:  # an act emptied the last page, or decided all look-alikes
        prediction_view.turn_to(max(-(-found[1] // size), 1))
        prediction_view.back_once_empty(found[1])
        found, following = prediction_caches.pages(ctx, prediction_view.current(), prediction_view.page_number(), size)
    return *found, following


def workspace(ctx: Context, model: ModelVersion) -> None:
    """Draw the figures, the queue, and the prediction in focus beside it."""
    state.rerun_if_asked()
    with layout.error_boundary():
        prediction_acts.say()
        prediction_rounds.draw(ctx, model, prediction_caches.rounds(ctx), prediction_caches.counts(ctx))
        items, total, following = listing(ctx)
        prediction_view.look_at_what_returned(items)
        query = prediction_view.current()
        prediction_view.write_address()
        left, right = st.columns([6.3, 4.3], gap="medium")
        view, ids = caches.taxonomy_view(ctx), {path: key for key, path in caches.node_paths(ctx).items()}
        offered = {item.id: prediction_targets.alternatives(view, ids, item) for item in (*items, *following)}
        with left:
            header(ctx, model, query, items, total)
            prediction_grid.draw(ctx, query, items, following, total, offered) if items else nothing(query)
        here = prediction_view.in_focus(items)
        with right:
            if here is not None:
                prediction_panel.draw(ctx, query, items, offered[here.id], total)


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.use_full_width()
    prediction_panel.style()
    model = models.active_model(ctx)
    if model is None or not sum(prediction_caches.counts(ctx).values()):
        layout.page_header("Predictions")
        layout.empty_state(
            "No predictions yet", "Retrain the classifier and promote it.", "retrain.py", "Retrain the classifier"
        )
        return
    layout.show_flashes()  # outside the fragment: a fault stays until something else is done
    st.fragment(workspace, key="predictions_workspace")(ctx, model)
    history_guard.ask()
    prediction_bulk.ask(ctx)


page()
