"""Taxonomies and assignments as CSV that a spreadsheet opens safely, and taxonomies back again."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.domain.errors import CatalogueFormatError
from core.domain.product import format_path
from core.domain.taxonomy import AssignmentSource, NodeStatus, TaxonomyNode
from core.taxonomy.cells import join_values, restored, split_values, write_rows
from core.taxonomy.tree import Taxonomy

NEEDED_COLUMNS = (
    "node_id",
    "path",
    "parent_id",
    "level",
    "name",
    "status",
    "n_products",
    "created_in_version",
    "replaced_by",
)
TAXONOMY_COLUMNS = (*NEEDED_COLUMNS, "description", "synonyms", "external_id", "split_into", "position")
ASSIGNMENT_COLUMNS = ("product_id", "platform", "title", "path", "node_id", "source", "confidence")


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """Where one product is. `path` holds names; `confidence` is None where a person said so."""

    product_id: str
    platform: str
    title: str
    path: tuple[str, ...]
    node_id: str
    source: AssignmentSource
    confidence: float | None


def taxonomy_rows(nodes: Iterable[TaxonomyNode], n_products: Mapping[str, int]) -> list[dict[str, Any]]:
    """One row per node below the root, deprecated ones included, parents first and siblings in their order.

    Args:
        nodes: All nodes of the taxonomy.
        n_products: Products directly at each node id; missing means none.

    Returns:
        Dictionaries with the keys of `TAXONOMY_COLUMNS`. `n_products` counts the whole subtree; the `parent_id` of a
        level-1 node is empty, as the root has no row.

    Raises:
        TaxonomyError: If the nodes are no tree.
    """
    taxonomy = Taxonomy(nodes)
    in_order = [node for node in taxonomy.walk(include_deprecated=True) if node is not taxonomy.root]
    below = dict(n_products)
    for node in reversed(in_order):  # children come before their parents this way round
        if node.parent_id is not None:
            below[node.parent_id] = below.get(node.parent_id, 0) + below.get(node.id, 0)
    paths: dict[str | None, tuple[str, ...]] = {taxonomy.root.id: ()}
    rows = []
    for node in in_order:
        paths[node.id] = (*paths[node.parent_id], node.name)
        is_top = node.parent_id == taxonomy.root.id
        rows.append(_row(replace(node, parent_id="") if is_top else node, paths[node.id], below.get(node.id, 0)))
    return rows


def write_taxonomy_csv(file_path: Path, nodes: Iterable[TaxonomyNode], n_products: Mapping[str, int]) -> int:
    """Write `taxonomy_rows` as UTF-8 CSV, whole or not at all.

    Cells that a spreadsheet would run as a formula get a leading apostrophe; `read_taxonomy_csv` takes it off again.
    Several synonyms, and the ids of several parts, stand in one cell as `join_values` puts them.

    Returns:
        Number of rows.
    """
    rows = taxonomy_rows(nodes, n_products)
    return write_rows(file_path, TAXONOMY_COLUMNS, ([row[column] for column in TAXONOMY_COLUMNS] for row in rows))


def write_assignments_csv(file_path: Path, rows: Iterable[AssignmentRow]) -> int:
    """Write where products are as UTF-8 CSV, whole or not at all, one row at a time.

    Returns:
        Number of rows.
    """
    return write_rows(
        file_path,
        ASSIGNMENT_COLUMNS,
        (
            [
                row.product_id,
                row.platform,
                row.title,
                format_path(row.path),
                row.node_id,
                row.source.value,
                "" if row.confidence is None else f"{row.confidence:.4f}",
            ]
            for row in rows
        ),
    )


def read_taxonomy_csv(file_path: Path, root: TaxonomyNode) -> tuple[TaxonomyNode, ...]:
    """Read what `write_taxonomy_csv` wrote.

    Args:
        file_path: The CSV file.
        root: The node above all others, which the file leaves out.

    Returns:
        The root and all nodes, in the order of the file. Revisions are not in it and come back as 0, and so does what
        older files do not tell: descriptions, synonyms, outside ids, parts and positions.

    Raises:
        CatalogueFormatError: If a column is missing or a cell does not hold what it should.
        TaxonomyError: If the rows are no tree.
    """
    with file_path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        missing = [column for column in NEEDED_COLUMNS if column not in (reader.fieldnames or [])]
        if missing:
            raise CatalogueFormatError(
                f"A taxonomy file expected the column '{missing[0]}', {file_path.name} lacks it.",
                f"Export the taxonomy again: its columns are {', '.join(TAXONOMY_COLUMNS)}.",
            )
        nodes = [_node(row, number, root) for number, row in enumerate(reader, start=1)]
    return Taxonomy([root, *nodes]).nodes


def _row(node: TaxonomyNode, path: tuple[str, ...], n_products: int) -> dict[str, Any]:
    return {
        "node_id": node.id,
        "path": format_path(path),
        "parent_id": node.parent_id,
        "level": len(path),
        "name": node.name,
        "status": node.status.value,
        "n_products": n_products,
        "created_in_version": node.created_in_version,
        "replaced_by": node.replaced_by or "",
        "description": node.description,
        "synonyms": join_values(node.synonyms),
        "external_id": node.external_id,
        "split_into": join_values(node.split_into),
        "position": node.position,
    }


def _node(row: dict[str, str], number: int, root: TaxonomyNode) -> TaxonomyNode:
    cells = {column: restored(cell) for column, cell in row.items() if isinstance(cell, str)}
    try:
        return TaxonomyNode(
            id=cells["node_id"],
            parent_id=cells["parent_id"] or root.id,
            name=cells["name"],
            status=NodeStatus(cells["status"]),
            replaced_by=cells["replaced_by"] or None,
            created_in_version=int(cells["created_in_version"]),
            description=cells.get("description", ""),
            position=int(cells.get("position") or 0),
            synonyms=split_values(cells.get("synonyms", "")),
            external_id=cells.get("external_id", ""),
            split_into=split_values(cells.get("split_into", "")),
        )
    except KeyError as error:
        raise CatalogueFormatError(
            f"Row {number} of the taxonomy file ends before its column {error}.", "Mend the row, or leave it out."
        ) from error
    except ValueError as error:
        raise CatalogueFormatError(
            f"Row {number} of the taxonomy file holds something unexpected: {error}.", "Mend the row, or leave it out."
        ) from error
