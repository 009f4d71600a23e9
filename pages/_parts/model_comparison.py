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
    """Draw the newest candidate beside the active model, or whichever of the two there is."""
    known = sorted(models.list_models(ctx), key=lambda model: model.id, reverse=True)
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
            charts.show(charts.loss_curve(shown[0].curve), key="model_curve", alt="Loss at each epoch of the training")
    if known:
        _history(known)


def _one(ctx: Context, model: ModelVersion, against: ModelVersion | None) -> None:
    is_candidate = model.status is ModelStatus.CANDIDATE
    with st.container(border=True, key=f"model_{model.status}", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("#### Candidate" if is_candidate else "#### In use", width="stretch")
            if is_candidate:
                _promote(ctx, model, against)
        st.caption(
            f"Model {model.id} · taxonomy version {model.taxonomy_version} · {words.plain(model.author)} · "
            f"{words.ago(model.created_at)}"
        )
        for column, (label, field, tip) in zip(st.columns(len(FIGURES)), FIGURES, strict=True):
            value = getattr(model.metrics, field)
            delta = _delta(value, against, field)
            is_same = delta in ("+0.0 points", "-0.0 points")
            column.metric(
                label,
                words.percent(value, 1),
                "no change" if is_same else delta,
                delta_color="off" if is_same else "normal",
                delta_arrow="off" if is_same else "auto",
                help=tip,
            )
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
            "Macro F1": [100 * level.macro_f1 for level in metrics.levels],
            "Weighted F1": [100 * level.weighted_f1 for level in metrics.levels],
        }
    )
    if against is not None:
        before = {level.level: level.macro_f1 for level in against.levels}
        changes = [100 * (x.macro_f1 - before[x.level]) if x.level in before else None for x in metrics.levels]
        frame["Change"] = pd.Series(changes, dtype="float64")
    tips = {"Macro F1": "The average over categories: small ones count as much as large ones.",
            "Weighted F1": "The average over products: large categories count more."}  # fmt: skip
    config = {
        name: st.column_config.ProgressColumn(name, help=tip, min_value=0.0, max_value=100.0, format="%.1f %%")
        for name, tip in tips.items()
    }
    change = st.column_config.NumberColumn(format="%+.1f", help="Macro F1 against the model in use, in points.")
    st.dataframe(frame, hide_index=True, key=key, column_config=config | {"Change": change})


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


def _history(known: list[ModelVersion]) -> None:
    frame = pd.DataFrame(
        {
            "Model": [model.id for model in known],
            "Status": [
                {"active": "in use", "candidate": "candidate", "retired": "retired"}[model.status] for model in known
            ],
            "Taxonomy version": [model.taxonomy_version for model in known],
            "Overall (hF1)": [100 * model.metrics.hierarchical_f1 for model in known],
            "By": [model.author for model in known],
            "Trained": [words.ago(model.created_at) for model in known],
        }
    )
    with st.expander(f"All models ({len(known)})", key="model_history"):
        config = {"Overall (hF1)": st.column_config.NumberColumn(format="%.1f %%")}
        st.dataframe(frame, hide_index=True, key="model_history_table", column_config=config)
