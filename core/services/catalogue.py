"""The catalogue in figures, and where the workspace stands in the loop."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import func, select

from core.catalogue import statistics as figures
from core.domain.classifier import ModelStatus, ReviewState
from core.domain.discovery import ClusterStatus
from core.domain.product import CLEAN_BACKGROUND, format_path
from core.domain.taxonomy import NodeStatus
from core.services.context import Context
from core.services.importing import ImportResult, latest_import
from core.services.models import active_row
from core.taxonomy.tree import Taxonomy
from db.models import ClusterRow, EventRow, ImportRow, JobRow, ModelRow, NodeRow, PredictionRow, ProductRow, RunRow
from db.repositories import events, predictions
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

__all__ = [
    "CatalogueStatistics", "CatalogueTotals", "ImportResult", "LoopState", "catalogue_frame", "catalogue_totals",
    "data_revision", "latest_import", "loop_state", "platforms", "recent_events", "statistics",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CatalogueTotals:
    """Counts over the whole catalogue."""

    n_products: int
    n_platforms: int
    n_brands: int
    n_categories: int
    n_with_image: int
    n_missing_brand: int
    n_clean_background: int
    taxonomy_version: int
    n_leaves: int


@dataclass(frozen=True, slots=True)
class CatalogueStatistics:
    """Small tables behind the charts of the Catalogue page; see `core.catalogue.statistics`."""

    depth_distribution: pd.DataFrame
    products_per_level: pd.DataFrame
    imbalance: pd.DataFrame
    node_sizes: pd.DataFrame
    platforms: pd.DataFrame
    title_lengths: pd.DataFrame
    brand_skew: pd.DataFrame
    top_brands: pd.DataFrame
    clean_by_platform: pd.DataFrame
    clean_by_category: pd.DataFrame


@dataclass(frozen=True, slots=True)
class LoopState:
    """How far the curator is. `n_approved_nodes` counts live nodes that came out of discovery."""

    n_products: int
    n_runs: int
    n_open_clusters: int
    n_approved_nodes: int
    n_models: int
    has_active_model: bool
    n_pending_predictions: int
    n_decided_predictions: int
    next_step: str


def data_revision(context: Context) -> str:
    """A key that changes with every act, and with the end of every job, which may write after its act: for caches."""
    with context.database.read() as session:
        last_event = session.scalar(select(func.max(EventRow.id)))
        revisions = session.scalar(select(func.sum(RunRow.revision)))
        last_import = session.scalar(select(func.max(ImportRow.id)))
        last_end = session.scalar(select(func.max(JobRow.finished_at)))
    return f"{last_event}-{revisions}-{last_import}-{last_end}"


def catalogue_totals(context: Context) -> CatalogueTotals:
    """Counts over the whole catalogue."""
    brands = func.count(func.distinct(func.nullif(ProductRow.brand, "")))
    is_clean = func.count().filter(ProductRow.background_cleanliness >= CLEAN_BACKGROUND)
    query = select(
        func.count(ProductRow.id), func.count(func.distinct(ProductRow.platform)), brands,
        func.count(func.distinct(ProductRow.node_id)), func.count(ProductRow.image_hash),
        func.count().filter(ProductRow.brand == ""), is_clean,
    )  # fmt: skip
    with context.database.read() as session:
        counts = session.execute(query).one()
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        version = taxonomy_rows.latest_version_number(session)
    n_leaves = sum(node is not taxonomy.root for node in taxonomy.leaves())
    return CatalogueTotals(*counts, taxonomy_version=version, n_leaves=n_leaves)


def catalogue_frame(context: Context) -> pd.DataFrame:
    """One row per product: product_id, platform, brand, title, depth, path, level_1, background_cleanliness."""
    columns = (ProductRow.id, ProductRow.platform, ProductRow.brand, ProductRow.title, ProductRow.node_id,
               ProductRow.background_cleanliness)  # fmt: skip
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        rows = session.execute(select(*columns)).all()
    names = ["product_id", "platform", "brand", "title", "node_id", "background_cleanliness"]
    frame = pd.DataFrame([tuple(row) for row in rows], columns=names)
    paths = {node.id: taxonomy.names(node.id) for node in taxonomy.nodes}
    frame["depth"] = frame["node_id"].map({key: len(path) for key, path in paths.items()})
    frame["path"] = frame["node_id"].map({key: format_path(path) for key, path in paths.items()})
    frame["level_1"] = frame["node_id"].map({key: path[0] if path else "" for key, path in paths.items()})
    return frame.drop(columns="node_id")


def statistics(context: Context) -> CatalogueStatistics:
    """The tables behind the Catalogue page."""
    frame = catalogue_frame(context)
    platforms_ = frame.groupby("platform").size().rename("n_products").sort_values(ascending=False).reset_index()
    return CatalogueStatistics(
        depth_distribution=figures.depth_distribution(frame),
        products_per_level=figures.products_per_level(frame),
        imbalance=figures.imbalance_per_level(frame),
        node_sizes=figures.node_sizes(frame),
        platforms=platforms_,
        title_lengths=figures.title_lengths(frame),
        brand_skew=figures.brand_skew(frame),
        top_brands=figures.top_brands(frame),
        clean_by_platform=figures.clean_background_share(frame, "platform"),
        clean_by_category=figures.clean_background_share(frame[frame["path"] != ""], "path"),
    )


def platforms(context: Context) -> list[str]:
    """Names of all platforms, sorted."""
    with context.database.read() as session:
        return sorted(session.scalars(select(ProductRow.platform).distinct()))


def recent_events(context: Context, limit: int = 12) -> pd.DataFrame:
    """The newest acts: at, author, kind, summary."""
    with context.database.read() as session:
        return pd.DataFrame(events.recent(session, limit), columns=["at", "author", "kind", "summary"])


def loop_state(context: Context) -> LoopState:
    """How far the curator is, and what comes next."""
    with context.database.read() as session:
        n_products = product_rows.count_products(session)
        n_runs = session.scalar(select(func.count(RunRow.id))) or 0
        is_open = (ClusterRow.status == str(ClusterStatus.OPEN)) & (ClusterRow.level == 1)
        n_open = session.scalar(select(func.count(ClusterRow.id)).where(is_open)) or 0
        live = ClusterRow.node_id.in_(select(NodeRow.id).where(NodeRow.status != str(NodeStatus.DEPRECATED)))
        n_nodes = session.scalar(select(func.count(func.distinct(ClusterRow.node_id))).where(live)) or 0
        statuses = list(session.scalars(select(ModelRow.status)))
        active = active_row(session)
        n_pending = 0 if active is None else predictions.counts(session, active.id)[ReviewState.PENDING]
        is_decided = PredictionRow.review_state != str(ReviewState.PENDING)
        n_decided = session.scalar(select(func.count(PredictionRow.id)).where(is_decided)) or 0
    has_active = str(ModelStatus.ACTIVE) in statuses
    step = _next_step(n_products, n_runs, n_nodes, len(statuses), has_active, n_decided)
    return LoopState(n_products, n_runs, n_open, n_nodes, len(statuses), has_active, n_pending, n_decided, step)


def _next_step(n_products: int, n_runs: int, n_nodes: int, n_models: int, has_active: bool, n_decided: int) -> str:
    steps = [("import", n_products), ("discover", n_runs), ("review", n_nodes), ("retrain", n_models and has_active),
             ("predictions", n_decided)]  # fmt: skip
    return next((name for name, is_done in steps if not is_done), "export")
