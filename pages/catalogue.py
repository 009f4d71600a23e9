import streamlit as st

from pages._parts import catalogue_charts
from pages._shared import caches, layout, words


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Catalogue", "What is in it, how deep its categories go, and how evenly they are filled.")
    totals = caches.totals(ctx)
    if not totals.n_products:
        layout.empty_state(
            "No products yet",
            "Import a catalogue to see how it is made up.",
            "import_catalogue.py",
            "Import a catalogue",
        )
        return
    shown = totals.n_products or 1
    layout.metric_row(
        [
            ("Products", f"{totals.n_products:,}", None),
            ("Platforms", f"{totals.n_platforms:,}", "Shops and marketplaces the products come from."),
            ("Brands", f"{totals.n_brands:,}", f"{words.percent(totals.n_missing_brand / shown)} name no brand."),
            ("Categories", f"{totals.n_categories:,}", f"{totals.n_leaves:,} of them have nothing below."),
            ("With image", words.percent(totals.n_with_image / shown), f"{totals.n_with_image:,} products."),
            (
                "Clean background",
                words.percent(totals.n_clean_background / max(totals.n_with_image, 1)),
                "Share of images shot on a plain background.",
            ),
        ]
    )
    st.space("small")
    catalogue_charts.draw(caches.statistics(ctx))


page()
