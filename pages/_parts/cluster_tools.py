"""The rarer acts on a cluster: split it, or merge it with another."""

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus
from core.services.cluster_split import preview_split
from core.services.context import Context
from core.services.review import Review
from pages._parts import review_acts
from pages._parts.cluster_names import label
from pages._shared import words
from pages._shared.layout import error_boundary

MOST_PARTS = 8


def draw(ctx: Context, review: Review, cluster: Cluster) -> None:
    """Draw the menu."""
    with st.popover(
        "", icon=":material/more_horiz:", key="cluster_tools", help="Split or merge", on_change="rerun"
    ) as box:
        if box.open:
            with error_boundary():
                _split(ctx, review, cluster)
            st.divider()
            _merge(ctx, review, cluster)


def _split(ctx: Context, review: Review, cluster: Cluster) -> None:
    st.markdown("**Split** at the next joint of the tree, or into more parts.")
    n_parts = st.slider("Parts", 2, MOST_PARTS, 2, key=f"split_parts_{cluster.id}")
    parts = preview_split(ctx, review.run.id, cluster.id, n_parts)
    lines = [f"- {words.plain(part.suggested_name)} · {part.size:,}" for part in parts]
    st.markdown("\n".join(lines))
    st.button(
        f"Split into {len(parts)}",
        key="split_open",
        icon=":material/call_split:",
        on_click=lambda: review_acts.split(ctx, review, cluster, n_parts),
    )


def _merge(ctx: Context, review: Review, cluster: Cluster) -> None:
    others = [
        c for c in review.clusters if c.level == cluster.level and c.id != cluster.id and c.status is ClusterStatus.OPEN
        and c.parent_id == cluster.parent_id
    ]  # fmt: skip
    by_id = {c.id: c for c in others}
    chosen = st.multiselect(
        "Merge with",
        list(by_id),
        format_func=lambda cluster_id: label(by_id[cluster_id]),
        key=f"merge_with_{cluster.id}",
        placeholder="Choose clusters",
    )
    st.button(
        "Merge",
        key="merge_open",
        icon=":material/call_merge:",
        disabled=not chosen,
        on_click=lambda: review_acts.merge(ctx, review, [cluster.id, *chosen]),
        help="In the list on the left, Ctrl+click picks several clusters to merge.",
    )
