"""What speaks for a prediction: products that look alike, and what its categories hold already."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from core.domain.classifier import ReviewState
from core.services.context import Context
from core.services.grid_items import GridItem
from core.services.prediction_queue import PredictionItem
from pages._parts import prediction_acts, prediction_strip, prediction_view
from pages._parts.prediction_grid import is_change, last
from pages._shared import prediction_caches, words
from pages._shared.grid import thumb_url

N_EXAMPLES = 8


def look_alikes(ctx: Context, items: Sequence[PredictionItem], item: PredictionItem) -> None:
    """Draw the products that look alike and wait, and what decides all of them at once."""
    with st.container(key="prediction_alike", gap="xsmall"):  # there with or without them: nothing below moves
        alike = prediction_caches.look_alikes(ctx, item.id) if item.n_look_alikes else ()
        if alike and item.state is ReviewState.PENDING:
            chosen = _chosen(item, alike)
            _head(alike, item, len(alike) - len(chosen))
            if prediction_view.must_list(item):
                _list_first(item, alike)
                return
            odd_first = sorted(alike, key=lambda other: other.predicted_node_id == item.predicted_node_id)
            prediction_strip.strip(item, odd_first, prediction_view.left_out(item.id))
            _for_all(ctx, items, item, chosen)


def _chosen(item: PredictionItem, alike: Sequence[PredictionItem]) -> list[PredictionItem]:
    """The look-alikes that are decided with a prediction."""
    left_out = prediction_view.left_out(item.id)
    return [other for other in alike if other.id not in left_out]


def _head(alike: Sequence[PredictionItem], item: PredictionItem, n_left_out: int) -> None:
    n_other = sum(other.predicted_node_id != item.predicted_node_id for other in alike)
    said = [f"<b>{words.count(len(alike), 'look-alike')}</b>", _n_differ(n_other)]
    if n_left_out:
        said.append(f"{n_left_out:,} left out")
    elif not prediction_view.must_list(item):
        said.append("click to leave out")
    head = f'<div class="pq-head">{" · ".join(filter(None, said))}</div>'
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(head, width="stretch")
        if prediction_view.current().group_id is None:
            st.button(
                "List them `S`",
                key="prediction_look",
                type="tertiary",
                help="Look at them alone, large. Back by Backspace.",
                on_click=lambda: prediction_view.show_group(item),
            )


def _n_differ(n_other: int) -> str:
    said = "differs" if n_other == 1 else "differ"
    return f'<span title="Predicted to belong elsewhere than this one">{n_other:,} {said}</span>' if n_other else ""


def _list_first(item: PredictionItem, alike: Sequence[PredictionItem]) -> None:
    """Where they are too many to be seen here: the way to the list, where all of them can be."""
    st.button(
        f"Look at the {words.count(len(alike), 'look-alike')} `⇧A`",
        key="prediction_apply",
        icon=":material/grid_view:",
        help="They are too many to be seen here. Look at them in a list of their own, then apply.",
        on_click=lambda: prediction_view.show_group(item),
    )


def _for_all(
    ctx: Context, items: Sequence[PredictionItem], item: PredictionItem, chosen: Sequence[PredictionItem]
) -> None:
    def apply() -> None:
        if prediction_acts.accept_with_look_alikes(ctx, item):
            prediction_view.step_past(items, [item.id, *(other.id for other in chosen)])

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"{_apply(len(chosen))} `⇧A`",
            key="prediction_apply",
            disabled=not chosen,
            help=f"Put this one and its look-alikes in {words.plain(_goes_to(item))}: one act, one undo.",
            on_click=apply,
        )
        key = "prediction_with"
        st.session_state[key] = prediction_view.takes_look_alikes([item.id])
        st.checkbox("Correct them, too `L`", key=key, on_change=lambda: prediction_view.flip_look_alikes(item))


def _apply(n_chosen: int) -> str:
    if not n_chosen:
        return "All look-alikes left out"
    return f"Apply to the {n_chosen:,} look-alikes" if n_chosen > 1 else "Apply to the look-alike"


def _goes_to(item: PredictionItem) -> str:
    return item.current_path if item.keeps_place else item.predicted_path


def comparison(ctx: Context, item: PredictionItem) -> None:
    """Draw what the category predicted holds already, and the one where the product is, those most alike first."""
    places = [(item.predicted_node_id, item.predicted_path)]
    if is_change(item) and item.current_path:
        places.append((item.current_node_id, item.current_path))
    drawn = ""
    for node_id, path in places:
        found = prediction_caches.examples(ctx, item.product.product_id, node_id, N_EXAMPLES)
        head = f"Already in {last(path)}" if found else f"Nothing with a picture is in {last(path)} yet"
        drawn += _strip(head, found)
    st.html(drawn)


def _strip(head: str, products: Iterable[GridItem]) -> str:
    images = "".join(_picture(product) for product in products)
    return f'<div class="pq-strip"><div class="pq-head">{escape(head)}</div><div class="pq-images">{images}</div></div>'


def _picture(product: GridItem) -> str:
    url, title = thumb_url(product.image_hash), escape(product.title)
    if url is None:
        return f'<span class="pq-none" title="{title}">{title}</span>'
    return f'<img src="{escape(url)}" title="{title}" alt="{title}" loading="lazy">'
