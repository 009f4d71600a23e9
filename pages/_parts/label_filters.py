"""Which doubts about labels to look at."""

from collections.abc import Mapping

import streamlit as st

from core.domain.label_issue import LabelIssueState
from core.services.context import Context
from core.services.label_issues import LabelQuery
from pages._parts import category_field
from pages._shared import caches

NAMES = {
    LabelIssueState.PENDING: "To decide",
    LabelIssueState.KEPT: "Kept",
    LabelIssueState.CORRECTED: "Moved",
    LabelIssueState.OUTDATED: "Outdated",
}


def draw(ctx: Context, counts: Mapping[LabelIssueState, int]) -> LabelQuery:
    """Draw the filters in one line and return what they say."""
    first, second, third = st.columns([5, 2.4, 4.4], vertical_alignment="bottom", gap="small")
    state = first.segmented_control(
        "Decision",
        list(NAMES),
        default=LabelIssueState.PENDING,
        required=True,
        format_func=lambda value: f"{NAMES[value]} {counts[value]:,}",
        key="label_state",
        on_change=_first_page,
    )
    platform = second.selectbox(
        "Platform",
        caches.platform_names(ctx),
        index=None,
        placeholder="All platforms",
        key="label_platform",
        on_change=_first_page,
    )
    with third:
        node_id = category_field.draw(
            ctx, "Category in doubt", key="label_node", placeholder="All categories", on_change=_first_page
        )
    return LabelQuery(state or LabelIssueState.PENDING, platform, node_id)


def _first_page() -> None:
    st.session_state["label_page"] = 1
