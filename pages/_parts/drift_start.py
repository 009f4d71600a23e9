"""When drift was measured, with what, and how to measure again."""

from datetime import datetime

import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.job import JobKind
from core.services import drift
from core.services.context import Context
from pages._shared import drift_caches, launch, words

ORIGIN = (
    "Products count in the week they first came. Each week is compared with up to "
    f"{drift.WEEKS_BEFORE} before it; what the first week had is the yardstick."
)


def draw(ctx: Context, at: datetime | None, model: ModelVersion | None, *, is_busy: bool) -> None:
    """Draw the bar."""
    is_stale = drift.is_stale(ctx)
    with st.container(border=True, key="drift_start"):
        left, right = st.columns([4, 1.3], vertical_alignment="center", gap="large")
        left.markdown("**Nothing was measured yet.**" if at is None else _measured(ctx, at))
        if is_stale:
            left.markdown(
                ":orange[:material/update:] Products, predictions or the model in use changed since. Measure again."
            )
        left.caption(ORIGIN)
        if right.button(
            "Measure drift" if at is None else "Measure again",
            key="drift_measure",
            type="primary" if at is None or is_stale else "secondary",
            icon=":material/trending_up:",
            width="stretch",
            disabled=is_busy or model is None,
            help="Promote a model first." if model is None else "It takes seconds; you can leave this page.",
        ):
            launch.launch_and_show(ctx, JobKind.DRIFT, {})


def _measured(ctx: Context, at: datetime) -> str:
    weeks = drift_caches.weeks(ctx)
    n_products = sum(found.n_products for found in weeks)
    n_weeks, n_platforms = len({found.week for found in weeks}), len({found.platform for found in weeks})
    return (
        f"**{words.count(n_products, 'product')}** of {words.count(n_platforms, 'platform')} in "
        f"{words.count(n_weeks, 'week')}, measured {words.ago(at)}"
    )
