"""Handing long work to the worker, and finding it again."""

from collections.abc import Collection
from typing import Any

import streamlit as st

from core.domain.job import Job, JobKind
from core.jobs import queue
from core.jobs.supervisor import ensure_worker
from core.services import jobs
from core.services.context import Context
from pages._shared import state


def launch(ctx: Context, kind: JobKind, arguments: dict[str, Any]) -> Job:
    """Queue a job in the name of the person at the browser, with a worker to run it."""
    ensure_worker(ctx.workspace)
    return queue.submit(ctx, kind, arguments, state.author())


def restart(ctx: Context, job_id: int) -> Job:
    """Queue an ended job again, with a worker to run it."""
    ensure_worker(ctx.workspace)
    return queue.restart_job(ctx, job_id, state.author())


def launch_and_show(ctx: Context, kind: JobKind, arguments: dict[str, Any]) -> None:
    """Queue a job and redraw the page, which then shows its progress; it waits for the name of whoever asks."""
    if not state.held_for_name(lambda: launch(ctx, kind, arguments)):
        launch(ctx, kind, arguments)
    st.rerun()


def latest_job(ctx: Context, kinds: Collection[JobKind]) -> Job | None:
    """The newest job of these kinds, whoever started it."""
    return next((job for job in jobs.list_jobs(ctx, limit=30) if job.kind in kinds), None)
