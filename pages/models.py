import streamlit as st

from pages._parts import model_compare_tab, model_list, model_report_tab
from pages._shared import caches, layout, model_caches

TABS = {"Report": model_report_tab.draw, "Compare two": model_compare_tab.draw}


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Models", "Every classifier that was trained: how good each one is, and which one is in use.")
    known = model_caches.known_models(ctx)
    if not known:
        layout.empty_state(
            "No models yet", "The first one comes with a training.", "retrain.py", "Retrain the classifier"
        )
        return
    model_list.draw(ctx, known)
    tabs = st.tabs(list(TABS), key="models_tab", on_change="rerun")  # only the open one is drawn
    for tab, draw in zip(tabs, TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(ctx, known)


page()
