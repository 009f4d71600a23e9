"""Which predictions to look at."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.domain.classifier import ReviewState
from core.services.context import Context
from pages._parts import category_field
from pages._shared import caches

NAMES = {ReviewState.PENDING: "To decide", ReviewState.ACCEPTED: "Accepted", ReviewState.CORRECTED: "Corrected"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the curator asked to see."""

    state: ReviewState
    platform: str | None
    node_id: str | None
    only_changes: bool


def draw(ctx: Context, counts: Mapping[ReviewState, int]) -> Filters:
    """Draw the filters in one line and return what they say."""
    first, second, third, fourth = st.columns([4, 2.4, 4, 2.4], vertical_alignment="bottom", gap="small")
    state = first.segmented_control(
        "Decision",
        list(NAMES),
        default=ReviewState.PENDING,
        required=True,
        format_func=lambda value: f"{NAMES[value]} {counts.get(value, 0):,}",
        key="predictions_state",
        on_change=_first_page,
    )
    platforms = caches.platform_names(ctx)
    platform = second.selectbox(
        "Platform",
        platforms,
        index=None,
        placeholder="All platforms",
        key="predictions_platform",
        on_change=_first_page,
    )
    with third:
        node_id = category_field.draw(
            ctx, "Predicted category", key="predictions_node", placeholder="All categories", on_change=_first_page
        )
    only_changes = fourth.toggle("Only changes", key="predictions_changes", on_change=_first_page)
    return Filters(state or ReviewState.PENDING, platform, node_id, only_changes)


def _first_page() -> None:
    st.session_state["predictions_page"] = 1
