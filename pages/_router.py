"""The entry of every page: names them, draws the sidebar, and keeps faults from reaching the curator raw."""

from pathlib import Path

import streamlit as st

from pages._parts import presence_watch, who
from pages._shared import caches, layout, loop, state

ICON = Path(__file__).parent / "_shared" / "mark.svg"
PAGES = {
    "home.py": ("Home", "home"),
    "import_catalogue.py": ("Import", "import"),
    "discover.py": ("Discover", "discover"),
    "review.py": ("Review", "review"),
    "retrain.py": ("Retrain", "retrain"),
    "predictions.py": ("Predictions", "predictions"),
    "taxonomy.py": ("Taxonomy & export", "taxonomy"),
    "catalogue.py": ("Catalogue", "catalogue"),
    "classify.py": ("Classify", "classify"),
    "drift.py": ("Drift", "drift"),
    "label_check.py": ("Label check", "label-check"),
    "models.py": ("Models", "models"),
    "experiments.py": ("Experiments", "experiments"),
    "encoders.py": ("Encoders", "encoders"),
    "jobs.py": ("Jobs", "jobs"),
}


def main() -> None:
    """Draw the page the address names."""
    st.set_page_config(page_title="Shelfwise", page_icon=ICON, layout="wide")
    pages = {
        file_path: st.Page(file_path, title=title, url_path=url_path, default=file_path == "home.py")
        for file_path, (title, url_path) in PAGES.items()
    }
    state.full_run_began()
    chosen = st.navigation(list(pages.values()), position="hidden")
    layout.apply_style()
    with layout.error_boundary():
        ctx = caches.context()
        who.recognise()
        if chosen.url_path != "review":
            presence_watch.leave(ctx)
        loop.sidebar(ctx, pages)
        who.sidebar_field()
        who.greeting()
        chosen.run()
        who.ask()


main()
