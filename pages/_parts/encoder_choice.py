"""What `auto` would take now, and why."""

from html import escape

import streamlit as st

from core.services.encoders import Choice, title_of


def draw(choice: Choice) -> None:
    """Draw the encoders chosen for images and for titles, and the reasons below them."""
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in choice.reasons)
    with st.container(border=True, key="encoder_choice", gap="xsmall"):
        st.html('<div class="sw-section">What auto takes now</div>')
        st.html(
            f'<div class="sw-auto">{_one("Images", choice.image_encoder)}{_one("Titles", choice.text_encoder)}'
            f"<ul>{reasons}</ul></div>"
        )


def _one(what: str, name: str | None) -> str:
    chosen = "<b>None</b>" if name is None else f"<b>{escape(title_of(name))}</b><code>{escape(name)}</code>"
    return f'<div><div class="sw-quiet">{what}</div>{chosen}</div>'
