"""Who did what, newest first, with the way back beside every act."""

import streamlit as st

from core.services import history
from core.services.context import Context
from core.services.history import Entry
from pages._shared import state, words
from pages._shared.layout import acting

SHOWN = 40


def draw(ctx: Context, *, key: str, scope: str | None = None, node_id: str | None = None) -> None:
    """Draw the acts of a scope, or those about a node.

    Args:
        ctx: The open workspace.
        key: Prefix of the widgets' keys.
        scope: What their undo belongs to.
        node_id: A node of the taxonomy.
    """
    entries = history.entries(ctx, scope, node_id=node_id, limit=SHOWN)
    if not entries:
        st.caption("Nothing has been done here yet.")
        return
    with st.container(height=430, border=False, key=f"{key}_history", gap="xsmall"):
        for entry in entries:
            _entry(ctx, entry, key)


def _entry(ctx: Context, entry: Entry, key: str) -> None:
    is_undone = entry.undone_at is not None
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        summary = words.plain(entry.summary)
        said = f":gray[~~{summary}~~]" if is_undone else summary
        why = f" — “{words.plain(entry.why)}”" if entry.why else ""
        who = f":small[:gray[{words.plain(entry.author)} · {words.ago(entry.at)}]]"
        st.markdown(f"{said}{why}  \n{who}", width="stretch")
        if entry.can_be_undone:
            _way_back(ctx, entry, key, is_undone)


def _way_back(ctx: Context, entry: Entry, key: str, is_undone: bool) -> None:
    st.button(
        "",
        key=f"{key}_{entry.id}",
        icon=":material/redo:" if is_undone else ":material/undo:",
        type="tertiary",
        help="Do this again." if is_undone else "Take this act back, and no other.",
        on_click=lambda: acting(lambda: _turn(ctx, entry, is_undone), tone="info"),
    )


def _turn(ctx: Context, entry: Entry, is_undone: bool) -> str:
    if is_undone:
        history.do_again(ctx, entry.id, state.author())
        return f"Done again: {entry.summary}"
    history.take_back(ctx, entry.id, state.author())
    return f"Taken back: {entry.summary}"
