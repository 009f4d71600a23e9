"""What stands above the tree: unsaved edits and how to save them, undo and redo."""

import streamlit as st

from core.services import history
from core.services.context import Context
from core.services.history import TAXONOMY
from pages._parts import taxonomy_acts, taxonomy_diff
from pages._parts.taxonomy_data import TaxonomyData
from pages._shared import state, words

NOTE = "taxonomy_note"


def draw(ctx: Context, data: TaxonomyData) -> None:
    """Draw the bar."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="taxonomy_summary"):
        _state(data)
        _step(ctx, "undo")
        _step(ctx, "redo")
        if data.unsaved.n_changes:
            _save(ctx, data)


def _state(data: TaxonomyData) -> None:
    version, n_changes = data.view.version, data.unsaved.n_changes
    if n_changes:
        changes = words.count(n_changes, "unsaved change")
        text = f"**{changes}** since version {version}  \n:small[:gray[{words.plain(data.unsaved.summary())}]]"
    else:
        note = next((known.note for known in data.versions if known.number == version), "")
        text = f"**Version {version}**, all saved  \n:small[:gray[{words.plain(note)}]]"
    st.markdown(text, width="stretch")


def _step(ctx: Context, what: str) -> None:
    is_undo = what == "undo"
    entry = (history.next_undo if is_undo else history.next_redo)(ctx, TAXONOMY, state.author())
    verb = "Take back" if is_undo else "Do again"
    st.button(
        what.capitalize(),
        key=f"taxonomy_{what}",
        icon=f":material/{what}:",
        disabled=entry is None,
        help=f"{verb}: {words.plain(entry.summary)}" if entry else f"You have nothing to {verb.lower()} here.",
        on_click=lambda: (taxonomy_acts.undo if is_undo else taxonomy_acts.redo)(ctx),
    )


def _save(ctx: Context, data: TaxonomyData) -> None:
    number = data.view.version + 1
    with st.popover(f"Save as version {number}…", type="primary", icon=":material/bookmark_add:", key="taxonomy_save"):
        st.markdown(f"**Version {number}** will say what changed since version {data.view.version}:")
        taxonomy_diff.short(data.unsaved, data.view.taxonomy)
        st.text_input("Note", key=NOTE, placeholder=data.unsaved.summary(), max_chars=200)
        st.button(
            f"Save version {number}",
            key="taxonomy_save_go",
            type="primary",
            on_click=lambda: taxonomy_acts.save_version(ctx, str(st.session_state.get(NOTE) or "")),
        )
