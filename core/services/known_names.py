"""Names known for kinds of products: those of the catalogue's own taxonomy and of imported references."""

from functools import lru_cache
from pathlib import Path

from core.discovery.name_index import KnownName, NameIndex
from core.domain.discovery import NameSource
from core.domain.taxonomy import NodeStatus
from core.services.context import Context
from core.services.reference import read_files, reference_files
from core.taxonomy.tree import Taxonomy

OWN = "Your taxonomy"
Names = tuple[str, ...]


def name_index(context: Context, taxonomy: Taxonomy, category_id: str) -> NameIndex:
    """Names that clusters in a category may be given because a taxonomy has them.

    Kept for as long as no taxonomy changes, so that a re-cut waits for it once at most.

    Args:
        context: The open workspace.
        taxonomy: The catalogue's own.
        category_id: One of its nodes.
    """
    own = tuple(
        taxonomy.names(node.id)
        for node in taxonomy.nodes
        if node.parent_id is not None and node.status is NodeStatus.APPROVED
    )
    return _index(reference_files(context), own, tuple(taxonomy.names(category_id)))


@lru_cache(maxsize=8)
def _index(files: tuple[tuple[Path, int], ...], own: tuple[Names, ...], category: Names) -> NameIndex:
    names = [KnownName(path, NameSource.APPROVED, OWN) for path in own]
    for reference in read_files(files):
        names += [KnownName(node.path, NameSource.REFERENCE, reference.label) for node in reference.nodes]
    return NameIndex(names, category)
