import streamlit as st

from core.domain.job import Job, JobKind
from core.services import experiments, jobs
from core.services.context import Context
from pages._parts import experiment_detail, experiment_leaderboard, experiment_list, experiment_words
from pages._shared import caches, layout, state
from pages._shared.job_monitor import job_monitor

REMEMBERED_JOBS = 200


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header(
        "Experiments", "Which encoders, and which ways to join and to train, do best on your own catalogue?"
    )
    if not caches.loop(ctx).n_products:
        layout.empty_state("Nothing to measure on yet", "Import a catalogue first.", "import_catalogue.py", "Import")
        return
    statuses = experiments.list_experiments(ctx)
    titles = {status.card.name: status.card.title for status in statuses}
    newest = _newest_jobs(ctx)
    busy = next((name for name, job in newest.items() if experiment_words.is_running(job)), None)
    chosen = next((status for status in statuses if status.card.name == state.query_value(state.EXPERIMENT)), None)
    if chosen is not None:
        experiment_detail.draw(ctx, chosen, newest.get(chosen.card.name), titles.get(busy) if busy else None)
        return
    if busy:
        st.markdown(f"#### {titles.get(busy, busy)}")
        job_monitor(ctx, newest[busy], key="experiment_job")
    with layout.error_boundary():
        experiment_leaderboard.draw(ctx, titles)
    experiment_list.draw(statuses, newest)


def _newest_jobs(ctx: Context) -> dict[str, Job]:
    """The newest job of each experiment, by the experiment's name; the one at work first."""
    newest: dict[str, Job] = {}
    for job in jobs.list_jobs(ctx, limit=REMEMBERED_JOBS):
        if job.kind is JobKind.EXPERIMENT:
            newest.setdefault(str(job.arguments.get("name")), job)
    return dict(sorted(newest.items(), key=lambda item: item[1].state.is_final))


page()
