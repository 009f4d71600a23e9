"""Taxonomies and assignments as CSV that a spreadsheet opens safely, and taxonomies back again."""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from core.domain.errors import CatalogueFormatError
from core.domain.product import format_path
from core.domain.taxonomy import AssignmentSource, NodeStatus, TaxonomyNode
from core.taxonomy.tree import Taxonomy

TAXONOMY_COLUMNS = (
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
ASSIGNMENT_COLUMNS = ("product_id", "platform", "title", "path", "node_id", "source", "confidence")
RUN_BY_SPREADSHEETS = re.compile(r"'*[=+\-@\t\r]")


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
    """One row per node below the root, deprecated ones included, parents first and siblings by name.

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
        rows.append(
            {
                "node_id": node.id,
                "path": format_path(paths[node.id]),
                "parent_id": "" if node.parent_id == taxonomy.root.id else node.parent_id,
                "level": len(paths[node.id]),
                "name": node.name,
                "status": node.status.value,
                "n_products": below.get(node.id, 0),
                "created_in_version": node.created_in_version,
                "replaced_by": node.replaced_by or "",
            }
        )
    return rows


def write_taxonomy_csv(file_path: Path, nodes: Iterable[TaxonomyNode], n_products: Mapping[str, int]) -> int:
    """Write `taxonomy_rows` as UTF-8 CSV, whole or not at all.

    Cells that a spreadsheet would run as a formula get a leading apostrophe; `read_taxonomy_csv` takes it off again.

    Returns:
        Number of rows.
    """
    rows = taxonomy_rows(nodes, n_products)
    return _write(file_path, TAXONOMY_COLUMNS, ([row[column] for column in TAXONOMY_COLUMNS] for row in rows))


def write_assignments_csv(file_path: Path, rows: Iterable[AssignmentRow]) -> int:
    """Write where products are as UTF-8 CSV, whole or not at all, one row at a time.

    Returns:
        Number of rows.
    """
    return _write(
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
        The root and all nodes, in the order of the file. Descriptions are not in the file and come back empty.

    Raises:
        CatalogueFormatError: If a column is missing or a cell does not hold what it should.
        TaxonomyError: If the rows are no tree.
    """
    with file_path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        missing = [column for column in TAXONOMY_COLUMNS if column not in (reader.fieldnames or [])]
        if missing:
            raise CatalogueFormatError(
                f"A taxonomy file expected the column '{missing[0]}', {file_path.name} lacks it.",
                f"Export the taxonomy again: its columns are {', '.join(TAXONOMY_COLUMNS)}.",
            )
        nodes = [_node(row, number, root) for number, row in enumerate(reader, start=1)]
    return Taxonomy([root, *nodes]).nodes


def _node(row: dict[str, str], number: int, root: TaxonomyNode) -> TaxonomyNode:
    try:
        return TaxonomyNode(
            id=_restored(row["node_id"]),
            parent_id=_restored(row["parent_id"]) or root.id,
            name=_restored(row["name"]),
            status=NodeStatus(row["status"]),
            replaced_by=_restored(row["replaced_by"]) or None,
            created_in_version=int(row["created_in_version"]),
        )
    except (ValueError, TypeError) as error:
        raise CatalogueFormatError(
            f"Row {number} of the taxonomy file holds something unexpected: {error}.", "Mend the row, or leave it out."
        ) from error


def _write(file_path: Path, columns: tuple[str, ...], rows: Iterable[list[Any]]) -> int:
    n_rows = 0
    with _whole_file(file_path) as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_neutral(cell) if isinstance(cell, str) else cell for cell in row])
            n_rows += 1
    return n_rows


@contextmanager
def _whole_file(file_path: Path) -> Iterator[TextIO]:
    """A file that takes its place only when all of it is written."""
    file_path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file_path.with_name(f".{file_path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("w", newline="", encoding="utf-8") as stream:
            yield stream
        unfinished.replace(file_path)
    finally:
        unfinished.unlink(missing_ok=True)


def _neutral(cell: str) -> str:
    """A cell that no spreadsheet runs. Cells that look neutralised already get one more, so that none is ambiguous."""
    return f"'{cell}" if RUN_BY_SPREADSHEETS.match(cell) else cell


def _restored(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and RUN_BY_SPREADSHEETS.match(cell) else cell
