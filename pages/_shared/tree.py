"""A searchable tree of categories with their product counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

_FOLDER = Path(__file__).parent
_HTML = """
<div class="tree-root" data-testid="category-tree">
  <div class="search"><input type="search" placeholder="Search…" data-testid="tree-search" autocomplete="off"></div>
  <div class="list" role="tree"></div>
</div>
"""
_component = st.components.v2.component(
    "shelfwise_category_tree",
    html=_HTML,
    css=(_FOLDER / "tree.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "tree.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A node as the tree draws it; `parent_id` None stands at the top. Order among siblings is that given."""

    id: str
    parent_id: str | None
    name: str
    n_products: int
    badge: str = ""
    tone: Literal["", "new", "old"] = ""


def category_tree(
    rows: Sequence[TreeRow], *, key: str, label: str, selected: str | None, height: int = 420
) -> str | None:
    """Draw the tree and return the id of the chosen node.

    Args:
        rows: All nodes, in the order of their siblings.
        key: Widget key.
        label: What the tree is for, for a screen reader.
        selected: Node chosen before anybody clicks; an unknown id counts as none.
        height: Largest height of the list, in pixels.

    Returns:
        The chosen node's id, or None.
    """
    known = {row.id for row in rows}
    held = st.session_state.get(key)
    chosen = (held.get("selected") if held else None) or selected
    chosen = chosen if chosen in known else None
    nodes = [
        {"id": r.id, "parent": r.parent_id, "name": r.name, "count": r.n_products, "badge": r.badge, "tone": r.tone}
        for r in rows
    ]
    data = {"key": key, "label": label, "nodes": nodes, "selected": chosen, "height": height}
    result = _component(key=key, data=data, on_selected_change=lambda: None)
    answer = result.selected or chosen
    return answer if answer in known else None
