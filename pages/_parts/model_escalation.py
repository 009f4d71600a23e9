"""How many products the text stage may settle by itself: the curve, what it costs, and the choice."""

import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.escalation import MAX_LOSS, EscalationPoint, EscalationReport, Prices
from core.domain.model_report import TestReport
from core.services import escalation
from core.services.context import Context
from pages._parts import model_costs, model_words
from pages._shared import escalation_chart, model_caches, state, words
from pages._shared.layout import acting

WHY = (
    "Every product is first read by its texts alone, which is quick and cheap. Only those of which this text stage is "
    "not sure enough go on to the full model, which looks at the picture, too."
)
ONE_STAGE = (
    "This model has one stage: it reads {reads}, and sees every product whole. A training with titles and images gives "
    "a text stage, too, which settles most products without their pictures."
)


def draw(ctx: Context, model: ModelVersion, report: TestReport) -> None:
    """Draw the section."""
    found = model_caches.escalation_of(ctx, model.id)
    if found is None or model.escalate_below is None:
        reads = words.plain(", ".join(model_words.modalities(model)))
        st.info(ONE_STAGE.format(reads=reads or "what it was trained on"), icon=":material/info:")
        return
    st.markdown("#### Text first, the picture where it matters")
    st.caption(WHY)
    in_use = nearest(found, model.escalate_below)
    chosen = _slider(ctx, model, found, in_use)
    suggested, prices = nearest(found, found.suggested), escalation.prices(ctx)
    _figures(chosen, found.full, prices)
    left, right = st.columns([5, 2.4], gap="large")
    with left:
        marked = {"Suggested": suggested, "In use": in_use, "Chosen here": chosen}
        escalation_chart.draw(found, marked, key=f"model_escalation_{model.id}")
    with right:
        model_costs.draw(ctx, chosen, suggested, prices)
    st.caption(_measured(model, found))


def nearest(report: EscalationReport, threshold: float) -> EscalationPoint:
    """The point of the curve at a threshold, or next to it."""
    return min(report.points, key=lambda point: abs(point.threshold - threshold))


def said(point: EscalationPoint) -> str:
    """A point on the slider: how many go on, and from which confidence."""
    if point.threshold <= escalation.NEVER:
        return "none goes on"
    if point.threshold >= 1.0:
        return "all go on"
    return f"{words.percent(point.share_escalated, 1)} go on · below {escalation.said_sure(point.threshold)} sure"


def _slider(ctx: Context, model: ModelVersion, report: EscalationReport, in_use: EscalationPoint) -> EscalationPoint:
    by_threshold = {point.threshold: point for point in report.points}
    left, right = st.columns([5, 2.4], vertical_alignment="bottom", gap="large")
    chosen = left.select_slider(
        "How many go on to the full model",
        list(by_threshold),
        value=in_use.threshold,
        format_func=lambda threshold: said(by_threshold[threshold]),
        key=f"model_escalate_{model.id}_{model.escalate_below}",
    )
    with right:
        _button(ctx, model, by_threshold[chosen], in_use)
    return by_threshold[chosen]


def _button(ctx: Context, model: ModelVersion, chosen: EscalationPoint, in_use: EscalationPoint) -> None:
    def act() -> str:
        escalation.set_escalate_below(ctx, model.id, chosen.threshold, state.author())
        return f"Model {model.id} now {escalation.said(chosen.threshold)}."

    is_same = chosen is in_use
    st.button(
        "In use" if is_same else "Use this",
        key="model_escalate_go",
        type="secondary" if is_same else "primary",
        icon=":material/check:" if is_same else ":material/alt_route:",
        disabled=is_same,
        help=f"Now it {escalation.said(in_use.threshold)}. You can change it back at any time.",
        on_click=lambda: acting(act),
        width="stretch",
    )


def _figures(chosen: EscalationPoint, full: EscalationPoint, prices: Prices) -> None:
    cost, all_full = prices.per_100_000(chosen.share_escalated), 100 * prices.full_per_1000
    figures = (
        ("Settled by text", words.percent(1 - chosen.share_escalated, 1),
         f"{words.percent(chosen.share_escalated, 1)} go on",
         "Products whose pictures need not be fetched, decoded and read."),
        ("Overall (hF1)", words.percent(chosen.hierarchical_f1, 2),
         against(chosen.hierarchical_f1, full.hierarchical_f1), model_words.FIGURES[0][2]),
        ("Whole path right", words.percent(chosen.share_right, 2),
         against(chosen.share_right, full.share_right), model_words.FIGURES[3][2]),
        ("Cost per 100,000", model_costs.money(cost, prices), saved(cost, all_full),
         f"The full model for all of them, without a text stage: {model_costs.money(all_full, prices)}."),
    )  # fmt: skip
    for column, (label, value, delta, tip) in zip(st.columns(len(figures), gap="medium"), figures, strict=True):
        column.metric(label, value, delta, delta_color="off", delta_arrow="off", help=tip)


def against(share: float, full: float) -> str:
    """How far both stages are from the full model for all."""
    points = round(100 * (share - full), 2)
    return f"{points:+.2f} points against the full model" if points else "as the full model"


def saved(cost: float, all_full: float) -> str:
    """What is saved against the full model for everything; a text stage that escalates too much costs more."""
    if not all_full or cost == all_full:
        return "as the full model"
    share = abs(1 - cost / all_full)
    return f"{words.percent(share)} {'less' if cost < all_full else 'more'} than the full model"


def _measured(model: ModelVersion, report: EscalationReport) -> str:
    tested = words.count(report.n_products, "product")
    chosen_on = model.config.get("split_sizes", {}).get("validation")
    judges = f"{chosen_on:,} other products" if chosen_on else "other products"
    return (
        f"All figures are of {tested} that neither stage ever saw. The suggested point was chosen on {judges}, which "
        f"taught neither stage: from there on, no more than {100 * MAX_LOSS:.1f} points of hF1 are lost against the "
        "full model, as surely as so many products can tell (95 %). The confidences of the text stage are off by "
        f"{100 * report.text_calibration_error:.1f} points on average."
    )
