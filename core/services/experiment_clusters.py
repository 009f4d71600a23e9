"""The clusters of a discovery run as labels to learn, and known categories to judge them by. Worker only."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalogue.table import read_table
from core.domain.discovery import RunStatus
from core.domain.errors import CatalogueFormatError, RunNotFoundError, RunNotReadyError, TooFewProductsError
from core.domain.product import Product, format_path
from core.domain.progress import Progress
from core.domain.taxonomy import AssignmentSource
from core.experiments.catalogue import LabelledCatalogue
from core.experiments.settings import ExperimentSettings
from core.services.context import Context
from core.services.experiment_data import build_catalogue
from core.taxonomy.tree import Taxonomy
from db.models import ClusterRow, MemberRow, RunRow
from db.repositories import assignments, runs
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

TRUTH_COLUMNS = ("product_id", "label")


def load_clustered_catalogue(context: Context, settings: ExperimentSettings, progress: Progress) -> LabelledCatalogue:
    """The products of a discovery run: as paths their clusters, as truth the categories they came with.

    A product outside every cluster has an empty path. The truth is the category directly below the run's that the
    catalogue named on import, or what the settings' file says; it teaches nobody.

    Raises:
        RunNotFoundError: If there is no finished run, or not this one.
        RunNotReadyError: If the run named has not finished.
        CatalogueFormatError: If the file of true labels lacks a column.
        TooFewProductsError: If no product of the run has a true label.
    """
    progress.report(0.0, "Reading the clusters")
    with context.database.read() as session:
        run = _run(session, settings.run_id)
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        clusters = {row.id: row for row in runs.cluster_rows(session, run.id)}
        members = {member.product_id: member for member in runs.member_rows(session, run.id)}
        catalogue = product_rows.all_products(session)
        products = [product for product in catalogue if product.id in members]
        truth = _imported_truth(session, taxonomy, run.category_id, products)
    if settings.truth_file:
        truth = _truth_from_file(Path(settings.truth_file), products)
    if not any(truth):
        raise TooFewProductsError(
            f"No product of run {run.id} has a known deeper category to judge its clusters by.",
            "Name a CSV with the columns product_id and label as truth_file.",
        )
    paths = tuple(_cluster_path(members[product.id], clusters) for product in products)
    found = build_catalogue(context, settings, catalogue, products, paths, progress)
    n_out = sum(not path for path in paths)
    notes = (
        f"Run {run.id} in {format_path(taxonomy.names(run.category_id))}: {len(products):,} products, {n_out:,} of "
        f"them filtered out of every cluster; {sum(map(bool, truth)):,} have a known true label.",
        "Clusters teach the classifier, true labels only judge it. After retraining it sorts the whole category, the "
        "products that taught it among them, as in the paper.",
    )
    return replace(found, truth=truth, notes=notes)


def _run(session: Session, run_id: int) -> RunRow:
    if run_id:
        run = session.get(RunRow, run_id)
        if run is not None and run.status != str(RunStatus.READY):
            raise RunNotReadyError(f"Discovery run {run_id} has not finished.", "Wait for it, or name another run.")
    else:
        ready = select(RunRow).where(RunRow.status == str(RunStatus.READY))
        run = session.scalars(ready.order_by(RunRow.id.desc()).limit(1)).first()
    if run is None:
        missing = f"There is no discovery run {run_id}." if run_id else "There is no finished discovery run."
        raise RunNotFoundError(missing, "Discover the groups in a category first, or name another run.")
    return run


def _cluster_path(member: MemberRow, clusters: dict[int, ClusterRow]) -> tuple[str, ...]:
    """Clusters from level 1 down to the deepest."""
    key, path = member.subcluster_id or member.cluster_id, []
    while key is not None:
        path.append(f"cluster-{key}")
        key = clusters[key].parent_id
    return tuple(reversed(path))


def _imported_truth(
    session: Session, taxonomy: Taxonomy, category_id: str, products: Sequence[Product]
) -> tuple[str, ...]:
    ids = [product.id for product in products]
    imported = assignments.newest_of_source(session, ids, AssignmentSource.IMPORT)
    level = taxonomy.depth(category_id)

    def label(node_id: str | None) -> str:
        path = taxonomy.path(node_id) if node_id in taxonomy else ()
        is_below = len(path) > level and (level == 0 or path[level - 1].id == category_id)
        return path[level].id if is_below else ""

    return tuple(label(imported.get(key)) for key in ids)


def _truth_from_file(file_path: Path, products: Sequence[Product]) -> tuple[str, ...]:
    frame = read_table(file_path).frame
    missing = [column for column in TRUTH_COLUMNS if column not in frame.columns]
    if missing:
        raise CatalogueFormatError(
            f"{file_path.name} expected the columns {' and '.join(TRUTH_COLUMNS)}, got "
            f"{', '.join(map(str, frame.columns))}.",
            "Write one row per product with its id in the catalogue and its true label.",
        )
    labels = dict(zip(map(str, frame["product_id"]), map(str, frame["label"]), strict=True))
    return tuple(labels.get(product.external_id, "").strip() for product in products)
