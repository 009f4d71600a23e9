"""Nodes of a tree as the browser gets them: columns instead of rows, once for as long as nothing changes."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A node as the tree draws it; `parent_id` None stands at the top. Order among siblings is that given.

    `fixed`: "root" can only be added to and dropped on, "gone" is shown and left alone.
    """

    id: str
    parent_id: str | None
    name: str
    n_products: int
    badge: str = ""
    tone: Literal["", "new", "old"] = ""
    synonyms: tuple[str, ...] = ()
    revision: int = 0
    fixed: Literal["", "root", "gone"] = ""


FIXED = {"root": 1, "gone": 2}


@dataclass(frozen=True)
class TreeNodes:
    """All rows of a tree. Keep the object between runs: its payload is made once."""

    rows: tuple[TreeRow, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """Node id → its place among the rows."""
        return {row.id: place for place, row in enumerate(self.rows)}

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The columns, and a signature that changes with any of them."""
        rows, index = self.rows, self.index
        columns = {
            "ids": [row.id for row in rows],
            "parents": [-1 if row.parent_id is None else index.get(row.parent_id, -1) for row in rows],
            "names": [row.name for row in rows],
            "counts": [row.n_products for row in rows],
            "revisions": [row.revision for row in rows],
            "badges": {place: [row.badge, row.tone] for place, row in enumerate(rows) if row.badge},
            "synonyms": {place: list(row.synonyms) for place, row in enumerate(rows) if row.synonyms},
            "fixed": {place: FIXED[row.fixed] for place, row in enumerate(rows) if row.fixed},
        }
        return {"signature": f"{zlib.crc32(repr(columns).encode()):08x}-{len(rows)}", **columns}


def tree_nodes(rows: Sequence[TreeRow] | TreeNodes) -> TreeNodes:
    """Rows with their payload."""
    return rows if isinstance(rows, TreeNodes) else TreeNodes(tuple(rows))
