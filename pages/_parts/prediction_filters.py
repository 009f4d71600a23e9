"""Which predictions to look at, and in which order."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

import streamlit as st

from core.domain.classified import FULL_STAGE, TEXT_STAGE
from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery, QueueOrder
from core.services.context import Context
from pages._parts import prediction_view
from pages._shared import caches, prediction_caches

NAMES = {ReviewState.PENDING: "To decide", ReviewState.ACCEPTED: "Accepted", ReviewState.CORRECTED: "Corrected"}
ORDERS = {
    QueueOrder.VALUE: "Worth most first",
    QueueOrder.LEAST_CERTAIN: "Least certain first",
    QueueOrder.MOST_CERTAIN: "Most certain first",
    QueueOrder.CATEGORY: "By category",
    QueueOrder.PLATFORM: "By platform",
    QueueOrder.NEWEST_DECISION: "Newest decision first",
}
FLAGS = {"only_changes": "Changes", "only_disagreements": "Stages disagree", "only_sample": "Random sample",
         "only_unplaced": "No category yet"}  # fmt: skip
STAGES = {TEXT_STAGE: "Settled by text", FULL_STAGE: "With all evidence"}
KEY = "predictions_{part}"
Choice = TypeVar("Choice", bound=Hashable)


def states(counts: Mapping[ReviewState, int], query: PredictionQuery) -> None:
    """Draw the choice between what waits and what was decided."""
    key = _seed("state", query.state)
    st.segmented_control(
        "Decision",
        list(NAMES),
        required=True,
        format_func=lambda value: f"{NAMES[value]} {counts.get(value, 0):,}",
        key=key,
        label_visibility="collapsed",
        on_change=lambda: prediction_view.change(state=st.session_state[key]),
    )


def draw(ctx: Context, query: PredictionQuery, model_id: int) -> None:
    """Draw order and filters of the predictions of a model."""
    is_open = query.state is ReviewState.PENDING
    orders = [order for order in ORDERS if is_open != (order is QueueOrder.NEWEST_DECISION)]
    if not is_open:
        orders = [QueueOrder.NEWEST_DECISION, *(order for order in ORDERS if order is not QueueOrder.NEWEST_DECISION)]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="predictions_filters"):
        _menu("order", "Order", {order: ORDERS[order] for order in orders}, query.order, 170, needs_one=True)
        platforms = caches.platform_names(ctx)
        if len(platforms) > 1 or query.platform:
            _menu("platform", "Platform", dict(zip(platforms, platforms, strict=True)), query.platform, 140)
        _menu("node_id", "Category", caches.node_paths(ctx), query.node_id, 200)
        _flags(ctx, query)
        if query.stage is not None or prediction_caches.settles_by_text(ctx, model_id):
            _menu("stage", "Stage", STAGES, query.stage, 150)
        plain = PredictionQuery(state=query.state, order=query.order)
        if query != plain:
            st.button("Clear", key="predictions_clear", type="tertiary", on_click=lambda: prediction_view.show(plain))


def _flags(ctx: Context, query: PredictionQuery) -> None:
    key = _seed("flags", [part for part in FLAGS if getattr(query, part)])
    is_open = query.state is ReviewState.PENDING  # a decision places the product: none is without a category then
    is_some_new = query.only_unplaced or (
        is_open and prediction_caches.n_found(ctx, PredictionQuery(only_unplaced=True)) > 0
    )
    offered = [part for part in FLAGS if part != "only_unplaced" or is_some_new]

    def changed() -> None:
        chosen = st.session_state[key]
        prediction_view.change(**{part: part in chosen for part in FLAGS})

    st.pills("Only", offered, selection_mode="multi", format_func=lambda part: FLAGS[part], key=key,
             label_visibility="collapsed", on_change=changed)  # fmt: skip


def _menu(
    part: str, name: str, choices: Mapping[Choice, str], chosen: Choice | None, width: int, *, needs_one: bool = False
) -> None:
    key = _seed(part, chosen if chosen in choices else None)
    st.selectbox(
        name,
        list(choices),
        format_func=lambda value: choices[value],
        placeholder=name,
        key=key,
        label_visibility="collapsed",
        width=width,
        on_change=lambda: prediction_view.change(**{part: st.session_state[key]}),
        **({} if needs_one else {"index": None}),
    )


def _seed(part: str, value: object) -> str:
    """Key of a widget, which is made to show what is open."""
    key = KEY.format(part=part)
    st.session_state[key] = value
    return key
