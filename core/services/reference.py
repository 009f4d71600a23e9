"""Reference taxonomies of a workspace: import, list, remove. Names for clusters are offered from them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.domain.errors import ReferenceFormatError
from core.services.context import Context
from core.taxonomy.reference import ReferenceTaxonomy, read_reference
from db.repositories import events


@dataclass(frozen=True, slots=True)
class ReferenceSummary:
    """An imported reference taxonomy. `name` is what it is kept under, `label` what people read."""

    name: str
    label: str
    n_nodes: int
    n_levels: int


def import_reference(context: Context, file_path: Path, author: str) -> ReferenceSummary:
    """Keep a reference taxonomy in the workspace; one of the same publisher and language is replaced.

    Args:
        context: The open workspace.
        file_path: Google's text file with ids, or Shopify's CSV.
        author: Who imports.

    Raises:
        ReferenceFormatError: If the file is no such taxonomy.
    """
    taxonomy = read_reference(file_path)
    folder = context.workspace.reference
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{taxonomy.name}.json"
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("w", encoding="utf-8") as stream:
            stream.write(taxonomy.dumps())
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    with context.database.write() as session:
        events.record(session, author, "reference", f"Imported the reference taxonomy {taxonomy.label}")
    return _summary(taxonomy)


def list_references(context: Context) -> list[ReferenceSummary]:
    """Imported reference taxonomies by name; a file that cannot be read is left out."""
    return [_summary(taxonomy) for taxonomy in load_references(context)]


def remove_reference(context: Context, name: str, author: str) -> None:
    """Take a reference taxonomy out of the workspace; names suggested from it stay with their clusters.

    Raises:
        ReferenceFormatError: If there is none of this name.
    """
    names = {summary.name: summary.label for summary in list_references(context)}
    if name not in names:
        known = ", ".join(sorted(names)) or "none"
        raise ReferenceFormatError(f"There is no reference taxonomy '{name}'.", f"Choose one of: {known}.")
    (context.workspace.reference / f"{name}.json").unlink(missing_ok=True)
    with context.database.write() as session:
        events.record(session, author, "reference", f"Removed the reference taxonomy {names[name]}")


def load_references(context: Context) -> tuple[ReferenceTaxonomy, ...]:
    """The taxonomies themselves, read once for as long as their files stay as they are."""
    return read_files(reference_files(context))


def read_files(files: Iterable[tuple[Path, int]]) -> tuple[ReferenceTaxonomy, ...]:
    """The taxonomies in stored files; what cannot be read is left out."""
    found = [_load(file_path, modified) for file_path, modified in files]
    return tuple(taxonomy for taxonomy in found if taxonomy is not None)


def reference_files(context: Context) -> tuple[tuple[Path, int], ...]:
    """Files of the imported taxonomies by name, each with the time of its last change: a key for caches."""
    folder = context.workspace.reference
    files = sorted(folder.glob("[!.]*.json")) if folder.is_dir() else []
    return tuple((file_path, file_path.stat().st_mtime_ns) for file_path in files)


@lru_cache(maxsize=16)
def _load(file_path: Path, modified: int) -> ReferenceTaxonomy | None:
    try:
        return ReferenceTaxonomy.loads(file_path.read_text(encoding="utf-8"))
    except (OSError, ReferenceFormatError):
        return None


def _summary(taxonomy: ReferenceTaxonomy) -> ReferenceSummary:
    n_levels = max(len(node.path) for node in taxonomy.nodes)
    return ReferenceSummary(taxonomy.name, taxonomy.label, len(taxonomy.nodes), n_levels)
