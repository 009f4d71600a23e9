"""Who sits at the browser: asked once, kept by the browser, needed before the first act and never for looking."""

from pathlib import Path
from urllib.parse import unquote

import streamlit as st

from pages._shared import state
from pages._shared.state import MAX_NAME_CHARS

COOKIE = "shelfwise_name"
FIELD, GREETING_FIELD, DIALOG_FIELD, KEEPER = "who_field_{name}", "who_greeting_field", "who_dialog_field", "who_keeper"
ASKED_LATER = "_who_later"
N_TYPED = "_who_n_typed"
WHY = "It is written beside everything you do, so that others know whom to ask."
_keeper = st.components.v2.component("shelfwise_who", js=Path(__file__).with_name("who.js").read_text(encoding="utf-8"))


def recognise() -> None:
    """Take the name of whoever signed in; else, once a session, the one that this browser kept."""
    in_address = st.query_params.pop(state.AUTHOR, "")
    name = signed_in_name()
    if name:
        state.set_author(name)
    elif state.AUTHOR not in st.session_state:
        state.set_author(unquote(st.context.cookies.to_dict().get(COOKIE, "")))
        if in_address and not state.given_name():  # addresses of before carried the name: they go on working
            take(in_address)


def signed_in_name() -> str:
    """Name of the signed-in user; '' where Streamlit's sign-in is not set up or nobody is signed in."""
    if not st.user.get("is_logged_in", False):
        return ""
    return state.clean_name(str(st.user.get("name") or st.user.get("email") or ""))


def sidebar_field() -> None:
    """Draw the name in the sidebar, where it can be changed; greyed where it comes from a sign-in."""
    is_signed_in = bool(signed_in_name())
    with st.sidebar:
        if not _is_greeting():
            name = state.given_name()
            key = FIELD.format(name=name)  # a field of its own for each name: one changed elsewhere is no typing here
            st.text_input(
                "Your name",
                value=name,
                key=key,
                max_chars=MAX_NAME_CHARS,
                placeholder="Nobody yet",
                help="Comes from your sign-in." if is_signed_in else WHY,
                disabled=is_signed_in,
                on_change=lambda: take(st.session_state[key]),
            )
        if not is_signed_in:
            data = {"name": state.given_name(), "n_typed": st.session_state.get(N_TYPED, 0)}
            _keeper(key=KEEPER, data=data, on_found_change=_on_found, height=1)


def greeting() -> None:
    """Ask for the name in a line above the page, until there is one or the visitor only wants to look."""
    if not _is_greeting():
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="who_greeting"):
        st.markdown(f"**What is your name?** {WHY}", width="stretch")
        st.text_input(
            "Your name",
            key=GREETING_FIELD,
            max_chars=MAX_NAME_CHARS,
            placeholder="Your name",
            label_visibility="collapsed",
            width=220,
            on_change=lambda: take(st.session_state[GREETING_FIELD]),
        )
        st.button("Only looking", key="who_later", type="tertiary", on_click=_later)


def ask() -> None:
    """Ask in a dialog where an act waits for a name; it is done as soon as there is one."""
    if state.waiting_act() is not None and st.session_state.get(state.HELD_ACT) is None:
        _dialog()


def take(text: str) -> None:
    """Take a name that was typed here, and let the browser keep it."""
    state.set_author(text)
    st.session_state[N_TYPED] = st.session_state.get(N_TYPED, 0) + 1


def _is_greeting() -> bool:
    return state.needs_name() and not st.session_state.get(ASKED_LATER, False)


def _later() -> None:
    st.session_state[ASKED_LATER] = True


def _on_found() -> None:
    """Another tab of this browser was given a name, or lost it."""
    found = st.session_state[KEEPER].found
    if found is not None:
        state.set_author(str(found))


@st.dialog("Who is this?", on_dismiss=state.drop_waiting_act)
def _dialog() -> None:
    state.hold_still()
    st.markdown(f"Your name is all that is missing. {WHY}")
    with st.form("who_form", border=False):
        name = st.text_input("Your name", key=DIALOG_FIELD, max_chars=MAX_NAME_CHARS)
        is_given = st.form_submit_button("Go on", type="primary")
    if is_given and state.clean_name(name):
        take(name)
        act = state.waiting_act()
        state.drop_waiting_act()
        if act is not None:
            act()
        st.rerun()
    elif is_given:
        st.caption(":material/info: Type a name, or close this window to go on looking.")
