import streamlit as st

from core.domain.job import JobKind
from core.services import models
from core.services.context import Context
from pages._parts import model_comparison, model_options
from pages._shared import caches, launch, layout, words
from pages._shared.job_monitor import job_monitor


def readiness(ctx: Context, *, is_busy: bool) -> None:
    """Say what there is to learn from, and offer the one button."""
    ready = models.training_readiness(ctx)
    with st.container(border=True, key="readiness"):
        left, right = st.columns([4, 1.3], vertical_alignment="center", gap="large")
        left.markdown(
            f"**{words.count(ready.n_products, 'labelled product')}** in "
            f"**{words.count(ready.n_nodes, 'category', 'categories')}** of taxonomy version {ready.taxonomy_version}"
        )
        left.caption("A fifth of them is kept apart to test it. It takes minutes; you can leave this page.")
        options = model_options.draw(caches.modalities(ctx))
        for problem in (*ready.problems, *options.problems):
            layout.show_problem(problem, "", is_error=False)
        if right.button(
            "Retrain",
            key="retrain_go",
            type="primary",
            icon=":material/model_training:",
            width="stretch",
            disabled=is_busy or bool(ready.problems or options.problems),
        ):
            launch.launch_and_show(ctx, JobKind.TRAIN, options.arguments)


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Retrain", "Teach the classifier the taxonomy as it is now, then decide whether to use it.")
    if not caches.loop(ctx).n_products:
        layout.empty_state("Nothing to learn from yet", "Import a catalogue first.", "import_catalogue.py", "Import")
        return
    job = launch.latest_job(ctx, {JobKind.TRAIN})
    is_busy = job is not None and not job.state.is_final
    readiness(ctx, is_busy=is_busy)
    if job is not None:
        job_monitor(ctx, job, key="retrain_job")
    with layout.error_boundary():
        model_comparison.draw(ctx)


page()
