"""What the weeks brought, as it was last measured: what rose, and which categories grow."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from core.domain.drift import DriftWeek
from core.inference.drift_change import (
    FEWEST_PRODUCTS,
    WEEKS_BEFORE,
    GrowingCategory,
    Measure,
    ShareChange,
    growing_categories,
    newest_telling_week,
    share_changes,
)
from core.services.context import Context
from core.services.grid_items import node_paths
from core.services.models import active_row
from core.taxonomy.tree import Taxonomy
from db.repositories import drift
from db.repositories import taxonomy as taxonomy_rows

__all__ = [
    "FEWEST_PRODUCTS", "WEEKS_BEFORE", "GrowingCategory", "Measure", "ShareChange", "category_path", "drift_weeks",
    "growing", "is_stale", "measured_at", "newest_telling_week", "share_changes",
]  # fmt: skip


def drift_weeks(context: Context) -> list[DriftWeek]:
    """Every platform in every week, by week and platform; none before the first measurement."""
    with context.database.read() as session:
        return drift.load_weeks(session)


def measured_at(context: Context) -> datetime | None:
    """When drift was last measured; None before the first time."""
    with context.database.read() as session:
        found = drift.measurement(session)
    return None if found is None else found[1]


def is_stale(context: Context) -> bool:
    """Whether a catalogue was imported, products were predicted or another model was promoted since the measurement."""
    with context.database.read() as session:
        found, model = drift.measurement(session), active_row(session)
        if found is None or model is None:
            return False
        model_id, at = found
        moments = (drift.newest_import(session), drift.newest_prediction(session, model.id))
    return model.id != model_id or any(moment is not None and moment > at for moment in moments)


def growing(context: Context, week: str) -> list[tuple[str, GrowingCategory]]:
    """Categories that grew in a week, each with its path, the one that grew most certainly first.

    Of a category and one above or below it only the one that grew more certainly is there.
    """
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        weeks = drift.load_weeks(session)
    path = category_path(taxonomy)
    paths = node_paths(taxonomy)
    kept: list[GrowingCategory] = []
    for found in growing_categories(weeks, week, path):
        if not any(found.node_id in path(one.node_id) or one.node_id in path(found.node_id) for one in kept):
            kept.append(found)
    return [(paths[found.node_id], found) for found in kept]


def category_path(taxonomy: Taxonomy) -> Callable[[str], tuple[str, ...]]:
    """A function from a node a model speaks of to the ids from below the root to what it has become."""

    @cache
    def path(node_id: str) -> tuple[str, ...]:
        if node_id not in taxonomy:
            return ()
        return tuple(node.id for node in taxonomy.path(taxonomy.replacement(node_id).id))

    return path
