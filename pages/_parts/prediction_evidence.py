"""What speaks for a prediction: products that look alike, and what its categories hold already."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from core.domain.classifier import ReviewState
from core.services.context import Context
from core.services.grid_items import GridItem
from core.services.prediction_queue import PredictionItem
from pages._parts import prediction_acts, prediction_view
from pages._parts.prediction_grid import is_change, last
from pages._shared import prediction_caches, words
from pages._shared.grid import thumb_url

N_EXAMPLES = 8
N_ALIKE = 7


def look_alikes(ctx: Context, items: Sequence[PredictionItem], item: PredictionItem) -> None:
    """Draw the products that look alike and wait, and what decides all of them at once."""
    with st.container(key="prediction_alike", gap="xsmall"):  # there with or without them: nothing below moves
        alike = prediction_caches.look_alikes(ctx, item.id) if item.n_look_alikes else ()
        if alike and item.state is ReviewState.PENDING:
            _head(alike, item)
            _for_all(ctx, items, item, alike)


def _head(alike: Sequence[PredictionItem], item: PredictionItem) -> None:
    same = sum(other.predicted_node_id == item.predicted_node_id for other in alike)
    agree = "all predicted the same" if same == len(alike) else f"{same:,} predicted the same"
    head = f'<div class="pq-head">{words.count(len(alike), "look-alike")}, {agree}</div>'
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(head, width="stretch")
        st.button(
            "List them `S`",
            key="prediction_look",
            type="tertiary",
            help="Look at them alone, to take some out. Back by Backspace.",
            on_click=lambda: prediction_view.show_group(item),
        )
    rest = len(alike) - N_ALIKE
    st.html(_strip("", (other.product for other in alike[:N_ALIKE]), f"+{rest:,}" if rest > 0 else ""))


def _for_all(
    ctx: Context, items: Sequence[PredictionItem], item: PredictionItem, alike: Sequence[PredictionItem]
) -> None:
    def apply() -> None:
        if prediction_acts.accept_with_look_alikes(ctx, item):
            prediction_view.step_past(items, [item.id, *(other.id for other in alike)])

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            f"Apply to the {words.count(len(alike), 'look-alike')} `⇧A`",
            key="prediction_apply",
            help=f"Put this one and its look-alikes in {words.plain(_goes_to(item))}: one act, one undo.",
            on_click=apply,
        )
        key = "prediction_with"
        st.session_state[key] = prediction_view.takes_look_alikes([item.id])
        st.checkbox("Correct them, too `L`", key=key, on_change=lambda: prediction_view.flip_look_alikes(item))


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


def _strip(head: str, products: Iterable[GridItem], more: str = "") -> str:
    images = "".join(_picture(product) for product in products)
    rest = f'<span class="pq-more">{escape(more)}</span>' if more else ""
    said = f'<div class="pq-head">{escape(head)}</div>' if head else ""
    return f'<div class="pq-strip">{said}<div class="pq-images">{images}{rest}</div></div>'


def _picture(product: GridItem) -> str:
    url, title = thumb_url(product.image_hash), escape(product.title)
    if url is None:
        return f'<span class="pq-none" title="{title}">{title}</span>'
    return f'<img src="{escape(url)}" title="{title}" alt="{title}" loading="lazy">'
