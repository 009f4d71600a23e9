"""The picture beside the grid: the run's products on a map, or its tree to cut in."""

from collections.abc import Callable

import streamlit as st

from core.services.context import Context
from core.services.dendrogram_view import DendrogramView, open_dendrogram
from core.services.review import Review
from core.services.run_map import MapColour
from pages._shared import caches, words
from pages._shared.dendrogram import cut_tree
from pages._shared.layout import error_boundary
from pages._shared.map import MapAct, cluster_map

MAP, TREE = "Map", "Tree"
COLOUR_NAMES = {
    MapColour.CLUSTER: "Cluster",
    MapColour.PLATFORM: "Platform",
    MapColour.CONFIDENCE: "Confidence",
    MapColour.LABEL: "Present category",
}


def draw(
    ctx: Context,
    review: Review,
    cluster_id: int | None,
    *,
    on_lasso: Callable[[MapAct], None],
    on_cut: Callable[[int], None],
    forget: int = 0,
    height: int = 420,
    view: str = MAP,
) -> None:
    """Draw the map or the tree.

    Args:
        ctx: The open workspace.
        review: The run under review.
        cluster_id: The open cluster, which stands out; None for none.
        on_lasso: Called with what somebody drew around or clicked on, or that they took it back.
        on_cut: Called with the wanted number of clusters.
        forget: Another number than before makes the map forget what was drawn around.
        height: Of the map, in pixels.
        view: `MAP` or `TREE`.
    """
    run_id = review.run.id
    with st.container(key="map_panel", gap="small"), error_boundary():
        if view == MAP:
            colour = st.selectbox(
                "Colour by",
                list(MapColour),
                format_func=lambda choice: f"by {COLOUR_NAMES[choice].lower()}",
                key=f"map_colour_{run_id}",
                label_visibility="collapsed",
            )
            cluster_map(run_id, key=f"map_{run_id}", colour=colour, revision="/".join(caches.revision(ctx)[1:]),
                        open_cluster=cluster_id, on_act=on_lasso, forget=forget, height=height)  # fmt: skip
        else:
            _tree(ctx, review, on_cut)


def _tree(ctx: Context, review: Review, on_cut: Callable[[int], None]) -> None:
    view = _dendrogram(ctx, caches.revision(ctx), review.run.id, review.k_current)
    if len(view.branches) < 2:
        st.caption(f"This run has no tree to cut: {words.count(review.run.n_products, 'product')} in one branch.")
        return
    acts_key = f"_tree_acts_{review.run.id}"

    def heard(wanted: int) -> None:
        st.session_state[acts_key] = st.session_state.get(acts_key, 0) + 1
        on_cut(wanted)

    cut_tree(view, key=f"tree_{review.run.id}", n_clusters=review.k_current, k_range=review.k_range, on_cut=heard,
             n_acts=st.session_state.get(acts_key, 0))  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=8)
def _dendrogram(_ctx: Context, key: tuple[str, str], run_id: int, n_clusters: int) -> DendrogramView:
    return open_dendrogram(_ctx, run_id, n_clusters)
