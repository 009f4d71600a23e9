"""What an old classifier says, in terms of the present taxonomy; paths are mapped as the migration file maps them."""

import json
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path

from core.services.context import Context
from core.services.exports import MigrationKind, export_migration
from core.services.grid_items import GridItem, load_items, node_paths
from core.services.models import get_model
from core.services.versions import load
from core.taxonomy.migration import live_replacements
from core.taxonomy.tree import Taxonomy
from db.repositories import taxonomy as taxonomy_rows

NodePath = tuple[str, ...]
CONFIG_FILE = "config.json"


def mapped_path(taxonomy: Taxonomy, path: Sequence[str]) -> NodePath:
    """A path of an earlier version, where its products are now.

    Args:
        taxonomy: The present tree, with what is out of use.
        path: Node ids from below the root, as they were then.

    Returns:
        Node ids from below the root as they are now. What was merged is where it went; of what was split, the path
        down to the nearest category that is above all its parts, as nobody can say which part is meant. A node that the
        tree does not know counts as its parent. Empty where nothing below the root is left.
    """
    known = [node_id for node_id in path if node_id in taxonomy]
    if not known:
        return ()
    ends = [tuple(node.id for node in taxonomy.path(part.id)) for part in live_replacements(taxonomy, known[-1])]
    shared = takewhile(lambda nodes: len(set(nodes)) == 1, zip(*ends, strict=False))
    return tuple(nodes[0] for nodes in shared)


def sayable_nodes(context: Context, model_id: int, taxonomy: Taxonomy) -> frozenset[str]:
    """Nodes of the present taxonomy that a classifier can put products under, or at least above.

    Args:
        context: The open workspace.
        model_id: Which classifier.
        taxonomy: The present tree.

    Returns:
        Node ids; none where its artefact is gone.

    Raises:
        ModelNotFoundError: If there is none with this id.
    """
    paths = _trained_paths(context.workspace.models / get_model(context, model_id).artefact_path / CONFIG_FILE)
    return frozenset(node_id for path in paths for node_id in mapped_path(taxonomy, path))


def model_migration(context: Context, model_id: int, kind: MigrationKind = MigrationKind.CSV) -> Path | None:
    """Write how to get from the paths that a classifier speaks of to those of the newest version.

    Args:
        context: The open workspace.
        model_id: Which classifier.
        kind: The format.

    Returns:
        Where the file lies; None where the classifier speaks of the newest version.

    Raises:
        ModelNotFoundError: If there is none with this id.
    """
    version = get_model(context, model_id).taxonomy_version
    with context.database.read() as session:
        newest = taxonomy_rows.latest_version_number(session)
    return None if version == newest else export_migration(context, version, newest, kind=kind)


def example_products(context: Context, product_ids: Iterable[int]) -> dict[int, GridItem]:
    """Products as a page draws them, by id; those that are no longer in the catalogue are missing."""
    with context.database.read() as session:
        return {item.product_id: item for item in load_items(session, list(dict.fromkeys(product_ids)))}


def version_paths(context: Context, number: int) -> dict[str, str]:
    """Node id → path for people in a version of the taxonomy, for every node; the root has ''.

    Raises:
        TaxonomyError: If there is no such version.
    """
    return node_paths(Taxonomy(load(context, number).nodes))


def _trained_paths(file_path: Path) -> list[NodePath]:
    try:
        config = json.loads(file_path.read_text(encoding="utf-8"))
        return [tuple(path) for path in config["tree"]["paths"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
