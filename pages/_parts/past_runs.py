"""Discoveries made so far, and the way to their review."""

import streamlit as st

from core.domain.discovery import RunStatus
from core.domain.job import Job
from core.services.context import Context
from core.services.review import RunSummary
from pages._shared import caches, state, words

SHOWN = 10


def finished(ctx: Context, job: Job) -> None:
    """Say that the latest discovery has ended, and lead to its review."""
    run_id = job.result.get("run_id")
    summary = next((run for run in caches.runs(ctx) if run.run.id == run_id), None)
    if summary is None or not summary.n_open or summary.n_approved:
        return
    with st.container(border=True, key="discover_done", horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":green[:material/check_circle:] **{words.count(summary.n_clusters, 'cluster')} found** "
            f"in {words.plain(summary.category_path)}",
            width="stretch",
        )
        if st.button("Review the clusters", key="discover_next", type="primary", icon=":material/arrow_forward:"):
            open_review(summary.run.id)


def open_review(run_id: int) -> None:
    """Go to the review of a run."""
    st.switch_page("review.py", query_params={state.RUN: str(run_id)})


def draw(ctx: Context) -> None:
    """Draw past runs, newest first."""
    runs = caches.runs(ctx)
    if not runs:
        return
    st.subheader("Past discoveries", anchor=False)
    with st.container(border=True, key="past_runs", gap="xsmall"):
        for summary in runs[:SHOWN]:
            _row(summary)


def _row(summary: RunSummary) -> None:
    run = summary.run
    what, found, when, go = st.columns([5, 3, 3, 1.4], vertical_alignment="center")
    what.markdown(f"**{words.plain(summary.category_path)}**")
    if run.status is RunStatus.READY:
        found.caption(
            f"{words.count(summary.n_clusters, 'cluster')}, {summary.n_approved} approved, {summary.n_open} open"
        )
    else:
        found.caption("still running" if run.status is RunStatus.RUNNING else "failed")
    when.caption(f"{words.plain(run.author)} · {words.ago(run.created_at)}")
    if go.button("Review", key=f"past_run_{run.id}", type="tertiary", disabled=run.status is not RunStatus.READY):
        open_review(run.id)
