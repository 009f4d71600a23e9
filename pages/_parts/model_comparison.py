"""The latest trained classifier beside the one in use, and the button that swaps them."""

import pandas as pd
import streamlit as st

from core.domain.classifier import HierarchicalMetrics, ModelStatus, ModelVersion
from core.services import models
from core.services.context import Context
from pages._shared import charts, state, words
from pages._shared.layout import acting

FIGURES = (
    ("Overall (hF1)", "hierarchical_f1", "How much of each path is right: precision and recall over all its levels."),
    ("Precision (hP)", "hierarchical_precision", "Of the categories it gives a product, the share that is right."),
    ("Recall (hR)", "hierarchical_recall", "Of the categories a product has, the share that it finds."),
    ("Whole path right", "exact_path_accuracy", "Products whose path is right to the last level."),
)


def draw(ctx: Context) -> None:
    """Draw the newest candidate against the active model, or the active model alone."""
    known = sorted(models.list_models(ctx), key=lambda model: model.id, reverse=True)
    active = next((model for model in known if model.status is ModelStatus.ACTIVE), None)
    candidate = next((model for model in known if model.status is ModelStatus.CANDIDATE), None)
    if candidate is not None and (active is None or candidate.id > active.id):
        _one(candidate, "Candidate", active)
        _promote(ctx, candidate, active)
    if active is not None:
        _one(active, "In use", None)
    newest = candidate or active
    if newest is not None and newest.curve:
        with st.expander("How the training went", key="model_curve_box"):
            charts.show(charts.loss_curve(newest.curve), key="model_curve", alt="Loss at each epoch of the training")
    if known:
        _history(known)


def _one(model: ModelVersion, title: str, against: ModelVersion | None) -> None:
    with st.container(border=True, key=f"model_{model.status}"):
        left, right = st.columns([3, 2], vertical_alignment="center")
        left.markdown(f"#### {title}")
        right.caption(
            f"Model {model.id} · taxonomy version {model.taxonomy_version} · {words.plain(model.author)} · "
            f"{words.ago(model.created_at)}",
            text_alignment="right",
        )
        for column, (label, field, tip) in zip(st.columns(len(FIGURES)), FIGURES, strict=True):
            value = getattr(model.metrics, field)
            column.metric(label, words.percent(value, 1), _delta(value, against, field), help=tip)
        _levels(model.metrics, against.metrics if against else None, key=f"levels_{model.id}")
        st.caption(
            f"Measured on {words.count(model.metrics.n_products, 'product')} it never saw. "
            f"Its confidence is off by {words.percent(model.metrics.expected_calibration_error, 1)} on average."
        )


def _delta(value: float, against: ModelVersion | None, field: str) -> str | None:
    if against is None:
        return None
    return f"{100 * (value - getattr(against.metrics, field)):+.1f} points"


def _levels(metrics: HierarchicalMetrics, against: HierarchicalMetrics | None, *, key: str) -> None:
    frame = pd.DataFrame(
        {
            "Level": [f"Level {level.level}" for level in metrics.levels],
            "Products": [level.n_products for level in metrics.levels],
            "Average over categories (macro F1)": [level.macro_f1 for level in metrics.levels],
            "Average over products (weighted F1)": [level.weighted_f1 for level in metrics.levels],
        }
    )
    if against is not None:
        before = {level.level: level.macro_f1 for level in against.levels}
        changes = [100 * (x.macro_f1 - before[x.level]) if x.level in before else None for x in metrics.levels]
        frame["Macro F1, change in points"] = changes
    shares = {
        name: st.column_config.ProgressColumn(name, min_value=0.0, max_value=1.0, format="percent")
        for name in frame.columns[2:4]
    }
    change = {"Macro F1, change in points": st.column_config.NumberColumn(format="%+.1f")}
    st.dataframe(frame, hide_index=True, key=key, column_config=shares | change)


def _promote(ctx: Context, candidate: ModelVersion, active: ModelVersion | None) -> None:
    def act() -> str:
        models.promote_model(ctx, candidate.id, state.author())
        return f"Model {candidate.id} is now in use."

    with st.container(horizontal=True, vertical_alignment="center", key="promote_row"):
        st.button("Promote", key="promote", type="primary", icon=":material/publish:", on_click=lambda: acting(act))
        replaced = f"It replaces model {active.id}, which is kept. " if active else ""
        st.caption(f"{replaced}Its predictions then wait for you under Predictions.", width="stretch")


def _history(known: list[ModelVersion]) -> None:
    frame = pd.DataFrame(
        {
            "Model": [model.id for model in known],
            "Status": [
                {"active": "in use", "candidate": "candidate", "retired": "retired"}[model.status] for model in known
            ],
            "Taxonomy version": [model.taxonomy_version for model in known],
            "hF1": [model.metrics.hierarchical_f1 for model in known],
            "By": [model.author for model in known],
            "Trained": [words.ago(model.created_at) for model in known],
        }
    )
    with st.expander(f"All models ({len(known)})", key="model_history"):
        config = {"hF1": st.column_config.NumberColumn(format="percent")}
        st.dataframe(frame, hide_index=True, key="model_history_table", column_config=config)
