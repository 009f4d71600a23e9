"""Whether a model is right as often as it says: the reliability diagram, in plain words."""

from collections.abc import Sequence

import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.model_report import WHOLE_PATH, LevelCalibration, ReliabilityBin, TestReport
from core.services.context import Context
from pages._shared import charts, words

FEW, ENOUGH = 5, 20
"""Products in a group under which its share is mostly chance, and from which it means something."""


def draw(ctx: Context, model: ModelVersion, report: TestReport) -> None:
    """Draw the diagram of the whole path, or of the level that is chosen."""
    by_level = {found.level: found for found in report.calibration}
    if not by_level:
        st.info("The test says nothing of confidences.", icon=":material/info:")
        return
    level = st.segmented_control(
        "How sure it is of",
        list(by_level),
        default=min(by_level),
        required=True,
        format_func=lambda number: "Whole path" if number == WHOLE_PATH else f"Down to level {number}",
        key=f"model_confidence_level_{model.id}",
    )
    found = by_level[min(by_level) if level is None else level]
    left, right = st.columns([5, 4], gap="large")
    with left:
        figure = charts.reliability(_shown(found.bins_before), _shown(found.bins_after))
        charts.show(figure, key=f"model_reliability_{model.id}", alt=in_words(found))
    with right:
        st.markdown(f"#### {in_words(found)}")
        st.caption(
            "Each dot is a group of test products of which it was about equally sure; large dots hold many. On the "
            "dashed line it is right exactly as often as it says; below the line it is too sure of itself, above it "
            f"too modest. Groups of fewer than {FEW} are left out: they are mostly chance."
        )
        before, after = st.columns(2)
        before.metric(
            "Off by, before correction",
            f"{100 * found.error_before:.1f} points",
            help="Expected calibration error: how far confidence and truth are apart, on average over products.",
        )
        after.metric("Off by, as used", f"{100 * found.error_after:.1f} points", help=_correction(found))


def in_words(found: LevelCalibration) -> str:
    """What the largest group of products says, such as "Of 100 products it is 90 % sure of, 91 are right"."""
    bins = [group for group in found.bins_after if group.n_products]
    if not bins:
        return "No product was tested"
    group = _telling(bins)
    right = round(100 * group.accuracy)
    verb = "is" if right == 1 else "are"
    return f"Of 100 products it is {words.percent(group.mean_confidence)} sure of, {right} {verb} right"


def _shown(bins: Sequence[ReliabilityBin]) -> list[ReliabilityBin]:
    return [group for group in bins if group.n_products >= FEW] or list(bins)


def _telling(bins: list[ReliabilityBin]) -> ReliabilityBin:
    """The group nearest to nine in ten that is large enough to mean something, else the largest."""
    large = [group for group in bins if group.n_products >= ENOUGH]
    if not large:
        return max(bins, key=lambda group: group.n_products)
    return min(large, key=lambda group: abs(group.mean_confidence - 0.9))


def _correction(found: LevelCalibration) -> str:
    if found.level == WHOLE_PATH:
        return "After the confidences of every level were corrected on products kept apart for it."
    kind = "made it more modest" if found.temperature > 1 else "made it surer"
    return f"A temperature of {found.temperature:.2f}, fitted on products kept apart for it, {kind}."
