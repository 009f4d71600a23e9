import streamlit as st

from core.domain.discovery import RunStatus
from core.services.context import Context
from core.services.review import Review, RunSummary
from pages._parts import aside_panel, cluster_panel, review_summary, run_changes
from pages._shared import caches, layout, state, words

PANELS_PER_PAGE = 20


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


def panels(ctx: Context, review: Review) -> None:
    """Draw the clusters of the first level, a page of them at a time, open ones first."""
    groups = sorted((c for c in review.clusters if c.level == 1), key=lambda c: c.status != "open")
    n_pages = max(1, -(-len(groups) // PANELS_PER_PAGE))
    number = 1
    if n_pages > 1:
        number = min(st.session_state.get("review_page", 1), n_pages)
    for cluster in groups[(number - 1) * PANELS_PER_PAGE : number * PANELS_PER_PAGE]:
        cluster_panel.draw(ctx, review.run.id, cluster.id)
    if n_pages > 1:
        st.pagination(n_pages, key="review_page")


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header(
        "Review",
        "Look at each cluster, give it a name, and approve it: it becomes a category. Six typical products come first, "
        "then others at random, so that you see what does not belong.",
    )
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
    review_summary.draw(ctx, review)
    run_changes.draw(ctx, review)
    panels(ctx, review)
    aside_panel.draw(ctx, review)


page()
