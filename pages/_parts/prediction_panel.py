"""One prediction, large: the product, where it is and would go, how sure that is, and what to do about it."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery
from core.services.context import Context
from core.services.prediction_queue import PredictionItem, queue_ids
from pages._parts import prediction_acts, prediction_evidence, prediction_view
from pages._parts.prediction_grid import is_change
from pages._parts.prediction_targets import Alternative
from pages._shared import prediction_caches, words
from pages._shared.grid import thumb_url
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
        st.html(_product(item) + _levels(item) + _why(item))
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


def _product(item: PredictionItem) -> str:
    product = item.product
    url = thumb_url(product.image_hash)
    picture = f'<img src="{escape(url)}" alt="">' if url else '<span class="sw-noimage">no image</span>'
    facts = (product.brand, product.platform, words.price(product.price, product.currency))
    told = " · ".join(escape(text) for text in facts if text)
    lines = "".join(_line(*line) for line in _lines(item))
    return (
        f'<div class="pq-product"><div class="pq-picture">{picture}</div><div class="pq-words">'
        f'<div class="pq-title">{escape(product.title)}</div><div class="sw-quiet pq-told">{told}</div>'
        f"{lines}{_by_text(item)}</div></div>"
    )


def _lines(item: PredictionItem) -> list[tuple[str, str, str]]:
    """Label, path and kind of what is said of where the product belongs."""
    now, said = item.current_path, item.predicted_path
    if item.state is not ReviewState.PENDING:
        verb = "accepted" if item.state is ReviewState.ACCEPTED else "corrected"
        by = f"{verb} by {item.decided_by}" if item.decided_by else verb
        return [("now in", now, ""), ("predicted", said, ""), ("", by, "note")]
    if item.keeps_place:
        return [("stays in", now, ""), ("sure of", said, "")]
    if is_change(item):
        return [("now in", now, ""), ("better in" if item.is_sure else "perhaps", said, "new")]
    return [("stays in" if item.is_sure else "perhaps", said, "")]


def _by_text(item: PredictionItem) -> str:
    """What the text stage alone says, where it says something else."""
    if item.state is not ReviewState.PENDING or not item.text_path or not item.is_disagreement:
        return ""
    sure = "" if item.text_confidence is None else f" · {words.sure(item.text_confidence)} sure"
    return _line("by its text", item.text_path, "text", sure)


def _line(label: str, path: str, kind: str, sure: str = "") -> str:
    if kind == "note":
        return f'<div class="sw-quiet pq-told">{escape(path)}</div>'
    *above, name = path.split(" > ") if path else ["no category"]
    lead = "".join(f"{escape(each)} › " for each in above)
    return (
        f'<div class="pq-line {kind}"><span>{escape(label)}</span>'
        f'<div><span class="sw-quiet">{lead}</span><b>{escape(name)}</b>{escape(sure)}</div></div>'
    )


def _levels(item: PredictionItem) -> str:
    rows = []
    for number, (name, value) in enumerate(zip(item.level_names, item.level_confidences, strict=False), start=1):
        is_given, said = number <= item.n_levels, escape(words.sure(value))
        why, kind = ("", "") if is_given else ("; too unsure to go this far", " faded")
        rows.append(
            f'<div class="pq-level{kind}" title="{escape(name)}: {said} sure{why}"><span>{escape(name)}</span>'
            f'<i><b style="width:{100 * value:.1f}%"></b></i><em>{said}</em></div>'
        )
    return f'<div class="pq-levels">{"".join(rows)}</div>'


def _why(item: PredictionItem) -> str:
    if item.state is not ReviewState.PENDING or not item.why:
        return ""
    reasons = [reason for reason in item.why if not reason.endswith("% sure")]  # the bars above say how sure
    chips = "".join(f"<span>{escape(reason)}</span>" for reason in reasons or item.why)
    return f'<div class="pq-why"><em>Why look</em>{chips}</div>'


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
        alike = f" with {words.count(item.n_look_alikes, 'look-alike')}" * prediction_view.takes_look_alikes(ids)
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
