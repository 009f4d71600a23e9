"""The bones every page shares: header, empty state, metrics, and what happens when something fails."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import streamlit as st

from core.domain.errors import AppError
from pages._shared import state, words

logger = logging.getLogger("shelfwise.pages")
STYLE = Path(__file__).with_name("theme.css")
COLOURS = {
    "primary-color": "primaryColor",
    "link-color": "linkColor",
    "background-color": "backgroundColor",
    "secondary-background-color": "secondaryBackgroundColor",
    "border-color": "borderColor",
    "gray-text-color": "grayColor",
    "green-color": "greenColor",
}
TOAST_ICONS: dict[state.Tone, str] = {
    "success": ":material/check_circle:",
    "info": ":material/undo:",
    "warning": ":material/info:",
    "error": ":material/error:",
}
CALM = "Something went wrong on our side; nothing you did was lost. The details are in the server's log."


def apply_style() -> None:
    """Add the few rules that the theme file cannot express, in the colours of the appearance chosen."""
    appearance = st.context.theme.type or "light"
    colours = {name: st.get_option(f"theme.{appearance}.{option}") for name, option in COLOURS.items()}
    variables = "".join(f"--sw-{name}: {value};" for name, value in colours.items())
    st.html(f"<style>:root {{ {variables} }}\n{_style()}</style>")


@cache
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")


def use_full_width() -> None:
    """Give the page the width of the window, as a workspace needs it; others keep to a column that reads well."""
    st.html("<style>[data-testid='stMainBlockContainer'] { max-width: 2400px; padding: 1.1rem 1.6rem 2rem; }</style>")


def page_header(title: str, purpose: str = "") -> None:
    """Draw the page's title, one line on what it is for, and what the last act has to say."""
    st.title(title, anchor=False)
    if purpose:
        st.caption(purpose)
    show_flashes()


def show_flashes() -> None:
    """Say what the last act left to say: successes pass by; faults stay, and pass by where one has scrolled to."""
    with st.container(key="flashes"):  # there with or without a fault, so that nothing below it changes its place
        for flash in state.take_flashes():
            st.toast(words.plain(flash.message), icon=TOAST_ICONS[flash.tone])
            if flash.tone in ("warning", "error"):
                show_problem(flash.message, flash.remedy, is_error=flash.tone == "error")


def show_problem(message: str, remedy: str, is_error: bool = True) -> None:
    """Draw what happened and the one thing to do about it; both are plain text, never formatting."""
    (st.error if is_error else st.warning)(
        f"**{words.plain(message)}**" + (f"\n\n{words.plain(remedy)}" if remedy else ""),
        icon=":material/error:" if is_error else ":material/info:",
    )


def empty_state(title: str, text: str, page: str, label: str, icon: str = ":material/inbox:") -> None:
    """Say why there is nothing here yet, and lead to what brings it.

    Args:
        title: What is missing, in a few words.
        text: Why, in one sentence.
        page: File of the page to go to, such as `discover.py`.
        label: What the link does.
        icon: A Material symbol.
    """
    with st.container(border=True, key="empty_state", horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"### {icon} {title}", text_alignment="center")
        st.markdown(text, text_alignment="center")
        if st.button(label, key="empty_state_go", type="primary"):
            st.switch_page(page)
        st.space("small")


def metric_row(figures: Sequence[tuple[str, str, str | None]]) -> None:
    """Draw figures side by side: label, value, and help where there is any."""
    for column, (label, value, tip) in zip(st.columns(len(figures), gap="medium"), figures, strict=True):
        column.metric(label, value, help=tip)


@contextmanager
def error_boundary() -> Iterator[None]:
    """Turn a fault inside the block into a message with its remedy; log what nobody foresaw."""
    try:
        yield
    except AppError as fault:
        show_problem(fault.message, fault.remedy)
    except Exception:
        logger.exception("A page failed")
        show_problem(CALM, "Reload the page; if it happens again, restart Shelfwise.")


def acting(act: Callable[[], str | None], *, reaches_page: bool = True, tone: state.Tone = "success") -> bool:
    """Do something for the curator and leave word of how it went for the next run.

    Args:
        act: Does it, and returns what to say, or None.
        reaches_page: Whether more than the present fragment must be redrawn.
        tone: How to say it.

    Returns:
        Whether it was done; False also while it waits for the name of whoever acts.
    """
    if state.held_for_name(lambda: acting(act, reaches_page=reaches_page, tone=tone)):
        return False
    try:
        message = act()
    except AppError as fault:
        state.flash(fault.message, "error", fault.remedy)
        state.ask_full_rerun()
        return False
    except Exception:
        logger.exception("An act failed")
        state.flash(CALM, "error", "Try again; if it happens again, restart Shelfwise.")
        state.ask_full_rerun()
        return False
    if message:
        state.flash(message, tone)
    if reaches_page:
        state.ask_full_rerun()
    return True
