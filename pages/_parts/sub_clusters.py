"""The sub-clusters of a cluster, in one row: keep those that deserve a category of their own."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus
from core.services.context import Context
from pages._shared import caches
from pages._shared.grid import thumb_url

PER_ROW, THUMBS = 4, 4


def _keep_key(child: Cluster) -> str:
    return f"keep_{child.id}"


def _name_key(child: Cluster) -> str:
    return f"subname_{child.id}_{child.revision}"


def _name(child: Cluster) -> str:
    return child.name or (child.suggested_names[0] if child.suggested_names else "")


def kept_names(children: Sequence[Cluster]) -> dict[int, str]:
    """Names of the sub-clusters that the curator ticked."""
    kept = [child for child in children if st.session_state.get(_keep_key(child))]
    return {child.id: str(st.session_state.get(_name_key(child)) or _name(child)).strip() for child in kept}


def draw(ctx: Context, children: Sequence[Cluster]) -> None:
    """Draw the sub-clusters: four images, a tick, a name and a size each."""
    open_children = [child for child in children if child.status is ClusterStatus.OPEN]
    key = f"subs_{children[0].parent_id}"
    with st.expander(f"{len(open_children)} sub-clusters", key=key, type="compact", on_change="rerun") as box:
        if not box.open:
            return
        st.caption("Tick those that deserve a category of their own below this one.")
        for start in range(0, len(open_children), PER_ROW):
            for column, child in zip(st.columns(PER_ROW), open_children[start : start + PER_ROW], strict=False):
                with column:
                    _one(ctx, child)


def _one(ctx: Context, child: Cluster) -> None:
    items, _total = caches.cluster_members(ctx, child, THUMBS)
    images = "".join(
        f'<img src="{escape(url)}" alt="" loading="lazy">' for item in items if (url := thumb_url(item.image_hash))
    )
    st.html(f'<div class="sw-strip">{images}</div>')
    st.checkbox(f"Keep · {child.size:,} products", key=_keep_key(child))
    st.text_input("Name of the sub-cluster", value=_name(child), key=_name_key(child), label_visibility="collapsed")
