import streamlit as st

from core.domain.classifier import ModelStatus, ModelVersion
from core.domain.job import JobKind, JobState
from core.services import classified_files
from core.services.context import Context
from pages._parts import classify_form, classify_new, classify_past, classify_result, import_source
from pages._shared import caches, launch, layout, model_caches, state
from pages._shared.job_monitor import job_monitor


def model_to_use(ctx: Context) -> ModelVersion | None:
    """The classifier in use, or else the newest candidate, as the services choose."""
    known = model_caches.known_models(ctx)
    wanted = (ModelStatus.ACTIVE, ModelStatus.CANDIDATE)
    return next((model for status in wanted for model in known if model.status is status), None)


def running_or_result(ctx: Context) -> bool:
    """Draw the classification that runs, or the one to look at; returns whether one runs."""
    job = launch.latest_job(ctx, {JobKind.CLASSIFY})
    if job is not None and job.state is not JobState.DONE:
        job_monitor(ctx, job, key="classify_job")
        if not job.state.is_final:
            return True
    past = classified_files.past_classifications(ctx)
    wanted = state.query_number(state.RESULT)
    shown = next((known for known in past if known.id == wanted), None)
    if shown is None and job is not None and past and past[0].id == job.id:
        shown = past[0]
    if shown is not None:
        with layout.error_boundary():
            classify_result.draw(shown)
            st.subheader("Classify another file", anchor=False)
    return False


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header(
        "Classify", "Drop a file of products: every row comes back with its category and how sure the model is."
    )
    model = model_to_use(ctx)
    if model is None:
        layout.empty_state(
            "No model yet", "A classifier must be trained first.", "retrain.py", "Retrain the classifier"
        )
        return
    if not running_or_result(ctx):
        with layout.error_boundary():
            file_path, images_path = import_source.choose(ctx, classify_form.FORM)
            if file_path is None:
                classify_form.hints(model)
            else:
                classify_form.draw(ctx, model, file_path, images_path)
    with layout.error_boundary():
        classify_new.draw(ctx)
        classify_past.draw(ctx)


page()
