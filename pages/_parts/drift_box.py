"""What Home says of drift: which categories deserve another discovery, where any does."""

import streamlit as st

from core.domain.product import PATH_SEPARATOR
from core.services.context import Context
from pages._shared import drift_caches, words

SHOWN = 3


def draw(ctx: Context) -> None:
    """Draw the box; nothing where nothing is proposed."""
    found = drift_caches.proposals(ctx, SHOWN)
    if not found:
        return
    with st.container(border=True, key="home_proposals", gap="xsmall"):
        left, right = st.columns([5, 1.3], vertical_alignment="center", gap="large")
        left.markdown("**Worth another discovery**")
        left.markdown("  \n".join(f"{_name(one.path)} &ensp;:gray[{words.plain(one.reasons[0])}]" for one in found))
        if right.button("See why", key="home_drift", icon=":material/trending_up:", width="stretch"):
            st.switch_page("drift.py")


def _name(path: str) -> str:
    return words.plain(path.rsplit(PATH_SEPARATOR, 1)[-1])
