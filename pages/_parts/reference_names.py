"""Reference taxonomies: bring one in, and clusters are offered its names."""

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from core.services import reference
from core.services.context import Context
from pages._shared import state, words
from pages._shared.layout import acting


def draw(ctx: Context) -> None:
    """Draw the imported taxonomies and a field to bring in another."""
    st.subheader("Reference taxonomies", anchor=False)
    with st.container(border=True, key="references", gap="small"):
        st.caption("New clusters are offered names from these. They never change your own taxonomy.")
        for found in reference.list_references(ctx):
            with st.container(horizontal=True, vertical_alignment="center"):
                count = words.count(found.n_nodes, "category", "categories")
                st.markdown(f"**{words.plain(found.label)}** · {count}", width="stretch")
                st.button(
                    "Remove",
                    key=f"reference_remove_{found.name}",
                    type="tertiary",
                    on_click=lambda name=found.name: _remove(ctx, name),
                )
        st.file_uploader(
            "Google's 'taxonomy-with-ids' text, or Shopify's CSV",
            type=["txt", "csv"],
            key="reference_file",
            on_change=lambda: _import(ctx),
        )


def _remove(ctx: Context, name: str) -> None:
    acting(lambda: reference.remove_reference(ctx, name, state.author()) or "Removed.")


def _import(ctx: Context) -> None:
    upload = st.session_state.get("reference_file")
    if upload is None:
        return

    def act() -> str:
        with TemporaryDirectory() as folder:
            file_path = Path(folder) / Path(upload.name).name  # the name tells the version and the language
            file_path.write_bytes(upload.getvalue())
            found = reference.import_reference(ctx, file_path, state.author())
        return f"{found.label}: {words.count(found.n_nodes, 'name')} at hand for the next discovery or cut."

    acting(act)
