"""The way round the loop, drawn in the sidebar: what is done, what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.domain.job import Job
from core.services import jobs
from core.services.catalogue import LoopState
from core.services.context import Context
from pages._shared import caches, preload, words
from pages._shared.layout import error_boundary

DONE, CURRENT, TO_DO = ":material/check_circle:", ":material/radio_button_checked:", ":material/radio_button_unchecked:"

NAMES = {DONE: "done", CURRENT: "current", TO_DO: "todo"}
SECTIONS = {
    "Library": (
        ("catalogue.py", "Catalogue", ":material/bar_chart:"),
        ("classify.py", "Classify", ":material/batch_prediction:"),
        ("drift.py", "Drift", ":material/trending_up:"),
        ("label_check.py", "Label check", ":material/fact_check:"),
        ("models.py", "Models", ":material/deployed_code:"),
    ),
    "Workbench": (
        ("experiments.py", "Experiments", ":material/science:"),
        ("encoders.py", "Encoders", ":material/memory:"),
        ("jobs.py", "Jobs", ":material/schedule:"),
    ),
}
"""Pages beside the loop: what there is, and what researchers and operators work with."""


@dataclass(frozen=True, slots=True)
class Step:
    """One station of the loop; `id` as the services call it."""

    id: str
    page: str
    name: str
    is_done: bool
    advice: str
    call: str


def loop_steps(loop: LoopState) -> tuple[Step, ...]:
    """The stations in order, with what is done and what to do there."""
    decided, pending = loop.n_decided_predictions, loop.n_pending_predictions
    return (
        Step(
            "import",
            "import_catalogue.py",
            "Import",
            loop.n_products > 0,
            "Bring in a catalogue.",
            "Import a catalogue",
        ),
        Step(
            "discover",
            "discover.py",
            "Discover",
            loop.n_runs > 0,
            "Choose a category and let Shelfwise look for the kinds of products hidden in it.",
            "Discover subcategories",
        ),
        Step(
            "review",
            "review.py",
            "Review",
            loop.n_approved_nodes > 0 and loop.n_open_clusters == 0,
            f"{words.count(loop.n_open_clusters, 'cluster')} found that nobody approved or rejected yet.",
            "Review the clusters",
        ),
        Step(
            "retrain",
            "retrain.py",
            "Retrain",
            loop.has_active_model,
            "Teach the classifier the new subcategories."
            if not loop.n_models
            else "A trained classifier waits to be promoted.",
            "Retrain the classifier",
        ),
        Step(
            "predictions",
            "predictions.py",
            "Predictions",
            loop.has_active_model and decided > 0 and pending == 0,
            f"{words.count(pending, 'prediction')} to look at, the least certain first.",
            "Review predictions",
        ),
        Step(
            "export",
            "taxonomy.py",
            "Taxonomy & export",
            False,
            "Download the refined taxonomy and where every product went.",
            "See the taxonomy",
        ),
    )


def next_step(loop: LoopState) -> Step:
    """The station to go to now."""
    return next((step for step in loop_steps(loop) if step.id == loop.next_step), loop_steps(loop)[-1])


def sidebar(ctx: Context, pages: Mapping[str, st.Page]) -> None:
    """Draw the sidebar: name, home, the loop as navigation, the library, running work."""
    loop = caches.loop(ctx)
    current = next_step(loop)
    with st.sidebar:
        st.html('<div class="sw-brand"><span class="sw-mark"></span>Shelfwise</div>')
        st.page_link(pages["home.py"], label="Home", icon=":material/home:")
        st.html('<div class="sw-section">The loop</div>')
        for step in loop_steps(loop):
            mark = CURRENT if step.id == current.id else DONE if step.is_done else TO_DO
            with st.container(key=f"loop_{NAMES[mark]}_{step.id}"):
                st.page_link(pages[step.page], label=step.name, icon=mark)
        for section, links in SECTIONS.items():
            st.html(f'<div class="sw-section">{section}</div>')
            for page, label, icon in links:
                st.page_link(pages[page], label=label, icon=icon)
        _running(ctx)
        st.space("small")
        preload.chart_library()


def _running(ctx: Context) -> None:
    active = jobs.active_jobs(ctx)
    if active:
        st.fragment(_indicator, run_every=2.0)(ctx, tuple(job.id for job in active))


def _indicator(ctx: Context, known: tuple[int, ...]) -> None:
    with error_boundary():
        active = jobs.active_jobs(ctx)
        if any(job_id not in {job.id for job in active} for job_id in known):
            st.rerun()
        with st.container(key="running_jobs", border=True, gap="small"):
            for job in active[:3]:
                _line(job)


def _line(job: Job) -> None:
    st.progress(min(max(job.progress, 0.0), 1.0), text=f"{words.JOB_NAMES[job.kind]} · {words.percent(job.progress)}")
