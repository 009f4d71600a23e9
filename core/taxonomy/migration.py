"""Where every category of one version is in another: what those who stored the old paths need to follow."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.domain.product import format_path
from core.domain.taxonomy import TaxonomyNode
from core.taxonomy.cells import join_values, whole_file, write_rows
from core.taxonomy.diff import is_retired, way_out
from core.taxonomy.restoring import rollback
from core.taxonomy.tree import Taxonomy

COLUMNS = ("old_path", "new_paths", "kind", "node_id", "new_node_ids", "n_products")
FORMAT = "shelfwise-migration"
FORMAT_VERSION = 1
NamesPath = tuple[str, ...]


class ChangeKind(StrEnum):
    """What became of a category; the value is what people read."""

    UNCHANGED = "unchanged"
    RENAMED = "renamed"
    MOVED = "moved"
    RENAMED_AND_MOVED = "renamed and moved"
    MERGED = "merged"
    SPLIT = "split"
    DEPRECATED = "deprecated"
    ADDED = "added"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """One category in both versions. Its identity is the node id; paths are names from below the root.

    `old_path` is empty for a category that the old version did not have in use. `new_paths` and `new_node_ids` are of
    the categories that hold its products now: itself, or what replaced it; the first one is where products go by
    themselves. `kind` is "renamed" or "moved" also where that happened to a category above it, so that an unchanged
    category has an unchanged path.
    """

    node_id: str
    old_path: NamesPath
    new_paths: tuple[NamesPath, ...]
    new_node_ids: tuple[str, ...]
    kind: ChangeKind
    n_products: int


def migration(
    before: Iterable[TaxonomyNode], after: Iterable[TaxonomyNode], n_products: Mapping[str, int]
) -> list[MigrationRow]:
    """Map every category in use in one version to where it is in another.

    Args:
        before: All nodes of the version that is left; it may be the newer one.
        after: All nodes of the version that is reached.
        n_products: Products at or below each node id now; missing means none.

    Returns:
        First the categories of `before` in the order of its tree, then those that only `after` has in use. A category
        that is unknown to `after` maps to where a rollback would put it: the nearest one above it.

    Raises:
        TaxonomyError: If either is no tree, or replacements lead in a circle.
    """
    old, known = Taxonomy(before), tuple(after)
    unknown = {node.id for node in old.nodes} - {node.id for node in known}
    new = Taxonomy(rollback(old, known))
    rows = [
        _row_of_old(old, new, node, _kind(old, new, node.id, is_unknown=node.id in unknown), n_products)
        for node in _in_use(old)
    ]
    fresh = [node for node in _in_use(new) if node.id not in old or is_retired(old.node(node.id))]
    return rows + [
        MigrationRow(
            node_id=node.id,
            old_path=(),
            new_paths=(new.names(node.id),),
            new_node_ids=(node.id,),
            kind=ChangeKind.RESTORED if node.id in old else ChangeKind.ADDED,
            n_products=n_products.get(node.id, 0),
        )
        for node in fresh
    ]


def live_replacements(taxonomy: Taxonomy, node_id: str) -> tuple[TaxonomyNode, ...]:
    """What a node has become: itself while in use, else the ends of its replacements and of all its parts, each once.

    Raises:
        NodeNotFoundError: If there is no such node.
        TaxonomyError: If the replacements lead in a circle.
    """
    found: dict[str, TaxonomyNode] = {}
    waiting, passed = [node_id], set()
    while waiting:
        node = taxonomy.node(waiting.pop())
        if not is_retired(node):
            found.setdefault(node.id, node)
        elif node.id not in passed:
            passed.add(node.id)
            waiting.extend(reversed(node.split_into or _one(node.replaced_by)))
    if not found:
        taxonomy.replacement(node_id)  # says so where the chain is a circle
    return tuple(found.values())


def write_migration_csv(file_path: Path, rows: Iterable[MigrationRow]) -> int:
    """Write a migration as UTF-8 CSV, whole or not at all.

    Names of a path are joined by ` > `, which no name holds. Several new paths, and their node ids, stand in one cell
    as `core.taxonomy.cells.join_values` puts them: parted by `|`, a `|` in a name has a backslash before it. An empty
    new path is the top of the taxonomy, which has no path.

    Returns:
        Number of rows.
    """
    return write_rows(file_path, COLUMNS, (_cells(row) for row in rows))


def write_migration_json(file_path: Path, rows: Iterable[MigrationRow], from_version: int, to_version: int) -> int:
    """Write a migration as one JSON document, whole or not at all; paths are lists of names.

    Returns:
        Number of rows.
    """
    listed = [
        {
            "old_path": list(row.old_path),
            "new_paths": [list(path) for path in row.new_paths],
            "kind": str(row.kind),
            "node_id": row.node_id,
            "new_node_ids": list(row.new_node_ids),
            "n_products": row.n_products,
        }
        for row in rows
    ]
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "from_version": from_version, "to_version": to_version}
    with whole_file(file_path) as stream:
        json.dump({**head, "rows": listed}, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
    return len(listed)


def _row_of_old(
    old: Taxonomy, new: Taxonomy, node: TaxonomyNode, kind: ChangeKind, n_products: Mapping[str, int]
) -> MigrationRow:
    became = live_replacements(new, node.id)
    return MigrationRow(
        node_id=node.id,
        old_path=old.names(node.id),
        new_paths=tuple(new.names(each.id) for each in became),
        new_node_ids=tuple(each.id for each in became),
        kind=kind,
        n_products=n_products.get(node.id, 0),
    )


def _kind(old: Taxonomy, new: Taxonomy, node_id: str, *, is_unknown: bool) -> ChangeKind:
    if is_retired(new.node(node_id)):
        return ChangeKind.DEPRECATED if is_unknown else ChangeKind(way_out(new.node(node_id)))
    before = {node.id: node.name for node in old.path(node_id)}
    after = {node.id: node.name for node in new.path(node_id)}
    is_renamed = any(before[key] != after[key] for key in before.keys() & after.keys())
    is_moved = list(before) != list(after)
    if is_renamed and is_moved:
        return ChangeKind.RENAMED_AND_MOVED
    if is_renamed:
        return ChangeKind.RENAMED
    return ChangeKind.MOVED if is_moved else ChangeKind.UNCHANGED


def _in_use(taxonomy: Taxonomy) -> Iterator[TaxonomyNode]:
    return (node for node in taxonomy.walk() if node is not taxonomy.root)


def _one(node_id: str | None) -> tuple[str, ...]:
    return () if node_id is None else (node_id,)


def _cells(row: MigrationRow) -> list[str | int]:
    return [
        format_path(row.old_path),
        join_values(format_path(path) for path in row.new_paths),
        str(row.kind),
        row.node_id,
        join_values(row.new_node_ids),
        row.n_products,
    ]
