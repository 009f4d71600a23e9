"""A taxonomy file that Shelfwise wrote, read back into the workspace as a new version."""

import csv
import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from core.domain.errors import CatalogueFormatError, TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services.context import Context
from core.services.edit_transaction import Change, apply_edit
from core.taxonomy.diff import diff, is_retired
from core.taxonomy.export_csv import read_taxonomy_csv
from core.taxonomy.export_json import read_taxonomy_json
from core.taxonomy.rules import check_structure, check_words
from core.taxonomy.skos import read_taxonomy_skos
from core.taxonomy.tree import Taxonomy
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.taxonomy import ROOT_ID

MAX_BYTES = 50 * 2**20
SUFFIXES = (".csv", ".json", ".ttl")
LONGEST_ID, LONGEST_EXTERNAL_ID, LAST_POSITION = 32, 200, 2**31 - 1
"""What their columns hold."""


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import of a taxonomy did.

    Attributes:
        version: The new version, or the newest one where nothing changed.
        n_added: Categories that are new.
        n_changed: Categories that were there and are different now.
        n_deprecated: Of those, the ones that went out of use.
        summary: All of it in a line.
        event_id: The act in the history; None where nothing changed.
    """

    version: int
    n_added: int
    n_changed: int
    n_deprecated: int
    summary: str
    event_id: int | None


def import_taxonomy(
    context: Context, file_path: Path, author: str, note: str = "", *, replace: bool = False
) -> ImportSummary:
    """Make the taxonomy what an exported file says, as one act that can be undone.

    Categories are matched by their ids, so that a renamed one stays the same. None is ever deleted.

    Args:
        context: The open workspace.
        file_path: CSV, JSON or SKOS Turtle that Shelfwise exported, maybe edited since.
        author: Who imports.
        note: Note of the new version, and the reason in the history; '' says what changed.
        replace: Whether categories that the file lacks are deprecated towards their parent; else they stay as
            they are.

    Raises:
        CatalogueFormatError: If the file is none of these.
        TaxonomyError: If the tree would break, as when two siblings had one name.
    """
    read = read_taxonomy(file_path, ROOT_ID)
    with context.database.write() as session:
        version = taxonomy_rows.latest_version_number(session) + 1
        before = Taxonomy(taxonomy_rows.load_nodes(session))
        nodes = merged_nodes(before, read, version, replace_all=replace)
        found = diff(before.nodes, nodes)
        n_deprecated = len(found.deprecated) + len(found.merged) + len(found.split)
        summary = f"Imported {file_path.name}: {found.summary()}"
        result = apply_edit(
            session, "import", lambda _tree, _version: Change(nodes, summary), {}, author, note,
            details={"version": version},
        )  # fmt: skip
        if result.event_id is None:
            return ImportSummary(version - 1, 0, 0, 0, "Nothing changed", None)
        taxonomy_rows.add_version(session, note.strip() or summary, author)
        n_added = len(found.added)
        n_changed = len(result.node_ids) - n_added
        return ImportSummary(version, n_added, n_changed, n_deprecated, summary, result.event_id)


def read_taxonomy(file_path: Path, root_id: str) -> tuple[TaxonomyNode, ...]:
    """The nodes of an exported file without its root; those of the highest level hang below `root_id`.

    Raises:
        CatalogueFormatError: If it cannot be read.
        TaxonomyError: If the nodes are no tree.
    """
    suffix = file_path.suffix.casefold()
    if suffix not in SUFFIXES:
        raise CatalogueFormatError(
            f"A taxonomy file expected one of the endings {', '.join(SUFFIXES)}, got '{file_path.name}'.",
            "Choose a file that Shelfwise exported.",
        )
    try:
        if file_path.stat().st_size > MAX_BYTES:
            raise CatalogueFormatError(f"{file_path.name} is larger than {MAX_BYTES // 2**20} MB.", "Choose another.")
        if suffix == ".csv":
            nodes = read_taxonomy_csv(file_path, TaxonomyNode(root_id, None, "All products"))
        else:
            nodes = read_taxonomy_json(file_path) if suffix == ".json" else read_taxonomy_skos(file_path)
    except UnicodeDecodeError as error:
        raise CatalogueFormatError(f"{file_path.name} is no UTF-8 text.", "Save it as UTF-8.") from error
    except csv.Error as error:
        raise CatalogueFormatError(f"{file_path.name} is no CSV: {error}.", "Export the taxonomy again.") from error
    except OSError as error:
        raise CatalogueFormatError(
            f"{file_path.name} cannot be read: {error.strerror or error}.", "Choose another file."
        ) from error
    return _below(Taxonomy(nodes), root_id)


def merged_nodes(
    before: Taxonomy, read: Iterable[TaxonomyNode], version: int, *, replace_all: bool
) -> tuple[TaxonomyNode, ...]:
    """All nodes after an import, new ones last and each after those it points at.

    Raises:
        TaxonomyError: If the result would break a rule.
    """
    taken = {node.id: _as_here(before, node, version) for node in read}
    kept = [_without(node, replace_all=replace_all) for node in before.nodes if node.id not in taken]
    changed = [node for key, node in taken.items() if key in before]
    new = [node for key, node in taken.items() if key not in before]
    for node in (*changed, *new):
        known = before.node(node.id) if node.id in before else None
        if known is None or _words(node) != _words(known):
            check_words(node)
        if known is None or (node.external_id, node.position) != (known.external_id, known.position):
            _check_sizes(node)
    after = check_structure(Taxonomy([*kept, *changed, *new]))
    return (*kept, *changed, *_in_order_of_writing(new, after))


def _below(taxonomy: Taxonomy, root_id: str) -> tuple[TaxonomyNode, ...]:
    """Nodes other than the root, with the workspace's root in the place of the file's."""
    old = taxonomy.root.id
    return tuple(
        dataclasses.replace(
            node,
            parent_id=root_id if node.parent_id == old else node.parent_id,
            replaced_by=root_id if node.replaced_by == old else node.replaced_by,
        )
        for node in taxonomy.nodes
        if node.id != old
    )


def _as_here(before: Taxonomy, node: TaxonomyNode, version: int) -> TaxonomyNode:
    if node.id not in before:
        return dataclasses.replace(node, created_in_version=version, revision=0)
    known = before.node(node.id)
    return dataclasses.replace(node, created_in_version=known.created_in_version, revision=known.revision)


def _without(node: TaxonomyNode, *, replace_all: bool) -> TaxonomyNode:
    """A node that the file does not hold."""
    if not replace_all or node.parent_id is None or is_retired(node):
        return node
    return dataclasses.replace(node, status=NodeStatus.DEPRECATED, replaced_by=node.parent_id)


def _check_sizes(node: TaxonomyNode) -> None:
    for what, value, longest in (("id", node.id, LONGEST_ID), ("outside id", node.external_id, LONGEST_EXTERNAL_ID)):
        if len(value) > longest:
            raise CatalogueFormatError(
                f"The {what} of {node.name!r} expected at most {longest} characters, got {len(value)}.", "Shorten it."
            )
        if not value.isprintable():
            raise CatalogueFormatError(
                f"The {what} of {node.name!r} holds a character that cannot be shown.", "Type it anew."
            )
    if abs(node.position) > LAST_POSITION:
        raise CatalogueFormatError(
            f"The position of {node.name!r} expected a number up to {LAST_POSITION:,}.", "Number its siblings from 1."
        )
    if not node.id.strip():
        raise CatalogueFormatError(f"{node.name!r} has no id.", "Give it one, such as 16 letters and digits.")


def _words(node: TaxonomyNode) -> tuple[str, str, tuple[str, ...]]:
    return node.name, node.description, node.synonyms


def _in_order_of_writing(new: Sequence[TaxonomyNode], after: Taxonomy) -> list[TaxonomyNode]:
    """New nodes, each after its parent and its replacement: the database refuses to point at what is not there yet."""
    ids = {node.id for node in new}
    order = TopologicalSorter({node.id: {node.parent_id, node.replaced_by} & ids for node in new})
    try:
        return [after.node(node_id) for node_id in order.static_order()]
    except CycleError as error:
        raise TaxonomyError(
            "A category of the file was replaced by one below itself.", "Name another replacement in the file."
        ) from error
