"""A taxonomy as one JSON document, and back again."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.domain.errors import CatalogueFormatError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.cells import whole_file
from core.taxonomy.tree import Taxonomy

FORMAT = "shelfwise-taxonomy"
FORMAT_VERSION = 1


def write_taxonomy_json(file_path: Path, nodes: Iterable[TaxonomyNode], version: int) -> int:
    """Write all nodes as UTF-8 JSON, whole or not at all.

    Args:
        file_path: Where to.
        nodes: All nodes of the taxonomy, the root and deprecated ones among them.
        version: Number of the taxonomy's version, for people.

    Returns:
        Number of nodes.

    Raises:
        TaxonomyError: If the nodes are no tree.
    """
    listed = [_values(node) for node in Taxonomy(nodes).walk(include_deprecated=True)]
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "taxonomy_version": version}
    with whole_file(file_path) as stream:
        json.dump({**head, "nodes": listed}, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
    return len(listed)


def read_taxonomy_json(file_path: Path) -> tuple[TaxonomyNode, ...]:
    """Read what `write_taxonomy_json` wrote.

    Returns:
        All nodes, the root first. Revisions are not in the file and come back as 0.

    Raises:
        CatalogueFormatError: If the file is another document, of a later format, or a value is not what it should be.
        TaxonomyError: If the nodes are no tree.
    """
    try:
        document = json.loads(file_path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CatalogueFormatError(f"{file_path.name} is no JSON: {error}.", "Export the taxonomy again.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CatalogueFormatError(
            f'{file_path.name} expected a document with "format": "{FORMAT}".', "Choose an exported taxonomy."
        )
    if document.get("format_version") != FORMAT_VERSION:
        raise CatalogueFormatError(
            f"{file_path.name} is of format version {document.get('format_version')}, expected {FORMAT_VERSION}.",
            "Export it again with this version of Shelfwise.",
        )
    listed = document.get("nodes")
    if not isinstance(listed, list):
        raise CatalogueFormatError(f"{file_path.name} expected a list of nodes.", "Export the taxonomy again.")
    return Taxonomy(_node(values, number) for number, values in enumerate(listed, start=1)).nodes


def _values(node: TaxonomyNode) -> dict[str, Any]:
    values = asdict(node)
    del values["revision"]  # it counts the edits of one workspace
    return {**values, "status": str(node.status)}


def _node(values: Any, number: int) -> TaxonomyNode:
    try:
        node = TaxonomyNode(
            id=_text(values["id"]),
            parent_id=_text_or_none(values["parent_id"]),
            name=_text(values["name"]),
            status=NodeStatus(values.get("status", "approved")),
            replaced_by=_text_or_none(values.get("replaced_by")),
            created_in_version=int(values.get("created_in_version", 1)),
            description=_text(values.get("description", "")),
            position=int(values.get("position", 0)),
            synonyms=_texts(values.get("synonyms", [])),
            external_id=_text(values.get("external_id", "")),
            split_into=_texts(values.get("split_into", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CatalogueFormatError(
            f"Node {number} of the taxonomy file holds something unexpected: {error!r}.", "Export the taxonomy again."
        ) from error
    return node


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {value!r}")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {value!r}")
    return tuple(_text(item) for item in value)
