"""Siblings that a model takes for one another, with pictures of the products."""

from collections.abc import Mapping
from html import escape

import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.model_report import Confusion, TestReport
from core.domain.product import PATH_SEPARATOR
from core.services.context import Context
from core.services.grid_items import GridItem
from pages._shared import model_caches, words
from pages._shared.grid import thumb_url

SHOWN, EXAMPLES = 6, 6


def draw(ctx: Context, model: ModelVersion, report: TestReport) -> None:
    """Draw the most frequent mix-ups, and on demand all."""
    if not report.confusions:
        st.success("It mixed up no two categories of one parent in the test.", icon=":material/done_all:")
        return
    st.caption(
        "Products of one category that it put under the one beside it, those of which it was most certain first. "
        "Many in one place say that two categories overlap, or that labels are wrong."
    )
    st.page_link("label_check.py", label="Look for wrong labels", icon=":material/fact_check:")
    ordered = sorted(report.confusions, key=lambda found: (-found.n_products, -found.share))
    shows_all = len(ordered) > SHOWN and st.toggle(f"Show all {len(ordered)}", key="model_mix_ups_all")
    shown = ordered if shows_all else ordered[:SHOWN]
    paths = model_caches.version_paths(ctx, model.taxonomy_version)
    ids = tuple(product_id for found in shown for product_id in found.product_ids[:EXAMPLES])
    items = model_caches.examples(ctx, ids)
    for number, found in enumerate(shown):
        with st.container(border=True, key=f"mix_up_{number}", gap="small"):
            st.markdown(_headline(found, paths))
            st.html(_examples(found, items))


def _headline(found: Confusion, paths: Mapping[str, str]) -> str:
    true, said = (_last(paths.get(node_id, node_id)) for node_id in (found.true_node_id, found.predicted_node_id))
    above = words.plain(paths.get(found.parent_id, ""))
    parent = f"in {above}" if above else "at the top level"
    verb = "taken for"
    if found.predicted_node_id == found.parent_id:
        verb = "left at"
    elif found.true_node_id == found.parent_id:
        verb = "put further down, under"
    return (
        f"**{true}** :gray[{verb}] **{said}** &ensp;:small[:gray[{words.count(found.n_products, 'product')}, "
        f"{words.plain(words.sure(found.share))} of {true}; {parent}]]"
    )


def _last(path: str) -> str:
    return words.plain(path.rsplit(PATH_SEPARATOR, 1)[-1])


def _examples(found: Confusion, items: Mapping[int, GridItem]) -> str:
    tiles = [_tile(items[product_id]) for product_id in found.product_ids[:EXAMPLES] if product_id in items]
    return f'<div class="sw-examples">{"".join(tiles)}</div>'


def _tile(item: GridItem) -> str:
    url, title = thumb_url(item.image_hash), escape(item.title)
    picture = f'<img src="{escape(url)}" alt="" loading="lazy">' if url else '<span class="sw-noimage">no image</span>'
    return f'<div title="{title}"><div class="sw-thumb">{picture}</div><p>{title}</p></div>'
