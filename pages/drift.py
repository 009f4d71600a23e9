from pathlib import Path

import streamlit as st

from core.domain.job import JobKind
from core.services import drift, models
from core.services.context import Context
from pages._parts import drift_news, drift_proposals, drift_start, drift_table, drift_yardstick
from pages._shared import caches, drift_caches, launch, layout
from pages._shared.job_monitor import job_monitor

STYLE = Path(__file__).parent / "_parts" / "drift.css"
PURPOSE = "What new products bring that the classifier has not met, and where another discovery would pay."


def measured(ctx: Context) -> None:
    """Draw what was measured: what to do about it first, then what it rests on."""
    st.html(STYLE)
    weeks = drift_caches.weeks(ctx)
    drift_proposals.draw(ctx)
    if len({found.week for found in weeks}) < 2:
        drift_yardstick.draw(weeks)
        return
    drift_table.draw(weeks)
    drift_news.draw(ctx, weeks)


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Drift", PURPOSE)
    if not caches.loop(ctx).n_products:
        layout.empty_state("No products yet", "There is nothing to compare.", "import_catalogue.py", "Import")
        return
    model = models.active_model(ctx)
    at = drift.measured_at(ctx)
    if model is None and at is None:
        layout.empty_state(
            "Drift needs a classifier",
            "It compares what each week brings with what a classifier knows. Train one and promote it.",
            "retrain.py",
            "Retrain the classifier",
            ":material/trending_up:",
        )
        return
    job = launch.latest_job(ctx, {JobKind.DRIFT})
    drift_start.draw(ctx, at, model, is_busy=job is not None and not job.state.is_final)
    if job is not None:
        job_monitor(ctx, job, key="drift_job")
    if at is not None:
        with layout.error_boundary():
            measured(ctx)


page()
