"""A long run as it happens: progress, message, log, loss curve, cancel; and how it ended."""

import streamlit as st

from core.domain.job import Job, JobState
from core.services import jobs
from core.services.context import Context
from pages._shared import launch, state, training_curves, words
from pages._shared.layout import acting, error_boundary, show_problem

EVERY_SECONDS = 1.0


def job_monitor(ctx: Context, job: Job, *, key: str) -> None:
    """Draw a job: live while it runs, its end afterwards. The page is redrawn once when it ends.

    Args:
        ctx: The workspace.
        job: The job as last read.
        key: Prefix of the widgets' keys.
    """
    if job.state.is_final:
        _ended(ctx, job, key)
    else:
        st.fragment(_live, run_every=EVERY_SECONDS)(ctx, job.id, key)


def _live(ctx: Context, job_id: int, key: str) -> None:
    with error_boundary():
        job = jobs.get_job(ctx, job_id)
        if job.state.is_final:
            st.rerun()
        with st.container(border=True, key=f"{key}_monitor"):
            _progress(job)
            if job.curve:
                training_curves.draw(job.curve, key=key)
            _log(job, key)
            st.button(
                "Cancel" if not job.cancel_requested else "Cancelling…",
                key=f"{key}_cancel",
                icon=":material/close:",
                disabled=job.cancel_requested,
                on_click=lambda: acting(lambda: jobs.cancel_job(ctx, job_id), reaches_page=False) and None,
            )


def _progress(job: Job) -> None:
    waiting = job.state is JobState.QUEUED
    st.markdown(f"**{words.JOB_NAMES[job.kind]}**")
    message = "Waiting for the worker to take it up" if waiting else words.plain(job.message or "Starting")
    st.progress(min(max(job.progress, 0.0), 1.0), text=f"{message} · {words.percent(job.progress)}")


def _log(job: Job, key: str) -> None:
    if job.log:
        with st.expander("What it has done so far", key=f"{key}_log", type="compact"):
            st.code("\n".join(job.log[-200:]), language=None)


def _ended(ctx: Context, job: Job, key: str) -> None:
    name = words.JOB_NAMES[job.kind]
    if job.state is JobState.DONE:
        return
    with st.container(border=True, key=f"{key}_ended"):
        if job.state is JobState.FAILED:
            show_problem(f"{name} failed. {job.error}".strip(), job.remedy)
        elif job.state is JobState.INTERRUPTED:
            show_problem(f"{name} was interrupted: the worker stopped.", "Restart it; finished parts are kept.", False)
        else:
            st.markdown(f"{name} was cancelled {words.ago(job.finished_at)}.")
        restart_button(ctx, job, key)
        _log(job, key)


def restart_button(ctx: Context, job: Job, key: str) -> None:
    """A button that queues an ended job again."""
    if st.button("Restart", key=f"{key}_restart", icon=":material/refresh:"):
        acting(lambda: f"{words.JOB_NAMES[launch.restart(ctx, job.id).kind]} again.")
        state.rerun_if_asked()
