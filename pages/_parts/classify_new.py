"""What the catalogue holds that the classifier in use has not seen, and the button that shows it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.domain.job import Job, JobKind
from core.domain.prediction_queue import PredictionQuery
from core.services import settings, unpredicted
from core.services.context import Context
from core.services.settings import CLASSIFY_AFTER_IMPORT
from pages._parts import prediction_view
from pages._shared import launch, layout, prediction_caches, state, words
from pages._shared.job_monitor import job_monitor


def draw(ctx: Context) -> None:
    """Draw the box; nothing where no classifier is in use."""
    n_products = unpredicted.count_unpredicted(ctx)
    if n_products is None:
        return
    st.subheader("New products", anchor=False)
    job = launch.latest_job(ctx, {JobKind.CLASSIFY_NEW})
    is_busy = job is not None and not job.state.is_final
    if job is not None:
        job_monitor(ctx, job, key="classify_new_job")
    with st.container(border=True, key="classify_new", gap="small"):
        left, right = st.columns([4, 1.4], vertical_alignment="center", gap="large")
        left.markdown(_said(n_products))
        left.caption(_last(job))
        if right.button(
            "Classify what is new",
            key="classify_new_go",
            icon=":material/auto_awesome:",
            width="stretch",
            disabled=is_busy or not n_products,
        ):
            launch.launch_and_show(ctx, JobKind.CLASSIFY_NEW, {})
        _way_on(ctx, right)
        _setting(ctx)


def _way_on(ctx: Context, place: DeltaGenerator) -> None:
    """The way to what the classifier says of products that have no category yet."""
    query = PredictionQuery(only_unplaced=True)
    n_waiting = prediction_caches.n_found(ctx, query)
    if n_waiting and place.button(
        f"Look at {n_waiting:,} without a category",
        key="classify_new_look",
        icon=":material/arrow_forward:",
        type="tertiary",
        width="stretch",
    ):
        prediction_view.show(query)
        st.switch_page("predictions.py")


def _said(n_products: int) -> str:
    if not n_products:
        return "Every product of your catalogue has a prediction of the model in use, or a curator's decision."
    return (
        f"**{words.count(n_products, 'product')}** of your catalogue "
        f"{'has' if n_products == 1 else 'have'} no prediction of the model in use yet, or changed since."
    )


def _last(job: Job | None) -> str:
    if job is None or "n_classified" not in job.result:
        return "What it says of them waits under Predictions, the most worth a look first."
    result = job.result
    escalated = f", {result['n_escalated']:,} of them by the full model" if result["n_escalated"] else ""
    when = words.ago(job.finished_at)
    return (
        f"{when[:1].upper()}{when[1:]}: {words.count(result['n_classified'], 'product')} classified{escalated}. "
        "What it says waits under Predictions."
    )


def _setting(ctx: Context) -> None:
    is_on = settings.get(ctx, CLASSIFY_AFTER_IMPORT)
    st.toggle(  # one for each position, as for second opinions: an old position must not read like a click
        "Classify new products after every import",
        value=is_on,
        key=f"classify_after_import_{'on' if is_on else 'off'}",
        help="For everybody who works here: an import then queues this by itself.",
        on_change=lambda: layout.acting(lambda: settings.put(ctx, CLASSIFY_AFTER_IMPORT, not is_on, state.author())),
    )
