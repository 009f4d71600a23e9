"""Differences of two states of the taxonomy: a short list, and the two side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import streamlit as st

from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.diff import KINDS, NodeChange, TaxonomyDiff, diff, readable
from core.taxonomy.tree import Taxonomy
from pages._shared import words

SHORT = 12
LONGEST = 400
TONES = {"added": "green", "restored": "green", "removed": "red", "deprecated": "red", "merged": "red", "split": "red"}
STYLE = Path(__file__).with_name("taxonomy_diff.css")


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A node before and after, None where it was not there; `said` is '' for one that is shown as context only."""

    depth: int
    before: TaxonomyNode | None
    after: TaxonomyNode | None
    kind: str = ""
    said: str = ""


def short(difference: TaxonomyDiff, taxonomy: Taxonomy) -> None:
    """List the first changes in words."""
    lines = []
    for kind, label in KINDS.items():
        for item in getattr(difference, kind):
            node = item.after if isinstance(item, NodeChange) else item
            what = readable(item.before, item.after, taxonomy.names) if isinstance(item, NodeChange) else label
            lines.append(f"- **{words.plain(node.name)}** {words.plain(what)}")
    unique = list(dict.fromkeys(lines))
    rest = f"\n- … and {len(unique) - SHORT} more" if len(unique) > SHORT else ""
    st.markdown("\n".join(unique[:SHORT]) + rest)


def side_by_side(old: Sequence[TaxonomyNode], new: Sequence[TaxonomyNode], titles: tuple[str, str]) -> None:
    """Draw two states beside each other, with what did not change folded away."""
    rows = list(diff_rows(old, new))
    if not any(isinstance(row, DiffRow) and row.said for row in rows):
        st.info("These two are the same.", icon=":material/check:")
        return
    cells = [f'<div class="head">{escape(title)}</div>' for title in titles]
    cells += [_cells(row) if isinstance(row, DiffRow) else _fold(row) for row in rows[:LONGEST]]
    if len(rows) > LONGEST:
        cells.append(f'<div class="fold">… and {len(rows) - LONGEST:,} more lines: see the migration file.</div>')
    st.html(STYLE)
    st.html(f'<div class="sw-diff" data-testid="taxonomy-diff">{"".join(cells)}</div>')


def diff_rows(old: Sequence[TaxonomyNode], new: Sequence[TaxonomyNode]) -> Iterator[DiffRow | int]:
    """Changed nodes and those above them in the order of the tree; a number stands for so many unchanged ones."""
    before, after = {node.id: node for node in old}, {node.id: node for node in new}
    tree = Taxonomy(new if len(after) >= len(before) or before.keys() <= after.keys() else old)
    kinds = _kinds(diff(old, new))
    shown = {above.id for node_id in kinds if node_id in tree for above in tree.path(node_id)}
    n_folded = 0
    for node in tree.walk(include_deprecated=True):
        if node.id not in shown:
            n_folded += node.status is not NodeStatus.DEPRECATED and node.parent_id is not None
            continue
        if n_folded:
            yield n_folded
            n_folded = 0
        one, two = before.get(node.id), after.get(node.id)
        said = readable(one, two, tree.names) if one and two and node.id in kinds else kinds.get(node.id, "")
        yield DiffRow(tree.depth(node.id) - 1, one, two, kinds.get(node.id, ""), said)
    if n_folded:
        yield n_folded


def _kinds(difference: TaxonomyDiff) -> dict[str, str]:
    """Node id → the weightiest kind of its changes."""
    found: dict[str, str] = {}
    for kind in KINDS:
        for item in getattr(difference, kind):
            node = item.after if isinstance(item, NodeChange) else item
            found[node.id] = kind if kind in TONES or node.id not in found else found[node.id]
    return found


def _cells(row: DiffRow) -> str:
    indent = f' style="padding-left:{10 + 18 * row.depth}px"'
    tone = TONES.get(row.kind, "amber" if row.said else "plain")
    left, right = (node if node and (row.said or not _is_gone(node)) else None for node in (row.before, row.after))
    if tone == "green":
        left = None
    struck = right is not None and _is_gone(right)
    said = f"<small>{escape(row.said)}</small>" if row.said else ""
    old = f'<div class="{tone}"{indent}>{escape(left.name)}</div>' if left else "<div></div>"
    name = escape(right.name) if right else ""
    name = f"<s>{name}</s>" if struck else name
    return old + (f'<div class="{tone}"{indent}>{name}{said}</div>' if right else f"<div>{said}</div>")


def _fold(n_nodes: int) -> str:
    return f'<div class="fold">{words.count(n_nodes, "unchanged category", "unchanged categories")}</div>'


def _is_gone(node: TaxonomyNode) -> bool:
    return node.status is NodeStatus.DEPRECATED
