"""The latest trained classifier beside the one in use, and the button that swaps them."""

import streamlit as st

from core.domain.classifier import ModelStatus, ModelVersion
from core.services import models
from core.services.context import Context
from pages._parts import model_levels, model_words
from pages._shared import state, training_curves, words
from pages._shared.layout import acting


def draw(ctx: Context) -> None:
    """Draw the newest candidate beside the active model, or whichever of the two there is."""
    known = models.list_models(ctx)
    active = next((model for model in known if model.status is ModelStatus.ACTIVE), None)
    candidate = next((model for model in known if model.status is ModelStatus.CANDIDATE), None)
    if active is not None and candidate is not None and candidate.id < active.id:
        candidate = None  # it was passed over
    shown = [model for model in (candidate, active) if model is not None]
    for column, model in zip(st.columns(max(len(shown), 1), gap="medium"), shown, strict=False):
        with column:
            _one(ctx, model, active if model is candidate else None)
    if shown and shown[0].curve:
        with st.expander("How the training went", key="model_curve_box"):
            training_curves.draw(shown[0].curve, key="model")
    if known:
        st.page_link(
            "models.py",
            label=f"{words.count(len(known), 'model')}: reports, comparison, roll back"
            if len(known) > 1
            else "The model's full report",
            icon=":material/deployed_code:",
        )


def _one(ctx: Context, model: ModelVersion, against: ModelVersion | None) -> None:
    is_candidate = model.status is ModelStatus.CANDIDATE
    with st.container(border=True, key=f"model_{model.status}", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"model_head_{model.status}"):
            st.markdown("#### Candidate" if is_candidate else "#### In use", width="stretch")
            if is_candidate:
                _promote(ctx, model, against)
        st.caption(
            f"Model {model.id} · taxonomy version {model.taxonomy_version} · {words.plain(model.author)} · "
            f"{words.ago(model.created_at)}"
        )
        for column, (label, field, tip) in zip(st.columns(len(model_words.FIGURES)), model_words.FIGURES, strict=True):
            value = getattr(model.metrics, field)
            delta = model_words.points(value - getattr(against.metrics, field)) if against else None
            column.metric(label, words.percent(value, 1), delta, help=tip, **model_words.delta_style(delta))
        model_levels.draw(model.metrics, against.metrics if against else None, key=f"levels_{model.id}")
        st.caption(
            f"{model_words.measured_on(model)} Its confidence is off by "
            f"{100 * model.metrics.expected_calibration_error:.1f} points on average."
        )


def _promote(ctx: Context, candidate: ModelVersion, active: ModelVersion | None) -> None:
    def act() -> str:
        models.promote_model(ctx, candidate.id, state.author())
        return f"Model {candidate.id} is now in use. Its predictions wait for you."

    kept = f"It replaces model {active.id}, which is kept." if active else "It becomes the model in use."
    st.button(
        "Promote",
        key="promote",
        type="primary",
        icon=":material/publish:",
        help=f"{kept} Its predictions then wait for you under Predictions.",
        on_click=lambda: acting(act),
    )
