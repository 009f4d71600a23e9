"""Products that two models put in different places, and which of the two is right."""

from collections import Counter
from html import escape

import streamlit as st

from core.domain.model_comparison import Disagreement, ModelComparison, Right
from core.domain.product import PATH_SEPARATOR
from core.services.context import Context
from core.services.grid_items import GridItem
from pages._shared import model_caches, words
from pages._shared.grid import thumb_url

PAGE_SIZE = 10


def draw(ctx: Context, comparison: ModelComparison) -> None:
    """Draw the products, by who is right about them."""
    if not comparison.disagreements:
        st.success("They put every product in the same place.", icon=":material/done_all:")
        return
    counts = Counter(found.right for found in comparison.disagreements)
    names = {
        Right.A: f"Model {comparison.a_id} is right",
        Right.B: f"Model {comparison.b_id} is right",
        Right.NEITHER: "Neither is right",
    }
    pair = f"{comparison.a_id}_{comparison.b_id}"
    options = [right for right in Right if counts[right]]
    chosen = st.segmented_control(
        "Who is right", options, default=options[0], required=True, key=f"compare_right_{pair}",
        format_func=lambda right: f"{names[right]} ({counts[right]:,})", label_visibility="collapsed",
    )  # fmt: skip
    found = [each for each in comparison.disagreements if each.right is (chosen or options[0])]
    n_pages, page_key = -(-len(found) // PAGE_SIZE), f"compare_page_{pair}_{chosen}"
    number = min(int(st.session_state.get(page_key) or 1), n_pages)
    shown = found[PAGE_SIZE * (number - 1) : PAGE_SIZE * number]
    items = model_caches.examples(ctx, tuple(each.product_id for each in shown))
    st.html("".join(_row(comparison, each, items.get(each.product_id)) for each in shown))
    if n_pages > 1:
        st.pagination(n_pages, key=page_key)
    st.caption(f"{words.count(len(found), 'product')}. Right is where a product is today.")


def _row(comparison: ModelComparison, found: Disagreement, item: GridItem | None) -> str:
    url = thumb_url(item.image_hash) if item else None
    picture = f'<img src="{escape(url)}" alt="" loading="lazy">' if url else '<span class="sw-noimage">no image</span>'
    title = escape(item.title) if item else f"Product {found.product_id}"
    about = f'<span class="sw-quiet">· {escape(found.platform)} · {found.product_id}</span>'
    places = (
        ("is in", found.true_path, True),
        (f"model {comparison.a_id}", found.path_a, found.right is Right.A),
        (f"model {comparison.b_id}", found.path_b, found.right is Right.B),
    )
    said = "".join(_place(label, path, is_right) for label, path, is_right in places)
    return (
        f'<div class="sw-differs"><div class="sw-thumb">{picture}</div>'
        f'<div><div class="sw-title">{title} {about}</div>{said}</div></div>'
    )


def _place(label: str, path: str, is_right: bool) -> str:
    *above, last = path.split(PATH_SEPARATOR) if path else ["nothing sure"]
    lead = "".join(f"{escape(name.strip())} › " for name in above)
    kind = " sw-new" if is_right else ""
    return (
        f'<div class="sw-path{kind}"><span class="sw-label">{escape(label)}</span>'
        f'<span><span class="sw-quiet">{lead}</span><b>{escape(last.strip())}</b></span></div>'
    )
