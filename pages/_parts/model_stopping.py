"""Rather a parent that is right than a child that is wrong: from which confidence on a model goes down the tree."""

import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.model_report import StoppingPoint, TestReport
from core.services import models
from core.services.context import Context
from pages._parts import model_words
from pages._shared import charts, state, words
from pages._shared.layout import acting, metric_row

WHY = (
    "Where the model is less sure than this, it stops at the parent category: a product may end up under Shoes instead "
    "of under the wrong kind of shoe. Fewer mistakes, but more products that somebody must sort further."
)


def draw(ctx: Context, model: ModelVersion, report: TestReport) -> None:
    """Draw the slider, what would come of it, and the button that uses it."""
    points = {point.threshold: point for point in report.stopping if point.threshold < 1}
    if not points:
        st.info("The test says nothing of stopping.", icon=":material/info:")
        return
    st.markdown("#### When unsure, stop at the parent")
    st.caption(WHY)
    known = sorted(points)
    nearest = min(known, key=lambda threshold: abs(threshold - model.stop_below))
    left, right = st.columns([5, 2.2], vertical_alignment="bottom", gap="large")
    chosen = left.select_slider(
        "Stop where it is less sure than",
        known,
        value=nearest,
        format_func=said,
        key=f"model_stop_{model.id}_{model.stop_below}",
    )
    with right:
        _button(ctx, model, chosen)
    _figures(points[chosen], points[known[0]])
    st.caption(model_words.measured_on(model))
    right_at, stopped_at = st.columns(2, gap="large")
    with right_at:
        st.caption("How much of what it says is right")
        right_shares = {"Precision": "hierarchical_precision", "Right as far as it goes": "share_right"}
        figure = charts.stopping(report.stopping, chosen, right_shares)
        charts.show(figure, key=f"model_stopping_{model.id}", alt="Precision and share right, by threshold")
    with stopped_at:
        st.caption("What that costs: products that somebody must sort further")
        figure = charts.stopping(report.stopping, chosen, {"Stopped earlier": "share_stopped"})
        charts.show(figure, key=f"model_stopped_{model.id}", alt="Share of products stopped earlier, by threshold")


def said(threshold: float) -> str:
    """A threshold for people; 0 never stops."""
    return f"{words.percent(threshold)} sure" if threshold else "never"


def _figures(point: StoppingPoint, never: StoppingPoint) -> None:
    metric_row(
        [
            ("Precision (hP)", words.percent(point.hierarchical_precision, 1),
             "Of the categories it gives a product, the share that is right. "
             f"Without stopping: {words.percent(never.hierarchical_precision, 1)}."),
            ("Stopped earlier", words.percent(point.share_stopped, 1), "Products that get a shorter path."),
            ("Right as far as it goes", words.percent(point.share_right, 1),
             f"Products whose path holds no mistake. Without stopping: {words.percent(never.share_right, 1)}."),
            ("Levels given", f"{point.mean_depth:.2f}",
             f"On average. Without stopping: {never.mean_depth:.2f}."),
        ]
    )  # fmt: skip


def _button(ctx: Context, model: ModelVersion, chosen: float) -> None:
    def act() -> str:
        models.set_stop_below(ctx, model.id, chosen, state.author())
        return f"Model {model.id} now stops where it is less than {said(chosen)}." if chosen else "It never stops now."

    in_use = model.stop_below == chosen
    st.button(
        "In use" if in_use else "Never stop" if not chosen else f"Stop below {words.percent(chosen)}",
        key="model_stop_go",
        type="secondary" if in_use else "primary",
        icon=":material/check:" if in_use else ":material/vertical_align_top:",
        disabled=in_use,
        help=f"Now: {said(model.stop_below)}. You can change it back at any time.",
        on_click=lambda: acting(act),
        width="stretch",
    )
