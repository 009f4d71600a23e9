"""What the curator's earlier acts have to do with a discovery: the wish for it, and what came of it."""

import streamlit as st

from core.domain.discovery import DiscoveryRun
from pages._shared import words

HELP = (
    "Subcategories you approved stay whole and apart, products you moved stay where you moved them, and what you "
    "excluded stays aside. What you took back does not count."
)


def toggle() -> bool:
    """Ask whether earlier decisions steer the next clusters."""
    return st.toggle("Respect what I already decided", value=True, key="discover_guided", help=HELP)


def draw(run: DiscoveryRun) -> None:
    """Say what guided a run, where anything did."""
    if guidance := run.details.get("guidance"):
        st.caption(f"Guided by {words.plain(guidance)}")
