"""Undo, redo, and the warning before acts that were taken back are lost for good."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.services import history
from core.services.context import Context
from pages._shared import state, words
from pages._shared.layout import acting

Act = Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Held:
    """An act that waits for a word: doing it drops `n_dropped` acts from those that can be done again."""

    act: Act
    n_dropped: int
    last: str


def guarded(ctx: Context, scope: str, act: Act, *, tone: state.Tone = "success") -> bool:
    """Do something that makes history; where that would end a branch of it, ask first.

    Args:
        ctx: The open workspace.
        scope: What the act's undo belongs to.
        act: Does it, and returns what to say, or None.
        tone: How to say it.

    Returns:
        Whether it was done; False also while it waits for an answer.
    """
    author = state.author()
    n_dropped = history.dropped_by_next_act(ctx, scope, author)
    if not n_dropped:
        return acting(act, tone=tone)
    newest = history.next_redo(ctx, scope, author)
    st.session_state[state.HELD_ACT] = Held(act, n_dropped, newest.summary if newest else "")
    state.ask_full_rerun()
    return False


def undo(ctx: Context, scope: str) -> None:
    """Take back one's last act in a scope."""

    def act() -> str:
        undone = history.undo(ctx, scope, state.author())
        return f"Taken back: {undone}" if undone else "Nothing of yours to take back."

    acting(act, tone="info")


def redo(ctx: Context, scope: str) -> None:
    """Do again what one last took back in a scope."""

    def act() -> str:
        done = history.redo(ctx, scope, state.author())
        return f"Done again: {done}" if done else "Nothing to do again."

    acting(act, tone="info")


def buttons(ctx: Context, scope: str, *, key: str, before_undo: Callable[[], None] = lambda: None) -> None:
    """Draw Undo and Redo, each saying what it would do; `before_undo` is called right before anything is taken back."""

    def take_back() -> None:
        before_undo()
        undo(ctx, scope)

    author = state.author()
    back, again = history.next_undo(ctx, scope, author), history.next_redo(ctx, scope, author)
    st.button(
        "Undo",
        key=f"{key}_undo",
        icon=":material/undo:",
        disabled=back is None,
        help=f"Take back: {words.plain(back.summary)} (key Z)" if back else "Nothing of yours to take back.",
        on_click=take_back,
    )
    st.button(
        "Redo",
        key=f"{key}_redo",
        icon=":material/redo:",
        disabled=again is None,
        help=f"Do again: {words.plain(again.summary)} (key Shift+Z)" if again else "Nothing to do again.",
        on_click=lambda: redo(ctx, scope),
    )


def ask() -> None:
    """Open the question about an act that waits, where one does."""
    held = st.session_state.get(state.HELD_ACT)
    if held is not None:
        _question(held)


def _forget() -> None:
    st.session_state.pop(state.HELD_ACT, None)


@st.dialog("Start a new branch of history?", on_dismiss=_forget)
def _question(held: Held) -> None:
    state.hold_still()
    acts, them = words.count(held.n_dropped, "act"), "it" if held.n_dropped == 1 else "them"
    st.markdown(
        f"You took back {acts}, last “{words.plain(held.last)}”. Redo can still bring {them} back, but no longer "
        f"once you go on from here. The history keeps {them}."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(f"Keep {them}, do nothing", key="held_cancel"):
            _forget()
            st.rerun()
        if st.button("Go on from here", key="held_go", type="primary"):
            _forget()
            acting(held.act)
            st.rerun()
