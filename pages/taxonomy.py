import streamlit as st

from core.services.context import Context
from pages._parts import taxonomy_data, taxonomy_files, taxonomy_summary, taxonomy_tree_tab, taxonomy_versions
from pages._shared import caches, layout

TABS = {
    "Tree": lambda ctx, data: taxonomy_tree_tab.draw(ctx, data),
    "Versions": lambda ctx, data: taxonomy_versions.draw(ctx, data),
    "Import & export": lambda ctx, data: taxonomy_files.draw(ctx, data),
}


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header(
        "Taxonomy & export", "Shape the tree; every edit can be undone, and nothing that was ever in it is lost."
    )
    data = taxonomy_data.data(ctx)
    if not data.paths:
        _empty(ctx)
        return
    taxonomy_summary.draw(ctx, data)
    tabs = st.tabs(list(TABS), key="taxonomy_tab", on_change="rerun")  # only the open one is drawn
    for tab, draw in zip(tabs, TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(ctx, data)


def _empty(ctx: Context) -> None:
    layout.empty_state(
        "No taxonomy yet",
        "It comes with a catalogue, or begins with a published one: bring in Google's or Shopify's file below.",
        "import_catalogue.py",
        "Import a catalogue",
    )
    taxonomy_files.begin(ctx)


page()
