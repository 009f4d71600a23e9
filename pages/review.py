import streamlit as st

from core.domain.discovery import RunStatus
from core.services.context import Context
from core.services.review import RunSummary
from pages._parts import (
    cluster_header,
    grid_filters,
    history_guard,
    presence_watch,
    review_grid,
    review_rail,
    review_side,
    review_summary,
    review_view,
    run_changes,
)
from pages._shared import caches, layout, state, words


def run_title(summary: RunSummary) -> str:
    """A run in one line."""
    return f"{summary.category_path} · {words.ago(summary.run.created_at)} · #{summary.run.id}"


def choose_run(ctx: Context) -> int | None:
    """The run under review: the one the address names, or the newest; a chooser where there are several."""
    runs = [summary for summary in caches.runs(ctx) if summary.run.status is RunStatus.READY]
    if not runs:
        return None
    by_id = {summary.run.id: summary for summary in runs}
    asked = state.query_number(state.RUN)
    current = asked if asked in by_id else runs[0].run.id
    if len(runs) == 1:
        return current
    chosen = st.selectbox(
        "Discovery",
        list(by_id),
        index=list(by_id).index(current),
        format_func=lambda run_id: run_title(by_id[run_id]),
        key=f"review_run_{current}",
        label_visibility="collapsed",
    )
    if chosen != current:
        st.query_params[state.RUN] = str(chosen)
        st.rerun()
    return current


def workspace(ctx: Context, run_id: int) -> None:
    """Draw the list of clusters, the images of the one that is open, and the map beside them."""
    state.rerun_if_asked()
    with layout.error_boundary():
        review = caches.open_review(ctx, run_id)
        query = review_view.current(review)
        left, middle, right = st.columns([2.1, 6, 3.5], gap="medium")
        with left:
            review_rail.draw(ctx, review, query)
        with middle:
            filtered = grid_filters.asked_for(query, review_view.filter_key(run_id))
            cluster = review_view.open_cluster(review, filtered)
            if cluster is not None:
                cluster_header.draw(ctx, review, cluster)
            else:
                review_grid.heading(review, filtered)
            review_grid.draw(ctx, review, query)
        with right:
            review_side.draw(ctx, review, query)


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.use_full_width()
    layout.page_header("Review")
    run_id = choose_run(ctx)
    if run_id is None:
        layout.empty_state(
            "No clusters yet",
            "Choose a category and let Shelfwise look into it.",
            "discover.py",
            "Discover subcategories",
        )
        return
    review = caches.open_review(ctx, run_id)
    presence_watch.watch(ctx, run_id, lambda: review_view.home_cluster_id(run_id))
    review_summary.draw(ctx, review)
    st.fragment(workspace, key=f"workspace_{run_id}")(ctx, run_id)
    run_changes.draw(ctx, review)
    history_guard.ask()


page()
