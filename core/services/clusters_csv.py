"""Clusters of a run as a file, and names for them from a file: the review without a browser."""

from collections.abc import Iterator
from pathlib import Path

from core.catalogue.table import read_table
from core.domain.errors import CatalogueFormatError, RunNotFoundError
from core.services.approval import ApprovalResult, approve_clusters
from core.services.context import Context
from core.services.review import ready_run
from core.taxonomy.cells import write_rows
from db.models import MemberRow
from db.repositories import products as product_rows
from db.repositories import runs

COLUMNS = ("product_id", "cluster", "level", "is_noise", "distance")
NOISE = -1


def write_clusters(context: Context, run_id: int, output_path: Path) -> int:
    """Write every product of a run once per level: product_id, cluster, level, is_noise, distance.

    A cluster that a deeper level did not split stands for itself there. What is set aside has cluster -1 and is_noise
    true; its distance is that to the nearest cluster. An id that a spreadsheet would run as a formula gets a leading
    apostrophe.

    Returns:
        Number of rows.

    Raises:
        RunNotFoundError: If there is no such run.
        RunNotReadyError: If it has not been finished.
    """
    with context.database.read() as session:
        ready_run(session, run_id)
        rows = {row.id: row for row in runs.cluster_rows(session, run_id)}
        members = runs.member_rows(session, run_id)
        ids = [member.product_id for member in members]
        external = {product.id: product.external_id for product in product_rows.load_products(session, ids)}
    number = {key: row.number for key, row in rows.items()}
    depth = max((row.level for row in rows.values()), default=1)
    parent = {key: row.parent_id for key, row in rows.items()}
    levels = {key: row.level for key, row in rows.items()}

    def lines() -> Iterator[tuple[str | int, ...]]:
        for level in range(1, depth + 1):
            for member in members:
                cluster = _at_level(member, level, parent, levels)
                value = NOISE if cluster is None else number[cluster]
                is_noise = "true" if cluster is None else "false"
                yield external[member.product_id], value, level, is_noise, f"{member.distance:.6f}"

    return write_rows(output_path, COLUMNS, lines())


def approve_from_file(context: Context, run_id: int, file_path: Path, note: str, author: str) -> ApprovalResult:
    """Approve the clusters that a file names: columns cluster, name. Clusters not listed stay open.

    Raises:
        CatalogueFormatError: If a column is missing, or a cluster is not a number or stands twice.
        RunNotFoundError: If the run or one of its clusters does not exist.
        TaxonomyError: If a name cannot be a node's, or a cluster is decided already.
    """
    frame = read_table(file_path).frame
    missing = [column for column in ("cluster", "name") if column not in frame.columns]
    if missing:
        raise CatalogueFormatError(
            f"{file_path.name} expected the columns cluster and name, got {', '.join(map(str, frame.columns))}.",
            "Write one row per cluster with its number and the name to give it.",
        )
    with context.database.read() as session:
        ready_run(session, run_id)
        ids = {row.number: row.id for row in runs.cluster_rows(session, run_id)}
    names: dict[int, str] = {}
    for position, (cluster, name) in enumerate(zip(frame["cluster"], frame["name"], strict=True), start=1):
        if not str(name).strip():
            continue
        number = _number(str(cluster), position, file_path)
        if number not in ids:
            known = ", ".join(str(key) for key in sorted(ids))
            raise RunNotFoundError(f"Run {run_id} has no cluster {number}.", f"Its clusters are {known}.")
        if names.setdefault(ids[number], str(name)) != str(name):
            raise CatalogueFormatError(f"{file_path.name} gives cluster {number} two names.", "Keep one of its rows.")
    return approve_clusters(context, run_id, names, note, author)


def _number(text: str, position: int, file_path: Path) -> int:
    whole = text.strip().removesuffix(".0")  # spreadsheets write 3 as 3.0
    if not (whole.isascii() and whole.isdecimal()):
        raise CatalogueFormatError(
            f"{file_path.name} expected a cluster number in row {position}, got {text!r}.",
            "Take the numbers from `python -m core clusters`.",
        )
    return int(whole)


def _at_level(member: MemberRow, level: int, parent: dict[int, int | None], levels: dict[int, int]) -> int | None:
    cluster = member.subcluster_id or member.cluster_id
    while cluster is not None and levels[cluster] > level:
        cluster = parent[cluster]
    return cluster
