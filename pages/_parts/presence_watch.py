"""Two curators in one run: each sees where the other is, and what the other did, within a few seconds."""

from collections.abc import Callable

import streamlit as st

from core.services import presence
from core.services.context import Context
from pages._shared import caches, state, words
from pages._shared.layout import error_boundary

BEAT_S = 4.0
PRESENT = "_present"
PEOPLE = "_people"
SHOWN_NAMES = 3


def watch(ctx: Context, run_id: int, cluster_id: Callable[[], int | None]) -> None:
    """Tell others what is open here, and redraw the page once somebody changed something. Draws nothing.

    Call it before the page reads anything: what changes while the page is drawn is then seen, too.

    Args:
        ctx: The open workspace.
        run_id: The run the page shows.
        cluster_id: Says which cluster of it is open, asked at every beat; None for none.
    """
    drawn = caches.revision(ctx)
    st.session_state[PRESENT] = True
    st.session_state.pop(PEOPLE, None)  # what this run draws of others is still to come
    st.fragment(_beat, run_every=BEAT_S, key=f"presence_watch_{run_id}")(ctx, run_id, cluster_id, drawn)


def here_too(cluster_id: int | None) -> None:
    """Draw who else has a cluster open, as the rail drew it; nothing where nobody has."""
    said = open_by(st.session_state.get(PEOPLE, {}).get(cluster_id, ()))
    if said:
        st.badge(
            words.plain(said), icon=":material/visibility:", color="orange", help="What they do shows here at once."
        )


def others(ctx: Context, run_id: int) -> dict[int | None, tuple[str, ...]]:
    """Cluster id → names of others who have it open now."""
    return presence.others(ctx, state.session_id(), run_id)


def show_others(ctx: Context, run_id: int) -> dict[int | None, tuple[str, ...]]:
    """As `others`, for what is drawn on the page: it is redrawn when they move on."""
    st.session_state[PEOPLE] = others(ctx, run_id)
    return st.session_state[PEOPLE]


def leave(ctx: Context) -> None:
    """Tell others that this tab shows no run any more; called by every other page, and quick."""
    if st.session_state.pop(PRESENT, False):
        presence.gone(ctx, state.session_id())


def open_by(names: tuple[str, ...]) -> str:
    """`Bob has this open, too`, as plain text; '' for nobody."""
    if not names:
        return ""
    listed = list(names[:SHOWN_NAMES])
    rest = len(names) - len(listed)
    listed += [words.count(rest, "other")] if rest else []
    said = f"{', '.join(listed[:-1])} and {listed[-1]}" if len(listed) > 1 else listed[0]
    return f"{said} {'have' if len(names) > 1 else 'has'} this open, too"


def _beat(ctx: Context, run_id: int, cluster_id: Callable[[], int | None], drawn: tuple[str, str]) -> None:
    with error_boundary():
        presence.seen(ctx, state.session_id(), state.given_name(), run_id, cluster_id())
        shown = st.session_state.get(PEOPLE)
        has_moved = shown is not None and shown != others(ctx, run_id)
        if (has_moved or caches.revision(ctx) != drawn) and not state.is_held_still():
            st.rerun()
