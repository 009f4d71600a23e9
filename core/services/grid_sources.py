"""The products that a grid takes from its source, in the order shown, before its filters."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from sqlalchemy.orm import Session

from core.discovery.review_order import mixed_screen
from core.services import aside
from core.services.aside import AsideKind
from core.services.catalogue import data_revision
from core.services.context import Context
from core.services.grid_kinds import GridOnly, GridQuery, GridSource
from core.services.review_rows import below, load_run_file
from core.services.similar import similar_products
from db.repositories import search
from db.repositories.search import FoundProduct

_KEPT = 8
"""Lists of products kept; one of 35,000 takes about 10 MB."""


@dataclass(frozen=True, slots=True)
class SourceProducts:
    """Products in the order shown; what the source says of some of them, and of itself.

    `is_ranked` says that this order is the one to show. Products of a cluster come most typical first instead, for
    `mixed_order`.
    """

    rows: list[FoundProduct]
    notes: dict[int, str] = field(default_factory=dict)
    note: str = ""
    is_ranked: bool = True


def source_products(context: Context, query: GridQuery) -> SourceProducts:
    """Products of the query's source that hold its words; kept until something changes.

    Raises:
        NothingEncodedError: If similar products are asked for and nothing was encoded.
    """
    if query.source is GridSource.SIMILAR:
        return _similar(context, query)
    unfiltered = replace(query, platform="", brand="", only=GridOnly.ALL)
    return _read(context, unfiltered, data_revision(context))


@lru_cache(maxsize=_KEPT)
def _read(context: Context, query: GridQuery, _revision: str) -> SourceProducts:
    """A page, the one after it and the counts of its filters ask one after another: the products are read once."""
    with context.database.read() as session:
        match query.source:
            case GridSource.CLUSTER if query.cluster_id is not None:
                inside = [query.cluster_id, *below(session, query.run_id, query.cluster_id)]
                rows = search.members_found(session, query.run_id, inside, query.words)
                return SourceProducts(rows, is_ranked=False)
            case GridSource.RUN:
                return SourceProducts(search.members_found(session, query.run_id, None, query.words))
            case GridSource.ASIDE:
                return _aside(context, session, query)
            case GridSource.CHOSEN:
                return SourceProducts(search.products_listed(session, query.run_id, query.product_ids, query.words))
            case GridSource.SEARCH:
                return SourceProducts(_found(session, query))
            case _:
                return SourceProducts([])


def mixed_order(rows: list[FoundProduct], run_id: int) -> list[FoundProduct]:
    """Products of a cluster as its pages show them: a mixed screen first, then the rest, most typical first."""
    ids = np.array([row.product_id for row in rows], dtype=np.int64)
    screen = {product_id: place for place, product_id in enumerate(mixed_screen(ids, run_id).tolist())}
    return sorted(rows, key=lambda row: screen.get(row.product_id, len(screen)))


def _aside(context: Context, session: Session, query: GridQuery) -> SourceProducts:
    """What is set aside for one reason, the surest first."""
    rows = [row for row in search.members_found(session, query.run_id, None, query.words) if row.cluster_id is None]
    if not rows:
        return SourceProducts([])
    rows.sort(key=lambda row: row.position)
    file = load_run_file(context, query.run_id)
    positions = np.array([row.position for row in rows], dtype=np.int64)
    kinds = aside.kinds_of(file, positions, np.array([row.is_excluded for row in rows]))
    scores = np.where(positions >= 0, file.outlier_scores[positions], 0.0)  # -1: brought in, the arrays lack it
    inside = np.flatnonzero(kinds == query.aside)
    order = inside[np.argsort(-scores[inside], kind="stable")]
    kind = AsideKind(query.aside) if query.aside in set(AsideKind) else AsideKind.UNLIKE
    notes = {rows[index].product_id: aside.note_of(kind, float(scores[index])) for index in order}
    return SourceProducts([rows[index] for index in order], notes)


def _similar(context: Context, query: GridQuery) -> SourceProducts:
    """Nearest neighbours, each with how near it is."""
    found = similar_products(context, query.product_ids)
    with context.database.read() as session:
        rows = search.products_listed(session, query.run_id, found.product_ids, query.words)
    notes = {
        product_id: f"{max(0, round(100 * similarity))} % alike"
        for product_id, similarity in zip(found.product_ids, found.similarities, strict=True)
    }
    return SourceProducts(rows, notes, found.note)


def _found(session: Session, query: GridQuery) -> list[FoundProduct]:
    """What a search finds; without words nothing."""
    if not search.split_words(query.words):
        return []
    if query.is_everywhere:
        return search.products_found(session, query.run_id, query.words)
    return search.members_found(session, query.run_id, None, query.words)
