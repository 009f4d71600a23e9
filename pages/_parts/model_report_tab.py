"""Everything that was measured of one model, in sections."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.domain.classifier import ModelStatus, ModelVersion
from core.domain.model_report import TestReport
from core.services.context import Context
from pages._parts import (
    model_categories,
    model_confidence,
    model_escalation,
    model_mix_ups,
    model_overview,
    model_platforms,
    model_stopping,
    model_words,
)
from pages._parts.model_list import OPEN
from pages._shared import layout, model_caches

Section = Callable[[Context, ModelVersion, TestReport], None]
SECTIONS: dict[str, Section] = {
    "Categories": model_categories.draw,
    "Mix-ups": model_mix_ups.draw,
    "Platforms": model_platforms.draw,
    "Confidence": model_confidence.draw,
    "When unsure": model_stopping.draw,
    "Two stages": model_escalation.draw,
}
OVERVIEW = "Overview"


def draw(ctx: Context, known: Sequence[ModelVersion]) -> None:
    """Draw the model that is chosen, by default the one in use, or the newest."""
    by_id = {model.id: model for model in known}
    if st.session_state.get(OPEN) not in by_id:
        in_use = (model.id for model in known if model.status is ModelStatus.ACTIVE)
        st.session_state[OPEN] = next(in_use, known[0].id)
    left, right = st.columns([2.2, 5], vertical_alignment="bottom", gap="medium")
    model = by_id[left.selectbox("Model", list(by_id), key=OPEN, format_func=lambda key: model_words.title(by_id[key]))]
    section = right.segmented_control(
        "Section",
        [OVERVIEW, *SECTIONS],
        default=OVERVIEW,
        required=True,
        key="model_section",
        label_visibility="collapsed",
    )
    report = model_caches.report(ctx, model.id)
    with layout.error_boundary():
        if section == OVERVIEW or section is None:
            model_overview.draw(ctx, model, report)
        elif report is None:
            st.info("This model was trained before such reports were kept. Retrain to get one.", icon=":material/info:")
        else:
            SECTIONS[section](ctx, model, report)
