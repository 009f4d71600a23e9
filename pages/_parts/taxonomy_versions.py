"""The versions: a list, the difference of any two side by side, and the way back to one."""

import streamlit as st

from core.domain.taxonomy import TaxonomyNode
from core.services import versions
from core.services.context import Context
from core.services.taxonomy import VersionSummary
from pages._parts import taxonomy_acts, taxonomy_diff
from pages._parts.taxonomy_data import TaxonomyData
from pages._shared import layout, words

NOW = 0
"""Stands for the taxonomy as it is, unsaved edits among it."""
SHOWN = 12
FROM, TO = "versions_from", "versions_to"


def draw(ctx: Context, data: TaxonomyData) -> None:
    """Draw the tab."""
    left, right = st.columns([4, 7], gap="large")
    with left:
        st.subheader("Versions", anchor=False)
        _list(ctx, data)
    with right, layout.error_boundary():
        st.subheader("What differs", anchor=False)
        _compare(ctx, data)


def _list(ctx: Context, data: TaxonomyData) -> None:
    shows_all = len(data.versions) > SHOWN and st.toggle(f"Show all {len(data.versions)}", key="versions_all")
    with st.container(border=True, key="versions", gap="small"):
        for version in data.versions if shows_all else data.versions[:SHOWN]:
            with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
                st.markdown(_said(version), width="stretch")
                st.button(
                    "",
                    key=f"version_show_{version.number}",
                    icon=":material/difference:",
                    type="tertiary",
                    help=f"Show what version {version.number} changed.",
                    on_click=lambda number=version.number: _show(data, number),
                )
                _way_back(ctx, data, version)


def _said(version: VersionSummary) -> str:
    added = f" · {words.count(version.n_added, 'category', 'categories')} added" if version.n_added else ""
    note = f"  \n{words.plain(version.note)}" if version.note else ""
    in_all = words.count(version.n_nodes - 1, "category", "categories")
    who = f"{words.plain(version.author)} · {words.ago(version.created_at)} · {in_all} in all"
    return f"**Version {version.number}**{added}{note}  \n:small[:gray[{who}]]"


def _way_back(ctx: Context, data: TaxonomyData, version: VersionSummary) -> None:
    if version.number == data.view.version and not data.unsaved.n_changes:
        return
    tip, key = f"Go back to version {version.number}.", f"version_back_{version.number}"
    with st.popover("", icon=":material/settings_backup_restore:", type="tertiary", key=key, help=tip):
        st.markdown(
            f"**Go back to version {version.number}?** The taxonomy becomes what it was then, as a new version. "
            "Categories that came later go out of use, and their products to the nearest category above that stays. "
            + ("Your unsaved edits are saved as a version first. " if data.unsaved.n_changes else "")
            + "You can undo this."
        )
        note = f"version_note_{version.number}"
        st.text_input("Why", key=note, max_chars=200)
        st.button(
            f"Go back to version {version.number}",
            key=f"version_back_go_{version.number}",
            type="primary",
            on_click=lambda: taxonomy_acts.roll_back(ctx, version.number, str(st.session_state.get(note) or "")),
        )


def _show(data: TaxonomyData, number: int) -> None:
    numbers = [version.number for version in data.versions]
    earlier = [other for other in numbers if other < number]
    st.session_state[FROM], st.session_state[TO] = (earlier[0] if earlier else number), number


def _compare(ctx: Context, data: TaxonomyData) -> None:
    notes = {version.number: f"Version {version.number} · {version.note}" for version in data.versions}
    names = {NOW: "As it is now"} | notes if data.unsaved.n_changes else notes
    if len(names) < 2:
        st.caption("There is one version so far. Edit the taxonomy and save it, and this shows what changed.")
        return
    numbers = list(names)
    for key, default in ((FROM, numbers[1]), (TO, numbers[0])):
        if st.session_state.get(key) not in names:
            st.session_state[key] = default
    left, right = st.columns(2)
    a = left.selectbox("From", numbers, key=FROM, format_func=names.get)
    b = right.selectbox("To", numbers, key=TO, format_func=names.get)
    old, new = _nodes(ctx, data, a), _nodes(ctx, data, b)
    titles = tuple(names[number].partition(" · ")[0] for number in (a, b))
    taxonomy_diff.side_by_side(old, new, (titles[0], titles[1]))


def _nodes(ctx: Context, data: TaxonomyData, number: int) -> tuple[TaxonomyNode, ...]:
    return data.view.taxonomy.nodes if number == NOW else versions.load(ctx, number).nodes
