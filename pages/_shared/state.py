"""Every key of the session and of the address bar, and small things said from one run of a page to the next."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

AUTHOR = "author"
CATEGORY = "category"
RUN = "run"
FLASHES = "_flashes"
RERUN_ALL = "_rerun_all"
SHOWN_PER_CLUSTER = "_shown_{cluster}"
CORRECTING = "_correcting"
GRID_ACTS = "_acts_{grid}"
IMPORTS_STARTED = "_imports_started"
UPLOADED = "_uploaded_{file_id}"
DEFAULT_AUTHOR = "Curator"

Tone = Literal["success", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Flash:
    """Something to say once, on the next run of any page."""

    tone: Tone
    message: str
    remedy: str = ""


def author() -> str:
    """Name of the person at the browser, for the record of who did what."""
    return str(st.session_state.get(AUTHOR) or "").strip() or DEFAULT_AUTHOR


def flash(message: str, tone: Tone = "success", remedy: str = "") -> None:
    """Say something on the next run of the page, in plain text."""
    st.session_state.setdefault(FLASHES, []).append(Flash(tone, message, remedy))


def take_flashes() -> list[Flash]:
    """What there is to say, once."""
    return st.session_state.pop(FLASHES, [])


def ask_full_rerun() -> None:
    """Let the fragment that runs next redraw the whole page: an act reached beyond it."""
    st.session_state[RERUN_ALL] = True


def full_run_began() -> None:
    """Forget the wish for a full run: this is one."""
    st.session_state.pop(RERUN_ALL, None)


def rerun_if_asked() -> None:
    """Redraw the whole page when an act asked for it."""
    if st.session_state.pop(RERUN_ALL, False):
        st.rerun()


def query_value(key: str) -> str | None:
    """A value of the address bar; None where it says nothing."""
    return st.query_params.get(key) or None


def query_number(key: str) -> int | None:
    """A whole number of the address bar; None where it holds anything else."""
    text = query_value(key)
    return int(text) if text and text.isdecimal() else None
