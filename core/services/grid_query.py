"""What a grid shows: a page of it, all of it, and what it can be narrowed to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from core.services.context import Context
from core.services.grid_items import load_items
from core.services.grid_kinds import Facets, GridOnly, GridPage, GridQuery, GridSource
from core.services.grid_only import Narrowed, narrow, outlier_scores, whole_groups
from core.services.grid_sources import SourceProducts, mixed_order, source_products
from core.services.review import ready_run
from db.repositories.search import FoundProduct

__all__ = ["Facets", "GridOnly", "GridPage", "GridQuery", "GridSource", "facets", "grid_ids", "grid_page"]

OUTSIDE = "outside this run"


def grid_page(context: Context, query: GridQuery, limit: int = 48, offset: int = 0) -> GridPage:
    """One page of the products that a query finds, each with a short note where there is something to say.

    Args:
        context: The open workspace.
        query: What to show.
        limit: Products on the page.
        offset: Products before it.

    Raises:
        RunNotFoundError: If there is no such run.
        RunNotReadyError: If it has not been finished.
        NothingEncodedError: If similar products are asked for and nothing was encoded.
    """
    with context.database.read() as session:
        ready_run(session, query.run_id)
        source = source_products(context, query)
        found = _chosen(context, session, query, source)
        page = found.rows[offset : offset + limit]
        notes = _notes(session, query, page, {**source.notes, **found.notes})
        items = load_items(session, [row.product_id for row in page], notes)
    return GridPage(tuple(items), len(found.rows), " ".join(filter(None, (source.note, found.note))))


def grid_ids(context: Context, query: GridQuery) -> list[int]:
    """Every product that a query finds, in the order shown: for acts on all of them. Raises as `grid_page` does."""
    with context.database.read() as session:
        ready_run(session, query.run_id)
        found = _chosen(context, session, query, source_products(context, query))
    return [row.product_id for row in found.rows]


def facets(context: Context, query: GridQuery) -> Facets:
    """Platforms and brands among what a query finds, counted as if it asked for no platform, or for no brand.

    Raises as `grid_page` does. Products without a brand are in no count of brands.
    """
    with context.database.read() as session:
        ready_run(session, query.run_id)
        source = source_products(context, query)
        of_brand = _chosen(context, session, replace(query, platform=""), source).rows
        of_platform = _chosen(context, session, replace(query, brand=""), source).rows
    return Facets(_counts(row.platform for row in of_brand), _counts(row.brand for row in of_platform))


def _chosen(context: Context, session: Session, query: GridQuery, source: SourceProducts) -> Narrowed:
    """Products of the source that pass the filters, in the order shown."""
    narrowed = narrow(context, session, query, source.rows)
    rows = [row for row in narrowed.rows if query.platform in ("", row.platform) and query.brand in ("", row.brand)]
    if query.only is GridOnly.NEAR_DUPLICATES:
        return whole_groups(narrowed, rows)
    if not source.is_ranked and query.only is not GridOnly.OUTLIERS:
        rows = mixed_order(rows, query.run_id)
    return replace(narrowed, rows=rows)


def _notes(session: Session, query: GridQuery, page: list[FoundProduct], given: Mapping[int, str]) -> dict[int, str]:
    """The badge of each product of a page."""
    if query.source is GridSource.ASIDE:  # all of them are set aside: only how surely is worth saying
        return dict(given)
    far = outlier_scores(session, query.run_id, page)
    notes = {}
    for row in page:
        place = _place(row, row.product_id in far)
        said = given.get(row.product_id, "")
        notes[row.product_id] = " · ".join(dict.fromkeys(filter(None, (said, place))))
    return notes


def _place(row: FoundProduct, is_outlier: bool) -> str:
    """How a product stands in the run, where that is out of the ordinary."""
    if not row.is_in_run:
        return OUTSIDE
    if row.cluster_id is None:
        return "excluded" if row.is_excluded else "set aside"
    if row.is_moved:
        return "moved"
    return "outlier" if is_outlier else ""


def _counts(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Values that say something, the most frequent first, equals by name."""
    counts = Counter(value for value in values if value)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0].casefold(), item[0])))
