"""The tree of a run as a picture to cut in: point at a place, see how many clusters it gives, click."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from core.services.dendrogram_view import DendrogramView
from pages._shared import palette

_FOLDER = Path(__file__).parent
_HTML = """
<div class="cut-root" data-testid="cut-tree">
  <div class="head"><span class="now"></span><span class="wish"></span></div>
  <div class="stage" role="slider" tabindex="0" aria-orientation="horizontal">
    <svg aria-hidden="true"></svg>
    <div class="names"></div>
  </div>
  <div class="foot"></div>
</div>
"""
_component = st.components.v2.component(
    "shelfwise_cut_tree",
    html=_HTML,
    css=(_FOLDER / "dendrogram.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "dendrogram.js").read_text(encoding="utf-8"),
)


def tree_data(view: DendrogramView) -> dict[str, Any]:
    """A tree as the browser draws it."""
    layout = view.layout
    return {
        "branches": [
            {"label": item.label, "cluster": item.cluster, "size": item.size, "share": round(item.share, 3)}
            for item in view.branches
        ],
        "children": layout.children.tolist(),
        "places": [round(place, 5) for place in layout.places.tolist()],
        "sizes": layout.sizes.tolist(),
        "middles": layout.middles.tolist(),
        "fewest": layout.fewest,
        "n_outside": view.n_outside,
    }


def wanted_clusters(value: dict[str, Any] | None, k_range: tuple[int, int]) -> int | None:
    """How many clusters the browser asked for, within what can be cut; None where it asked for nothing."""
    if not value or not isinstance(value.get("k"), int):
        return None
    return min(max(value["k"], k_range[0]), k_range[1])


def cut_tree(
    view: DendrogramView,
    *,
    key: str,
    n_clusters: int,
    k_range: tuple[int, int],
    on_cut: Callable[[int], None] | None = None,
    n_acts: int = 0,
) -> None:
    """Draw the tree with the present cut.

    Args:
        view: The tree.
        key: Widget key.
        n_clusters: Clusters of the present cut.
        k_range: Fewest and most clusters that can be asked for.
        on_cut: Called before the next run with the wanted number of clusters.
        n_acts: Another number than before wakes the tree from its wait, whatever became of the act.
    """

    def heard() -> None:
        wanted = wanted_clusters(st.session_state[key].cut, k_range)
        if wanted is not None and on_cut is not None:
            on_cut(wanted)

    data = tree_data(view) | {
        "k": n_clusters,
        "k_range": [max(k_range[0], view.layout.fewest), min(k_range[1], view.layout.n_branches)],
        "line": view.layout.place_of_cut(n_clusters),
        "colours": palette.group_colours(),
        "quiet": palette.quiet_colours()[0],
        "n_acts": n_acts,
    }
    _component(key=key, data=data, on_cut_change=heard)
