"""One prediction: the product, where it is, where the classifier would put it, and what to do."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.domain.classifier import ReviewState
from core.services import predictions
from core.services.context import Context
from core.services.predictions import PredictionItem
from pages._parts import category_field
from pages._shared import caches, state, words
from pages._shared.grid import thumb_url
from pages._shared.layout import acting


def summary(ctx: Context, items: Sequence[PredictionItem], n_found: int, *, can_accept: bool) -> None:
    """Say how many predictions the filters leave, and offer to accept those on the page at one go."""
    ids = [item.id for item in items]

    def accept() -> str:
        return f"{words.count(predictions.accept_predictions(ctx, ids, state.author()), 'prediction')} accepted."

    with st.container(horizontal=True, vertical_alignment="center", key="predictions_summary"):
        st.markdown(f"**{words.count(n_found, 'prediction')}**", width="stretch")
        if can_accept:
            st.button(
                f"Accept the {len(ids)} on this page",
                key="accept_page",
                icon=":material/done_all:",
                on_click=lambda: acting(accept),
            )


def draw(ctx: Context, item: PredictionItem) -> None:
    """Draw the prediction with its buttons."""
    with st.container(border=True, key=f"prediction_{item.id}"):
        picture, what, how_sure, act = st.columns([1, 5.2, 3, 2.4], vertical_alignment="center", gap="medium")
        picture.html(_picture(item))
        what.html(_paths(item))
        how_sure.html(_confidence(item))
        with act.container(gap="xsmall"):
            _buttons(ctx, item)
        if st.session_state.get(state.CORRECTING) == item.id:
            _chooser(ctx, item)


def _picture(item: PredictionItem) -> str:
    url = thumb_url(item.product.image_hash)
    inside = f'<img src="{escape(url)}" alt="" loading="lazy">' if url else '<span class="sw-noimage">no image</span>'
    return f'<div class="sw-thumb">{inside}</div>'


def _paths(item: PredictionItem) -> str:
    brand = f' <span class="sw-quiet">· {escape(item.product.brand)}</span>' if item.product.brand else ""
    title = f'<div class="sw-title">{escape(item.product.title)}{brand}</div>'
    is_open = item.state is ReviewState.PENDING
    if item.current_path == item.predicted_path or item.keeps_place:
        label = "stays in" if is_open else "now in"
        sure_of = _line("sure of", item.predicted_path) if item.keeps_place and is_open else ""
        return title + _line(label, item.current_path) + sure_of
    label = "better in" if is_open else "predicted"
    return title + _line("now in", item.current_path) + _line(label, item.predicted_path, " sw-new")


def _line(label: str, path: str, kind: str = "") -> str:
    return f'<div class="sw-path{kind}"><span class="sw-label">{label}</span>{_path(path)}</div>'


def _path(path: str) -> str:
    *above, last = path.split(" > ") if path else ["no category"]
    lead = "".join(f"{escape(name)} › " for name in above)
    return f'<span><span class="sw-quiet">{lead}</span><b>{escape(last)}</b></span>'


def _confidence(item: PredictionItem) -> str:
    rows = []
    levels = zip(item.level_names, item.level_confidences, strict=False)
    for number, (name, value) in enumerate(levels, start=1):
        said, is_given, label = escape(words.sure(value)), number <= item.n_levels, escape(name)
        why, style = ("", "") if is_given else (", too unsure to go this far", ' style="opacity:.5"')
        rows.append(
            f'<div class="sw-bar-row" title="{label}: {said} sure{why}"{style}><span>{label}</span>'
            f'<i><b style="width:{100 * value:.1f}%"></b></i><em>{said}</em></div>'
        )
    return f'<div class="sw-bars">{"".join(rows)}</div>'


def _buttons(ctx: Context, item: PredictionItem) -> None:
    author = state.author()
    if item.state is not ReviewState.PENDING:
        st.caption("You accepted this." if item.state is ReviewState.ACCEPTED else "You put it elsewhere.")
        st.button(
            "Undo",
            key=f"undo_{item.id}",
            icon=":material/undo:",
            width="stretch",
            on_click=lambda: acting(lambda: predictions.undo_decision(ctx, item.id, author) or "Taken back."),
        )
        return
    st.button(
        "Accept",
        key=f"accept_{item.id}",
        type="primary",
        icon=":material/check:",
        width="stretch",
        on_click=lambda: acting(lambda: predictions.accept_predictions(ctx, [item.id], author) and "Accepted."),
    )
    st.button("Choose another", key=f"correct_{item.id}", width="stretch", on_click=lambda: _start(item.id))


def _start(prediction_id: int) -> None:
    is_open = st.session_state.get(state.CORRECTING) == prediction_id
    st.session_state[state.CORRECTING] = None if is_open else prediction_id


def _chooser(ctx: Context, item: PredictionItem) -> None:
    paths = caches.node_paths(ctx)
    key = f"choose_{item.id}"

    def choose() -> None:
        node_id = st.session_state[key]
        if node_id is not None:
            st.session_state[state.CORRECTING] = None
            name = paths[node_id].split(" > ")[-1]
            acting(lambda: predictions.correct_prediction(ctx, item.id, node_id, state.author()) or f"Put in {name}.")

    category_field.draw(
        ctx, "Where does it belong?", key=key, placeholder="Type to search the categories", on_change=choose
    )
