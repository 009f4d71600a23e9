"""The row of filters above a grid: words, platform, brand, and what needs a look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from core.services.context import Context
from core.services.grid_query import GridOnly, GridQuery, GridSource
from pages._shared import caches, state

ONLY_NAMES = {
    GridOnly.ALL: "Show all",
    GridOnly.OUTLIERS: "Outliers",
    GridOnly.NEAR_DUPLICATES: "Near-duplicates",
    GridOnly.MOVED: "Moved by hand",
    GridOnly.NOISE: "Set aside",
}
ONLY_SAYS = {
    GridOnly.OUTLIERS: "Unusually far from the centre of their cluster, the farthest first.",
    GridOnly.NEAR_DUPLICATES: "The same image, the same title on similar images, or images that look almost the same.",
    GridOnly.MOVED: "Put into their cluster by hand.",
    GridOnly.NOISE: "Their images look like no group here: the image filter kept them out of all clusters.",
}
MENUS = ("platform", "brand", "only")
MENU_WIDTH = 124
"""Pixels: so that the row fits beside the list of clusters on a small screen."""


def draw(ctx: Context, query: GridQuery, *, key: str, on_change: Callable[[], object] | None = None) -> GridQuery:
    """Draw the filters of a grid in one row and narrow its query by them.

    Args:
        ctx: The open workspace.
        query: What the grid shows without filters.
        key: Tells grids apart; another key starts with no filter.
        on_change: Called before the next run when a filter changed: the place to go back to the first page.

    Returns:
        The query with what the filters say.
    """
    asked = asked_for(query, key)
    found = caches.grid_facets(ctx, asked)
    row = _Row(key, on_change)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="grid_filters"):
        row.search(query)
        row.menu("platform", "Platform", dict(found.platforms), asked.platform)
        row.menu("brand", "Brand", dict(found.brands), asked.brand)
        row.only(query)
        if asked != query:
            row.clear_button()
    if asked.only in ONLY_SAYS:
        st.caption(ONLY_SAYS[asked.only])
    return asked


def clear(key: str) -> None:
    """Take all filters of a grid off, from the next run on."""
    st.session_state[_key("words", key)] = ""
    st.session_state[_key("everywhere", key)] = False
    st.session_state[_key("only", key)] = GridOnly.ALL
    for part in ("platform", "brand"):
        st.session_state[_key(part, key)] = None


def asked_for(query: GridQuery, key: str) -> GridQuery:
    """The query with what the filters of a grid said last."""
    typed = str(st.session_state.get(_key("words", key)) or "").strip()
    platform, brand, only = (st.session_state.get(_key(part, key)) for part in MENUS)
    if only not in _only_choices(query):  # chosen while another source was open
        only = GridOnly.ALL
    if typed and st.session_state.get(_key("everywhere", key)):
        query = GridQuery(query.run_id, GridSource.SEARCH, is_everywhere=True)
    return replace(
        query,
        words=" ".join(filter(None, (query.words, typed))),
        platform=platform or query.platform,
        brand=brand or query.brand,
        only=query.only if only is GridOnly.ALL else only,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """The widgets of one grid's filters."""

    grid: str
    on_change: Callable[[], object] | None

    def search(self, query: GridQuery) -> None:
        """The field for words; once there are some, whether to look beyond what is open."""
        words_key = _key("words", self.grid)
        with st.container(key="grid_search", width="stretch"):
            st.text_input(
                "Search",
                key=words_key,
                placeholder="Search",
                icon=":material/search:",
                label_visibility="collapsed",
                on_change=self.on_change,
            )
        if query.source is not GridSource.SEARCH and str(st.session_state.get(words_key) or "").strip():
            st.checkbox("Everywhere", key=_key("everywhere", self.grid), on_change=self.on_change)

    def menu(self, part: str, name: str, counts: Mapping[str, int], chosen: str) -> None:
        """Values with their counts; nothing where there is nothing to choose between."""
        if len(counts) < 2 and not chosen:
            return
        st.selectbox(
            name,
            list(dict.fromkeys([*counts, *filter(None, [chosen])])),
            index=None,
            format_func=lambda value: f"{value} · {counts.get(value, 0):,}",
            key=_key(part, self.grid),
            placeholder=name,
            label_visibility="collapsed",
            width=MENU_WIDTH,
            on_change=self.on_change,
        )

    def only(self, query: GridQuery) -> None:
        """What needs a look."""
        st.selectbox(
            "Show",
            _only_choices(query),
            format_func=lambda only: ONLY_NAMES[only],
            key=_key("only", self.grid),
            label_visibility="collapsed",
            width=MENU_WIDTH,
            on_change=self.on_change,
        )

    def clear_button(self) -> None:
        """Take the filters off."""

        def cleared() -> None:
            clear(self.grid)
            if self.on_change is not None:
                self.on_change()

        st.button("Clear", key=_key("clear", self.grid), type="tertiary", on_click=cleared)


def _only_choices(query: GridQuery) -> list[GridOnly]:
    """Noise is in no cluster: it is offered where a whole run is shown."""
    return [only for only in ONLY_NAMES if only is not GridOnly.NOISE or query.source is GridSource.RUN]


def _key(part: str, key: str) -> str:
    return state.GRID_FILTER.format(part=part, grid=key)
