from pathlib import Path

import streamlit as st

from core.domain.job import Job
from core.experiments.cards import CARDS
from core.services import jobs
from core.services.context import Context
from pages._shared import caches, layout, words
from pages._shared.job_monitor import job_monitor, restart_button

TITLES = {card.name: card.title for card in CARDS}
RESTARTABLE = {"failed", "interrupted", "cancelled"}


def row(ctx: Context, job: Job) -> None:
    """One ended job: what it was, how it ended, its log."""
    with st.container(border=True, key=f"job_{job.id}", gap="xsmall"):
        what, how, when, act = st.columns([4, 2, 3, 1.6], vertical_alignment="center")
        what.markdown(f"**{words.JOB_NAMES[job.kind]}**{_subject(ctx, job)} · #{job.id}")
        how.badge(words.STATE_NAMES[job.state], color=words.STATE_COLOURS[job.state])
        took = words.duration(job.started_at, job.finished_at)
        when.caption(
            " · ".join(
                part for part in (words.plain(job.author), words.ago(job.finished_at or job.created_at), took) if part
            )
        )
        if job.state in RESTARTABLE:
            with act:
                restart_button(ctx, job, f"job_{job.id}")
        if job.error:
            st.markdown(f":red[{words.plain(job.error)}] {words.plain(job.remedy)}")
        if job.log:
            with st.expander("Log", key=f"job_{job.id}_log", type="compact"):
                st.code("\n".join(job.log[-300:]), language=None)


def _subject(ctx: Context, job: Job) -> str:
    """What the job is about: the file, the experiment or the category it was given."""
    if file_path := job.arguments.get("file_path"):
        return f": {words.plain(Path(file_path).name)}"
    if title := TITLES.get(job.arguments.get("name", "")):
        return f": {words.plain(title)}"
    path = caches.node_paths(ctx).get(job.arguments.get("category_id", ""))
    return f": {words.plain(path)}" if path else ""


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Jobs", "Long work, running and past. It goes on when you close the browser.")
    known = jobs.list_jobs(ctx, limit=50)
    if not known:
        layout.empty_state("No jobs yet", "Imports, discoveries and trainings appear here.", "home.py", "Go home")
        return
    for job in known:
        if job.state.is_final:
            row(ctx, job)
        else:
            job_monitor(ctx, job, key=f"job_{job.id}")


page()
