import streamlit as st

from core.domain.classifier import ReviewState
from core.services import models, predictions
from core.services.context import Context
from core.services.predictions import PredictionItem
from pages._parts import prediction_filters, prediction_row
from pages._parts.prediction_filters import Filters
from pages._shared import caches, layout, words

PAGE_SIZE = 10


def listing(ctx: Context, filters: Filters, number: int) -> tuple[list[PredictionItem], int]:
    """One page of predictions as filtered, and how many there are in all."""
    return predictions.list_predictions(
        ctx,
        state=filters.state,
        platform=filters.platform,
        node_id=filters.node_id,
        only_changes=filters.only_changes,
        limit=PAGE_SIZE,
        offset=PAGE_SIZE * (number - 1),
        order="least_certain" if filters.state is ReviewState.PENDING else "newest_decision",
    )


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header("Predictions", "What the classifier thinks, the least certain first. Each decision teaches it.")
    counts = predictions.prediction_counts(ctx)
    total = sum(counts.values())
    if not total:
        layout.empty_state(
            "No predictions yet", "Retrain the classifier and promote it.", "retrain.py", "Retrain the classifier"
        )
        return
    decided = counts.get(ReviewState.ACCEPTED, 0) + counts.get(ReviewState.CORRECTED, 0)
    st.progress(decided / total, text=f"{decided:,} of {words.count(total, 'prediction')} decided")
    filters = prediction_filters.draw(ctx, counts)
    number = int(st.session_state.get("predictions_page", 1))
    items, n_found = listing(ctx, filters, number)
    n_pages = max(1, -(-n_found // PAGE_SIZE))
    if number > n_pages:
        st.session_state["predictions_page"] = n_pages
        items, n_found = listing(ctx, filters, n_pages)
    model = models.active_model(ctx)
    if model is not None and model.stop_below:
        st.caption(
            f"Where it is less than {words.percent(model.stop_below)} sure it stops at the category above; what it "
            "would have said is faded. A product that is already deeper stays there. Models, When unsure, sets this."
        )
    if not items:
        st.info("Nothing here under these filters.", icon=":material/done_all:")
        return
    prediction_row.summary(ctx, items, n_found, can_accept=filters.state is ReviewState.PENDING)
    for item in items:
        prediction_row.draw(ctx, item)
    if n_pages > 1:
        st.pagination(n_pages, key="predictions_page", persist_state="page")


page()
