"""What stands above the doubts: how many, deciding many at one go, undo and redo; and what to say where none is."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.domain.label_issue import LabelIssueState
from core.services import history
from core.services.context import Context
from core.services.label_decisions import LABELS
from core.services.label_issues import LabelItem, LabelQuery
from pages._parts import history_guard, label_acts
from pages._shared import state, words


def draw(ctx: Context, query: LabelQuery, items: Sequence[LabelItem], n_found: int) -> None:
    """Draw the line."""
    with st.container(horizontal=True, vertical_alignment="center", key="label_summary"):
        st.markdown(f"**{words.count(n_found, 'product')}**", width="stretch")
        _step(ctx, "undo")
        _step(ctx, "redo")
        if query.state is LabelIssueState.PENDING and items:
            _many(ctx, query, items, n_found)
    if query.state is LabelIssueState.OUTDATED and items:
        st.caption(
            "Another act moved these since they were listed: nothing to decide. A new check looks at them again."
        )


def nothing(query: LabelQuery, counts: Mapping[LabelIssueState, int]) -> None:
    """Say why the list is empty, and what to do next."""
    if query != LabelQuery():
        st.info("Nothing here under these filters.", icon=":material/done_all:")
        return
    with st.container(border=True, key="label_done", horizontal_alignment="center", gap="small"):
        n_moved = counts[LabelIssueState.CORRECTED]
        is_first = not n_moved and not counts[LabelIssueState.KEPT]
        st.markdown(f"### :material/done_all: {'No label looks wrong' if is_first else 'Every doubt is decided'}",
                    text_alignment="center")  # fmt: skip
        if n_moved:
            moved = words.count(n_moved, "product has", "products have")
            st.markdown(f"{moved} a better category now. Retrain, so that the classifier learns it.",
                        text_alignment="center")  # fmt: skip
            if st.button("Retrain the classifier", key="label_retrain", type="primary"):
                st.switch_page("retrain.py")


def _step(ctx: Context, what: str) -> None:
    is_undo = what == "undo"
    entry = (history.next_undo if is_undo else history.next_redo)(ctx, LABELS, state.author())
    verb = "Take back" if is_undo else "Do again"
    st.button(
        what.capitalize(),
        key=f"label_{what}",
        icon=f":material/{what}:",
        disabled=entry is None,
        help=f"{verb}: {words.plain(entry.summary)}" if entry else f"You have nothing to {verb.lower()} here.",
        on_click=lambda: (history_guard.undo if is_undo else history_guard.redo)(ctx, LABELS),
    )


def _many(ctx: Context, query: LabelQuery, items: Sequence[LabelItem], n_found: int) -> None:
    ids = [item.issue.id for item in items]
    targets = {item.issue.id: item.suggested_node_id for item in items if item.suggested_node_id}
    with st.popover("Decide many", icon=":material/done_all:", key="label_many"):
        st.caption("One undo takes back each of these.")
        st.button(
            f"Keep the {len(ids)} on this page",
            key="label_keep_page",
            width="stretch",
            on_click=lambda: label_acts.keep(ctx, ids),
        )
        st.button(
            f"Move the {len(targets)} on this page as suggested",
            key="label_move_page",
            width="stretch",
            on_click=lambda: label_acts.move(ctx, targets),
        )
        if n_found > len(items):
            st.button(
                f"Move all {n_found:,} in this filter as suggested",
                key="label_move_all",
                width="stretch",
                help="Also those on other pages. One undo takes it back.",
                on_click=lambda: label_acts.move_all(ctx, query),
            )
