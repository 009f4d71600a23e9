"""One prediction, large, and what to do about it."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery
from core.services.context import Context
from core.services.prediction_queue import PredictionItem, queue_ids
from pages._parts import prediction_acts, prediction_evidence, prediction_product, prediction_view
from pages._parts.prediction_targets import Alternative
from pages._shared import prediction_caches, words
from pages._shared.tree import target_tree

STYLE = Path(__file__).with_name("prediction_panel.css")


def style() -> None:
    """Add the rules of the panel and of what stands above the queue."""
    st.html(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")


def draw(
    ctx: Context, query: PredictionQuery, items: Sequence[PredictionItem], offered: Sequence[Alternative], total: int
) -> None:
    """Draw the panel of the prediction in focus; its buttons act on all that are selected."""
    item = prediction_view.in_focus(items)
    if item is None:
        return
    looked = prediction_view.looked()
    n_meant = total if looked.is_all else len(looked.ids)
    with st.container(border=True, key="prediction_panel", gap="small"):
        if n_meant > 1 or looked.ids not in ((), (item.id,)):
            st.html(f'<div class="pq-meant"><b>{n_meant:,} selected</b> What you do here is done to all of them.</div>')
        st.html(prediction_product.html(item))
        ids = _meant(ctx, query, item)
        _decide(ctx, query, items, item, ids)
        prediction_evidence.look_alikes(ctx, items, item)
        _alternatives(ctx, query, items, offered, ids)
        _tree(ctx, query, items, item, ids)
        prediction_evidence.comparison(ctx, item)


def _meant(ctx: Context, query: PredictionQuery, item: PredictionItem) -> list[int]:
    """What an act of the panel is done to: the selection, else the prediction in focus."""
    looked = prediction_view.looked()
    if looked.is_all:
        return queue_ids(ctx, query)
    return list(looked.ids) or [item.id]


def _decide(
    ctx: Context, query: PredictionQuery, items: Sequence[PredictionItem], item: PredictionItem, ids: Sequence[int]
) -> None:
    def accept() -> None:
        is_wide = prediction_view.takes_look_alikes(ids)
        if prediction_acts.accept_with_look_alikes(ctx, item) if is_wide else prediction_acts.accept(ctx, ids):
            prediction_view.step_past(items, ids)

    def undecide() -> None:
        if prediction_acts.undecide(ctx, ids):
            prediction_view.step_past(items, ids)

    n = "" if len(ids) == 1 else f" {len(ids):,}"
    if query.state is ReviewState.PENDING:
        n_alike = max(item.n_look_alikes - len(prediction_view.left_out(item.id)), 0)
        alike = f" with {words.count(n_alike, 'look-alike')}" * prediction_view.takes_look_alikes(ids)
        st.button(f"Accept{n}{alike} `A`", key="prediction_accept", type="primary", width="stretch",
                  icon=":material/check:", on_click=accept)  # fmt: skip
    else:
        st.button(f"Put{n} back into the queue `B`", key="prediction_undecide", width="stretch",
                  icon=":material/undo:", on_click=undecide)  # fmt: skip


def _alternatives(
    ctx: Context, query: PredictionQuery, items: Sequence[PredictionItem], offered: Sequence[Alternative],
    ids: Sequence[int],
) -> None:  # fmt: skip
    key = "prediction_to"
    by_id = {each.node_id: (digit, each) for digit, each in enumerate(offered, start=1)}

    def said(node_id: str) -> str:
        digit, each = by_id[node_id]
        why = f" :small[:gray[{each.why}]]" if each.why else ""
        return f"`{digit}` {words.plain(each.label)}{why}"

    def send() -> None:
        node_id = st.session_state[key]
        if node_id is not None and prediction_acts.correct(ctx, ids, node_id, query.state):
            prediction_view.step_past(items, ids)

    st.session_state[key] = None  # a choice is an act: nothing stays chosen
    st.pills("Or put it in", list(by_id), format_func=said, key=key, label_visibility="collapsed", on_change=send)


def _tree(
    ctx: Context, query: PredictionQuery, items: Sequence[PredictionItem], item: PredictionItem, ids: Sequence[int]
) -> None:
    def send(node_id: str) -> None:
        if prediction_acts.correct(ctx, ids, node_id, query.state):
            prediction_view.step_past(items, ids)

    with st.container(key="prediction_tree"):
        target_tree(
            prediction_caches.tree(ctx),
            key="prediction_target",
            label="Put it into another category",
            about=f"{item.id}",
            on_choose=send,
            marked=item.predicted_node_id,
            hint="Another category… (key C)",
            height=230,
        )
