"""Files for others: the taxonomy, where every product is, and how to get from one version to another."""

from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from core.domain.taxonomy import TaxonomyNode
from core.services.context import Context
from core.services.taxonomy import subtree_counts
from core.services.versions import load
from core.taxonomy.export_csv import AssignmentRow, write_assignments_csv, write_taxonomy_csv
from core.taxonomy.export_json import write_taxonomy_json
from core.taxonomy.export_parquet import write_assignments_parquet
from core.taxonomy.label_studio import LabelTask, write_label_studio
from core.taxonomy.migration import migration, write_migration_csv, write_migration_json
from core.taxonomy.skos import write_taxonomy_skos
from core.taxonomy.tree import Taxonomy
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.placements import Placement, counts_of_retired, placements

LOCAL_FILES = "/data/local-files/?d="
"""Where Label Studio serves files of its own machine from, when told to."""


class ExportKind(StrEnum):
    """Formats of a taxonomy."""

    CSV = "csv"
    JSON = "json"
    SKOS = "skos"

    @property
    def suffix(self) -> str:
        """Of its files."""
        return ".ttl" if self is ExportKind.SKOS else f".{self}"


class AssignmentKind(StrEnum):
    """Formats of where every product is."""

    CSV = "csv"
    PARQUET = "parquet"
    LABEL_STUDIO = "label_studio"

    @property
    def suffix(self) -> str:
        """Of its files."""
        return "-tasks.json" if self is AssignmentKind.LABEL_STUDIO else f".{self}"


class MigrationKind(StrEnum):
    """Formats of a migration."""

    CSV = "csv"
    JSON = "json"


def export_taxonomy(
    context: Context,
    kind: ExportKind,
    version: int | None = None,
    file_path: Path | None = None,
    *,
    language: str = "en",
) -> Path:
    """Write the taxonomy, whole or not at all.

    Args:
        context: The open workspace.
        kind: The format.
        version: Which one; None means as it is now, unsaved edits among it.
        file_path: Where to; by default a file in the workspace's exports.
        language: Language tag of the words, in SKOS; '' for none.

    Returns:
        Where it lies. A CSV counts the products of today whatever the version.

    Raises:
        TaxonomyError: If there is no such version.
        ParameterError: If the language is no language tag.
    """
    number, nodes, counts = _state(context, version)
    target = file_path or context.workspace.exports / f"taxonomy-v{number}{kind.suffix}"
    if kind is ExportKind.CSV:
        write_taxonomy_csv(target, nodes, counts)
    elif kind is ExportKind.JSON:
        write_taxonomy_json(target, nodes, number)
    else:
        write_taxonomy_skos(target, nodes, language)
    return target


def export_assignments(context: Context, kind: AssignmentKind, file_path: Path | None = None) -> Path:
    """Write where every product is now and who put it there, whole or not at all.

    Args:
        context: The open workspace.
        kind: The format. Tasks for Label Studio come with the labelling interface beside them, as `.xml`. Pictures
            without an address of their own are the workspace's thumbnails, which it serves when its variable
            `LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT` names the workspace.
        file_path: Where to; by default a file in the workspace's exports.

    Returns:
        Where it lies.
    """
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        number = taxonomy_rows.latest_version_number(session)
        placed = placements(session)
    paths = {node.id: taxonomy.names(node.id) for node in taxonomy.nodes}
    rows = [_assignment(placement, paths) for placement in placed]
    target = file_path or context.workspace.exports / f"assignments-v{number}{kind.suffix}"
    if kind is AssignmentKind.CSV:
        write_assignments_csv(target, rows)
    elif kind is AssignmentKind.PARQUET:
        write_assignments_parquet(target, rows)
    else:
        tasks = [
            LabelTask(row, _image(context, placement), placement.brand)
            for row, placement in zip(rows, placed, strict=True)
        ]
        write_label_studio(target, tasks, taxonomy, number)
    return target


def export_migration(
    context: Context,
    from_version: int,
    to_version: int | None = None,
    file_path: Path | None = None,
    kind: MigrationKind = MigrationKind.CSV,
) -> Path:
    """Write how to get from the paths of one version to those of another, whole or not at all.

    Args:
        context: The open workspace.
        from_version: The version whose paths are stored elsewhere. It may be the newer one.
        to_version: The version to go to; None means the newest.
        file_path: Where to; by default a file in the workspace's exports.
        kind: The format.

    Returns:
        Where it lies. Numbers of products are those at and below each category now; for a category that went out of
        use, those that were put there.

    Raises:
        TaxonomyError: If there is no such version.
    """
    before = load(context, from_version)
    with context.database.read() as session:
        number = to_version or taxonomy_rows.latest_version_number(session)
        counts = _migrating_counts(session)
    after = load(context, number)
    rows = migration(before.nodes, after.nodes, counts)
    target = file_path or context.workspace.exports / f"migration-v{from_version}-v{number}.{kind}"
    if kind is MigrationKind.CSV:
        write_migration_csv(target, rows)
    else:
        write_migration_json(target, rows, from_version, number)
    return target


def _state(context: Context, version: int | None) -> tuple[int, tuple[TaxonomyNode, ...], dict[str, int]]:
    earlier = None if version is None else load(context, version)
    with context.database.read() as session:
        counts = product_rows.direct_counts(session)
        if earlier is not None:
            return earlier.number, earlier.nodes, counts
        return taxonomy_rows.latest_version_number(session), tuple(taxonomy_rows.load_nodes(session)), counts


def _migrating_counts(session: Session) -> dict[str, int]:
    taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    return {**subtree_counts(taxonomy, product_rows.direct_counts(session)), **counts_of_retired(session)}


def _assignment(placement: Placement, paths: dict[str, tuple[str, ...]]) -> AssignmentRow:
    return AssignmentRow(
        placement.external_id,
        placement.platform,
        placement.title,
        paths[placement.node_id],
        placement.node_id,
        placement.source,
        placement.confidence,
    )


def _image(context: Context, placement: Placement) -> str:
    if placement.image_ref and placement.image_ref.startswith(("http://", "https://")):
        return placement.image_ref
    if placement.image_hash is None:
        return ""
    thumb = context.workspace.thumb_path(placement.image_hash)
    return LOCAL_FILES + thumb.relative_to(context.workspace.home).as_posix()
