"""Begin with a published taxonomy, or bring back an exported one."""

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from core.domain.product import parse_path
from core.services import reference
from core.services.context import Context
from core.services.starting_taxonomy import start_from_reference
from core.services.taxonomy_import import import_taxonomy
from pages._shared import state, words
from pages._shared.layout import acting

WHICH, BRANCH, FILE, REPLACE = "start_reference", "start_branch", "taxonomy_file", "taxonomy_replace"


def draw(ctx: Context) -> None:
    """Draw both."""
    st.subheader("Import", anchor=False)
    with st.container(border=True, key="taxonomy_start"):
        _published(ctx)
    with st.container(border=True, key="taxonomy_import"):
        _exported(ctx)


def _published(ctx: Context) -> None:
    known = {found.name: found for found in reference.list_references(ctx)}
    st.markdown("**Begin with a published taxonomy**")
    if not known:
        st.caption("Bring in Google's or Shopify's file below, and its categories can become yours, all or one branch.")
        return
    which = st.selectbox("Which", list(known), key=WHICH, format_func=lambda name: known[name].label)
    st.text_input("Only this branch", key=BRANCH, placeholder="Such as Apparel & Accessories > Shoes; empty takes all")
    count = words.count(known[which].n_nodes, "category", "categories")
    st.caption(f"Categories you have stay as they are; missing ones are added, up to {count}. You can undo it.")
    st.button("Add its categories", key="start_go", icon=":material/account_tree:", on_click=lambda: _start(ctx, which))


def _start(ctx: Context, which: str) -> None:
    def act() -> str:
        branch = parse_path(str(st.session_state.get(BRANCH) or ""))
        done = start_from_reference(ctx, which, state.author(), branch)
        added = words.count(done.n_added, "category", "categories")
        return f"{added} added, {done.n_kept:,} were there: taxonomy version {done.version}."

    acting(act)


def _exported(ctx: Context) -> None:
    st.markdown("**Import a taxonomy file**")
    st.file_uploader(
        "CSV, JSON or SKOS that was downloaded here, edited since or not", type=["csv", "json", "ttl"], key=FILE
    )
    st.checkbox(
        "Take categories that the file lacks out of use",
        key=REPLACE,
        help="They stay in the history and point at the category above them. Else they stay as they are.",
    )
    is_there = st.session_state.get(FILE) is not None
    st.button("Import", key="taxonomy_import_go", disabled=not is_there, on_click=lambda: _import(ctx))


def _import(ctx: Context) -> None:
    upload = st.session_state.get(FILE)
    if upload is None:
        return

    def act() -> str:
        with TemporaryDirectory() as folder:
            file_path = Path(folder) / Path(upload.name).name  # its ending tells the format
            file_path.write_bytes(upload.getvalue())
            done = import_taxonomy(ctx, file_path, state.author(), replace=bool(st.session_state.get(REPLACE)))
        return f"{done.summary}: taxonomy version {done.version}."

    acting(act)
