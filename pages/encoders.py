import streamlit as st

from core.services import encoders
from pages._parts import encoder_choice, encoder_row
from pages._shared import caches, layout

SECTIONS = (
    ("Learn from this catalogue", "Nothing to fetch: they are trained here, on your own titles and images.", True),
    (
        "Pretrained",
        "They know the world before they see your catalogue, once their weights are on this machine.",
        False,
    ),
)


def page() -> None:
    """Draw the page."""
    ctx = caches.context()
    layout.page_header(
        "Encoders",
        "They turn titles and images into figures that can be compared. Shelfwise downloads nothing by itself.",
    )
    encoder_choice.draw(encoders.automatic_choice(ctx))
    known = encoders.list_encoders(ctx)
    for title, text, is_trained_here in SECTIONS:
        st.subheader(title, anchor=False)
        st.caption(text)
        with st.container(border=True, key=f"encoders_{'own' if is_trained_here else 'pretrained'}", gap="small"):
            shown = [status for status in known if status.card.is_trained_here is is_trained_here]
            st.html("".join(encoder_row.row(status) for status in shown))


page()
