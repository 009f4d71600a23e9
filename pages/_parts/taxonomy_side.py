"""What stands beside the tree: files to take away, the chosen node, and the versions."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.services import taxonomy
from core.services.context import Context
from core.services.taxonomy import TaxonomyView
from pages._parts import taxonomy_rows
from pages._shared import state, words

SHOWN = 12


def downloads(ctx: Context, version: int) -> None:
    """Buttons that make a file when pressed and hand it over."""
    with st.container(border=True, key="downloads"):
        st.markdown("#### Download")
        _download(
            "Taxonomy (CSV)",
            lambda: taxonomy.taxonomy_csv(ctx),
            f"taxonomy_v{version}.csv",
            "download_taxonomy",
            "Every category with its path, status and product count; old paths point at what replaced them.",
        )
        _download(
            "Product assignments (CSV)",
            lambda: taxonomy.assignments_csv(ctx),
            f"assignments_v{version}.csv",
            "download_assignments",
            "Every product with the category it is in, and who put it there.",
        )


def _download(label: str, make: Callable[[], Path], name: str, key: str, tip: str) -> None:
    st.download_button(
        label,
        data=lambda: make().read_bytes(),
        file_name=name,
        mime="text/csv",
        key=key,
        help=tip,
        width="stretch",
        icon=":material/download:",
        on_click="ignore",
    )


def node(view: TaxonomyView, node_id: str) -> None:
    """Say what is known of the chosen node, and offer to look into it."""
    with st.container(border=True, key="chosen_node"):
        st.caption(words.plain(taxonomy_rows.path_above(view, node_id)))
        st.markdown(f"### {words.plain(taxonomy_rows.name(view, node_id))}")
        below = view.counts.get(node_id, 0)
        direct = view.direct_counts.get(node_id, 0)
        apart = f", {direct:,} of them in no subcategory" if direct < below else ""
        st.markdown(f"**{below:,}** {'product' if below == 1 else 'products'}{apart}")
        if st.button("Discover subcategories", key="node_discover", icon=":material/search:"):
            st.switch_page("discover.py", query_params={state.CATEGORY: node_id})


def versions(ctx: Context) -> None:
    """Draw the versions, newest first."""
    st.subheader("Versions", anchor=False)
    known = [version for version in taxonomy.list_versions(ctx) if version.number > 1]  # the first is empty
    with st.container(border=True, key="versions", gap="small"):
        for version in known[:SHOWN]:
            added = f" · {words.count(version.n_added, 'category', 'categories')} added" if version.n_added else ""
            note = f"  \n{words.plain(version.note)}" if version.note else ""
            st.markdown(f"**Version {version.number}**{added}{note}")
            in_all = words.count(version.n_nodes - 1, "category", "categories")
            st.caption(f"{words.plain(version.author)} · {words.ago(version.created_at)} · {in_all} in all")
