"""The tree, what of it is shown, and the chosen categories beside it."""

from collections.abc import Sequence

import streamlit as st

from core.services.context import Context
from pages._parts import taxonomy_acts, taxonomy_bulk, taxonomy_data, taxonomy_side
from pages._parts.taxonomy_data import TaxonomyData
from pages._shared import layout
from pages._shared.tree import taxonomy_tree

FILTERS = ("all", "changed", "empty", "deprecated")
FILTER, SINCE = "taxonomy_filter", "taxonomy_since"
HEIGHT = 640


def draw(ctx: Context, data: TaxonomyData) -> None:
    """Draw the tab."""
    left, right = st.columns([5, 4], gap="large")
    with left:
        chosen = taxonomy_tree(
            data.nodes,
            key=taxonomy_acts.TREE,
            label="Taxonomy",
            kept=_kept(ctx, data),
            height=HEIGHT,
            on_act=lambda act: taxonomy_acts.on_tree(ctx, act),
        )
    with right, layout.error_boundary():
        taxonomy_bulk.dropped(ctx, data)
        if len(chosen) > 1:
            taxonomy_bulk.draw(ctx, data, chosen)
        elif chosen:
            taxonomy_side.node(ctx, data, chosen[0])
        else:
            _nothing_chosen()


def _kept(ctx: Context, data: TaxonomyData) -> Sequence[str] | None:
    names = {"all": "In use", "changed": "Changed", "empty": "Without products", "deprecated": "Deprecated"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = st.segmented_control("Show", FILTERS, default="all", required=True, key=FILTER,
                                     format_func=names.get, label_visibility="collapsed")  # fmt: skip
        if shown == "changed" and data.versions:
            numbers = [version.number for version in data.versions]
            since = st.selectbox(
                "Since version", numbers, key=SINCE, width=190, label_visibility="collapsed", format_func=_since
            )
            return sorted(taxonomy_data.changed_since(ctx, since))
    if shown == "empty":
        return taxonomy_data.empty_ids(data.view)
    if shown == "deprecated":
        st.caption("Taken out of use. They stay, so that old paths can always be followed to new ones.")
        return taxonomy_data.deprecated_ids(data.view)
    return None


def _since(number: int) -> str:
    return f"since version {number}"


def _nothing_chosen() -> None:
    with st.container(border=True, key="nothing_chosen"):
        st.markdown("#### Choose a category")
        st.markdown(
            "It opens here, with its products, its history and everything you can do with it.\n\n"
            "- **Several at once**: hold Ctrl or Shift, then move or merge them together.\n"
            "- **Drag** a category onto another to move it; you are asked first.\n"
            "- **Nothing is lost**: every edit can be undone, and is a draft until you save a version."
        )
