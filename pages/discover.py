import streamlit as st

from core.domain.job import JobKind, JobState
from pages._parts import discover_form, past_runs, taxonomy_rows
from pages._shared import caches, launch, layout, state
from pages._shared.job_monitor import job_monitor
from pages._shared.tree import category_tree


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Discover", "Choose a broad category; Shelfwise looks for the kinds of products hidden in it.")
    view = caches.taxonomy_view(ctx)
    if not caches.loop(ctx).n_products:
        layout.empty_state(
            "No products yet", "There is nothing to look into.", "import_catalogue.py", "Import a catalogue"
        )
        return
    job = launch.latest_job(ctx, {JobKind.DISCOVER})
    if job is not None:
        job_monitor(ctx, job, key="discover_job")
        if job.state is JobState.DONE:
            past_runs.finished(ctx, job)
    left, right = st.columns([5, 4], gap="large")
    with left:
        chosen = category_tree(
            taxonomy_rows.rows(view),
            key="discover_tree",
            label="Category to look into",
            selected=state.query_value(state.CATEGORY) or taxonomy_rows.broadest(view),
        )
    with right, layout.error_boundary():
        discover_form.draw(ctx, view, chosen, is_busy=job is not None and not job.state.is_final)
    past_runs.draw(ctx)


page()
