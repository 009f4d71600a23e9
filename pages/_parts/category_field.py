"""A searchable field of every category that can hold products."""

from collections.abc import Callable

import streamlit as st

from core.services.context import Context
from pages._shared import caches


def draw(ctx: Context, label: str, *, key: str, placeholder: str, on_change: Callable[[], None]) -> str | None:
    """Draw the field, empty at first.

    Args:
        ctx: The workspace.
        label: What is asked.
        key: Of the widget; its state is the node id chosen, or None.
        placeholder: What an empty field says.
        on_change: Called once something else is chosen.

    Returns:
        The node id chosen, or None.
    """
    paths = caches.node_paths(ctx)
    return st.selectbox(
        label,
        list(paths),
        index=None,
        format_func=lambda known: paths[known],
        placeholder=placeholder,
        key=key,
        on_change=on_change,
    )
