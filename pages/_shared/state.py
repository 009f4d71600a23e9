"""Every key of the session and of the address bar, and small things said from one run of a page to the next."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

import streamlit as st

AUTHOR = "author"
CATEGORY = "category"
RUN = "run"
CLUSTER = "cluster"
EXPERIMENT = "experiment"
RESULT = "result"
REVIEW_VIEW = "_view_{run}"
REVIEW_HOME = "_home_{run}"
REVIEW_PAGE = "_page_{run}"
REVIEW_OPENED = "_opened_{run}"
HELD_ACT = "_held_act"
NAMED = "_named_{cluster}"
FLASHES = "_flashes"
RERUN_ALL = "_rerun_all"
GRID_PAGE = "_grid_page_{grid}"
GRID_ACTS = "_acts_{grid}"
GRID_FILTER = "filter_{part}_{grid}"
FORMS_STARTED = "_{form}_started"
UPLOADED = "_uploaded_{file_id}"
PREDICTIONS_VIEW = "_predictions_view"
PREDICTIONS_HOME = "_predictions_home"
PREDICTIONS_PAGE = "_predictions_page"
PREDICTIONS_LOOKED = "_predictions_looked"
PREDICTIONS_CLEARS = "_predictions_clears"
PREDICTIONS_WITH = "_predictions_with"
PREDICTIONS_BEFORE = "_predictions_before"
PREDICTIONS_FAULT = "_predictions_fault"
PREDICTIONS_LEFT_OUT = "_predictions_left_out"
PREDICTIONS_ASKING = "_predictions_asking"
PAGE = "page"
DEFAULT_AUTHOR = "Curator"
WAITING_ACT = "_waiting_act"
SESSION = "_session"
HELD_STILL = "_held_still"
MAX_NAME_CHARS = 80
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Control characters, halves of characters, and marks that turn the direction of the text that follows."""

Tone = Literal["success", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Flash:
    """Something to say once, on the next run of any page."""

    tone: Tone
    message: str
    remedy: str = ""


def author() -> str:
    """Name of the person at the browser, for the record of who did what."""
    return given_name() or DEFAULT_AUTHOR


def given_name() -> str:
    """The name the person at the browser gave; '' as long as there is none."""
    return str(st.session_state.get(AUTHOR) or "")


def set_author(text: str) -> None:
    """Take a name, cleaned; '' forgets it."""
    st.session_state[AUTHOR] = clean_name(text)


def clean_name(text: str) -> str:
    """A person's name without control characters and needless space, at most 80 characters."""
    return " ".join(_UNWRITABLE.sub(" ", text).split())[:MAX_NAME_CHARS].rstrip()


def needs_name() -> bool:
    """Whether somebody sits at a browser who has not said who they are; a script without one has nobody to ask."""
    return not given_name() and bool(st.context.headers)


def held_for_name(act: Callable[[], object]) -> bool:
    """Keep an act for later where nobody has said who acts; it is done once there is a name.

    Returns:
        Whether it is kept. The caller must not do it then.
    """
    if not needs_name():
        return False
    st.session_state[WAITING_ACT] = act
    ask_full_rerun()
    return True


def waiting_act() -> Callable[[], object] | None:
    """The act that waits for a name."""
    return st.session_state.get(WAITING_ACT)


def drop_waiting_act() -> None:
    """Forget the act that waits for a name."""
    st.session_state.pop(WAITING_ACT, None)


def session_id() -> str:
    """Identity of this browser tab, as others who work in the run know it."""
    return str(st.session_state.setdefault(SESSION, uuid4().hex))


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
    """Forget the wish for a full run: this is one. It closes dialogs, unless it opens them anew."""
    st.session_state.pop(RERUN_ALL, None)
    st.session_state.pop(HELD_STILL, None)


def hold_still() -> None:
    """Do not redraw the page for what others do while a dialog is open: that would close it. Called in its body."""
    st.session_state[HELD_STILL] = True


def is_held_still() -> bool:
    """Whether a dialog is open."""
    return bool(st.session_state.get(HELD_STILL, False))


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
