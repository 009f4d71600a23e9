"""What stands beside the images: the map and the tree, and the history of the review."""

import streamlit as st

from core.services.context import Context
from core.services.grid_query import GridQuery, GridSource
from core.services.history import run_scope
from core.services.review import Review
from pages._parts import history_list, map_panel, review_acts, review_view
from pages._shared.layout import error_boundary
from pages._shared.map import MapAct

HISTORY = "History"


def draw(ctx: Context, review: Review, query: GridQuery) -> None:
    """Draw the side."""
    shown = st.segmented_control(
        "Beside the images",
        [map_panel.MAP, map_panel.TREE, HISTORY],
        default=map_panel.MAP,
        key="review_side",
        label_visibility="collapsed",
        required=True,
    )
    with error_boundary():
        if shown == HISTORY:
            history_list.draw(ctx, key=f"review_history_{review.run.id}", scope=run_scope(review.run.id))
        else:
            map_panel.draw(
                ctx,
                review,
                query.cluster_id,
                on_lasso=lambda act: _on_map(review, act),
                on_cut=lambda n_clusters: review_acts.recut(ctx, review, n_clusters),
                forget=review_view.n_opened(review.run.id),
                view=str(shown),
            )


def _on_map(review: Review, act: MapAct) -> None:
    if act.product_ids:
        review_view.show_products(review.run.id, act.product_ids, GridSource.CHOSEN)
    elif (home := review_view.home_cluster_id(review.run.id)) is not None:
        review_view.show_row(review.run.id, f"cluster:{home}")
