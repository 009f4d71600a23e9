"""How a version keeps all nodes: whole, or as what differs from an earlier one that is kept whole.

The stored list begins with a header, `{"columns": [...], "base": number or None}`; every further item is a node as its
values in the order of the columns, defaults at its end left out. Versions of before hold one dict a node.
"""

from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import Any

from core.domain.taxonomy import NodeStatus, TaxonomyNode

LARGEST_SHARE = 0.25
"""Up to this share of nodes changed, a snapshot is kept as its difference: one edit of 10,000 nodes is one row."""
_OFTEN_SET = ("id", "parent_id", "name", "external_id", "created_in_version")
_DEFAULT = {field.name: None if field.default is MISSING else field.default for field in fields(TaxonomyNode)}
N_REQUIRED = 3
COLUMNS = (*_OFTEN_SET, *(name for name in _DEFAULT if name not in _OFTEN_SET))


def write_snapshot(
    nodes: Sequence[TaxonomyNode], base: int | None = None, base_nodes: Sequence[TaxonomyNode] = ()
) -> list[Any]:
    """What a version stores.

    Args:
        nodes: All nodes as they are now.
        base: Number of a version that is kept whole, if any.
        base_nodes: Its nodes.

    Returns:
        The nodes that differ from the base, or all of them where there is none, too much differs, or one is gone.
    """
    if base is not None:
        old = {node.id: node for node in base_nodes}
        changed = [node for node in nodes if old.pop(node.id, None) != node]
        if not old and len(changed) <= LARGEST_SHARE * len(nodes):
            return [{"columns": COLUMNS, "base": base}, *map(_values, changed)]
    return [{"columns": COLUMNS, "base": None}, *map(_values, nodes)]


def base_of(snapshot: Sequence[Any]) -> int | None:
    """Number of the version that a snapshot is a difference from; None where it is whole."""
    return snapshot[0]["base"] if snapshot and "columns" in snapshot[0] else None


def read_snapshot(snapshot: Sequence[Any], base_nodes: Sequence[TaxonomyNode] = ()) -> tuple[TaxonomyNode, ...]:
    """All nodes of a version.

    Args:
        snapshot: What it stores.
        base_nodes: Nodes of the version that `base_of` names.
    """
    if not snapshot or "columns" not in snapshot[0]:
        return tuple(_node(values) for values in snapshot)
    columns = snapshot[0]["columns"]
    nodes = {node.id: node for node in base_nodes}
    for row in snapshot[1:]:
        node = _node(dict(zip(columns, row, strict=False)))
        nodes[node.id] = node
    return tuple(nodes.values())


def _values(node: TaxonomyNode) -> list[Any]:
    values = [getattr(node, name) for name in COLUMNS]
    while len(values) > N_REQUIRED and values[-1] == _DEFAULT[COLUMNS[len(values) - 1]]:
        values.pop()
    return values


def _node(values: dict[str, Any]) -> TaxonomyNode:
    for name in ("synonyms", "split_into"):
        if name in values:
            values = {**values, name: tuple(values[name])}
    return TaxonomyNode(**{**values, "status": NodeStatus(values.get("status", NodeStatus.APPROVED))})
