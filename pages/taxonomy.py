import streamlit as st

from pages._parts import reference_names, taxonomy_rows, taxonomy_side
from pages._shared import caches, layout
from pages._shared.tree import category_tree


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Taxonomy & export", "The tree as it is now, how it came about, and files to take away.")
    view = caches.taxonomy_view(ctx)
    rows = taxonomy_rows.rows(view, with_statuses=True)
    if not rows:
        layout.empty_state("No taxonomy yet", "It comes with a catalogue.", "import_catalogue.py", "Import a catalogue")
        return
    left, right = st.columns([5, 4], gap="large")
    with left:
        chosen = category_tree(rows, key="taxonomy_tree", label="Taxonomy", selected=None, height=620)
    with right:
        taxonomy_side.downloads(ctx, view.version)
        if chosen is not None:
            taxonomy_side.node(view, chosen)
        taxonomy_side.versions(ctx)
        reference_names.draw(ctx)


page()
