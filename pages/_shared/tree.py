"""A searchable tree of categories with their product counts: to choose from, or to edit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from pages._shared.tree_nodes import TreeNodes, TreeRow, tree_nodes

__all__ = ["TreeAct", "TreeNodes", "TreeRow", "category_tree", "choose", "target_tree", "taxonomy_tree"]

_FOLDER = Path(__file__).parent
_SCRIPTS = ("tree_index.js", "tree_row.js", "tree_keys.js", "tree_drag.js", "tree_naming.js", "tree.js")
_HTML = """
<div class="tree-root" data-testid="category-tree">
  <div class="search">
    <input type="search" placeholder="Search…" data-testid="tree-search" autocomplete="off" spellcheck="false">
    <span class="status" role="status" data-testid="tree-status"></span>
  </div>
  <div class="list" role="tree" tabindex="0" data-testid="tree-list"><div class="canvas" role="none"></div></div>
  <div class="keys" hidden>
    <span><kbd>F2</kbd> rename</span><span><kbd>Ins</kbd> add below</span><span><kbd>Del</kbd> take out of use</span>
    <span><kbd>Alt</kbd> <kbd>↑</kbd><kbd>↓</kbd> reorder</span><span><kbd>Ctrl</kbd> or <kbd>Shift</kbd> several</span>
    <span>drag to move</span>
  </div>
</div>
"""
_component = st.components.v2.component(
    "shelfwise_category_tree",
    html=_HTML,
    css=(_FOLDER / "tree.css").read_text(encoding="utf-8"),
    # One module: the scripts of a component cannot import each other.
    js="\n".join((_FOLDER / script).read_text(encoding="utf-8") for script in _SCRIPTS),
)
_CHOICE = "_tree_{key}"


@dataclass(frozen=True, slots=True)
class TreeAct:
    """What somebody did in a tree: rename, add, deprecate, reorder or drop.

    Attributes:
        act: Which of them.
        node_ids: On which nodes.
        revisions: Node id → revision as the tree showed it.
        name: The name typed, for rename and add.
        index: The new place among the siblings, for reorder.
        target: The node dropped on.
    """

    act: str
    node_ids: tuple[str, ...]
    revisions: Mapping[str, int]
    name: str = ""
    index: int = 0
    target: str = ""


@dataclass(slots=True)
class _Choice:
    """What Python chose last, under a number that the browser repeats: so neither takes the other's word for newer."""

    token: int = 0
    node_ids: list[str] = field(default_factory=list)
    latest: list[str] = field(default_factory=list)


def category_tree(
    rows: Sequence[TreeRow] | TreeNodes, *, key: str, label: str, selected: str | None, height: int = 420
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
    nodes = tree_nodes(rows)
    held = st.session_state.get(key)
    chosen = (held.get("selected") if held else None) or selected
    chosen = chosen if chosen in nodes.index else None
    choice = {"token": chosen or "", "ids": [chosen] if chosen else []}
    data = _data(nodes, key, label, height, choice, None, edits=False)
    result = _component(key=key, data=data, on_selected_change=lambda: None)
    answer = result.selected or chosen
    return answer if answer in nodes.index else None


def target_tree(
    rows: Sequence[TreeRow] | TreeNodes,
    *,
    key: str,
    label: str,
    about: str,
    on_choose: Callable[[str], None],
    marked: str | None = None,
    hint: str = "Search…",
    height: int = 240,
) -> None:
    """Draw a search that opens the tree, to send something somewhere: every choice is an act.

    Args:
        rows: All nodes, in the order of their siblings.
        key: Widget key.
        label: What the tree is for, for a screen reader.
        about: What would be sent. Something else clears the search and brings `marked` into sight.
        on_choose: Called before the next run with the id of the node chosen.
        marked: Node that stands out, such as the one it is at; an unknown id counts as none.
        hint: What the empty field says.
        height: Largest height of the list, in pixels.
    """
    nodes = tree_nodes(rows)

    def heard() -> None:
        value = st.session_state[key].act
        if value and value["ids"] and value["ids"][0] in nodes.index:
            on_choose(str(value["ids"][0]))

    choice = {"token": about, "ids": [marked] if marked in nodes.index else []}
    data = _data(nodes, key, label, height, choice, None, edits=False) | {"sends": True, "hint": hint}
    _component(key=key, data=data, on_act_change=heard)


def taxonomy_tree(
    rows: Sequence[TreeRow] | TreeNodes,
    *,
    key: str,
    label: str,
    on_act: Callable[[TreeAct], None],
    kept: Sequence[str] | None = None,
    height: int = 620,
) -> tuple[str, ...]:
    """Draw the tree for editing and return the ids of the chosen nodes.

    Args:
        rows: All nodes, in the order of their siblings.
        key: Widget key.
        label: What the tree is for, for a screen reader.
        on_act: Called before the next run with what was done.
        kept: Nodes to show, with those above them; None shows all that are in use.
        height: Largest height of the list, in pixels.

    Returns:
        Ids of the chosen nodes, in the order in which they were chosen.
    """
    nodes = tree_nodes(rows)
    choice = _choice(key)
    chosen = [node_id for node_id in _chosen(key, choice) if node_id in nodes.index]
    shown = None if kept is None else [nodes.index[node_id] for node_id in kept if node_id in nodes.index]

    def heard() -> None:
        value = st.session_state[key].act
        if value:
            on_act(_read_act(value))

    sent = {"token": choice.token, "ids": choice.node_ids}
    data = _data(nodes, key, label, height, sent, shown, edits=True)
    result = _component(key=key, data=data, on_selected_change=lambda: None, on_act_change=heard)
    held = result.selected
    if held and held.get("token") == choice.token:
        chosen = [node_id for node_id in held["ids"] if node_id in nodes.index]
    choice.latest = chosen
    return tuple(chosen)


def choose(key: str, node_ids: Sequence[str]) -> None:
    """Choose nodes of an editable tree, and bring the first into sight, on the next run."""
    choice = _choice(key)
    choice.token, choice.node_ids, choice.latest = choice.token + 1, list(node_ids), list(node_ids)


def _choice(key: str) -> _Choice:
    return st.session_state.setdefault(_CHOICE.format(key=key), _Choice())


def _chosen(key: str, choice: _Choice) -> list[str]:
    held = st.session_state.get(key)
    told = held.get("selected") if held else None
    if told and told.get("token") == choice.token:
        return list(told["ids"])
    if not told and choice.latest != choice.node_ids:  # another page was open meanwhile: the browser starts afresh
        choice.token, choice.node_ids = choice.token + 1, choice.latest
    return choice.node_ids


def _data(
    nodes: TreeNodes,
    key: str,
    label: str,
    height: int,
    choice: dict[str, Any],
    kept: list[int] | None,
    *,
    edits: bool,
) -> dict[str, Any]:
    return {"key": key, "label": label, "nodes": nodes.payload, "choice": choice, "height": height, "kept": kept,
            "edits": edits}  # fmt: skip


def _read_act(value: Mapping[str, Any]) -> TreeAct:
    return TreeAct(
        str(value["act"]),
        tuple(str(node_id) for node_id in value["ids"]),
        {str(node_id): int(revision) for node_id, revision in value["revisions"].items()},
        str(value.get("name") or ""),
        int(value.get("index") or 0),
        str(value.get("target") or ""),
    )
