"""What of a run is open on the review page: a cluster, what is set aside, a search, a lasso, look-alikes."""

from collections.abc import Sequence

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus
from core.services.grid_query import GridQuery, GridSource
from core.services.review import Review
from pages._parts import grid_filters
from pages._shared import state


def current(review: Review) -> GridQuery:
    """What is open: as the curator chose, as the address says, or the first cluster that waits."""
    held: GridQuery | None = st.session_state.get(_key(review.run.id))
    if held is not None and (held.source is not GridSource.CLUSTER or _find(review, held.cluster_id)):
        return held
    asked = _find(review, state.query_number(state.CLUSTER)) if held is None else None
    first = asked or next_open(review, None) or next(iter(_level_1(review)), None)
    query = GridQuery(review.run.id, GridSource.RUN)
    if first is not None:
        query = GridQuery(review.run.id, GridSource.CLUSTER, cluster_id=first.id)
    _hold(query)
    return query


def open_cluster(review: Review, query: GridQuery) -> Cluster | None:
    """The cluster that is open, if one is."""
    return _find(review, query.cluster_id) if query.source is GridSource.CLUSTER else None


def filter_key(run_id: int) -> str:
    """Key of the filters above the grid."""
    return f"filters_{run_id}"


def home_cluster_id(run_id: int) -> int | None:
    """The cluster that was open last: the way back from a search."""
    return st.session_state.get(state.REVIEW_HOME.format(run=run_id))


def show(query: GridQuery) -> None:
    """Open something else, at its first page and without filters."""
    grid_filters.clear(filter_key(query.run_id))
    if query.source is not GridSource.CHOSEN:
        opened = state.REVIEW_OPENED.format(run=query.run_id)
        st.session_state[opened] = st.session_state.get(opened, 0) + 1
    _hold(query)
    st.session_state[state.REVIEW_PAGE.format(run=query.run_id)] = 1


def n_opened(run_id: int) -> int:
    """How often something else than a lasso was opened: what was drawn on the map is then of no meaning any more."""
    return int(st.session_state.get(state.REVIEW_OPENED.format(run=run_id), 0))


def show_row(run_id: int, row_id: str) -> None:
    """Open a row of the rail."""
    kind, _, rest = row_id.partition(":")
    if kind == "cluster":
        show(GridQuery(run_id, GridSource.CLUSTER, cluster_id=int(rest)))
    elif kind == "aside":
        show(GridQuery(run_id, GridSource.ASIDE, aside=rest))
    else:
        show(GridQuery(run_id, GridSource.RUN))


def show_products(run_id: int, product_ids: Sequence[int], source: GridSource) -> None:
    """Open products of a lasso, or those that look like some."""
    show(GridQuery(run_id, source, product_ids=tuple(product_ids)))


def row_id(query: GridQuery) -> str:
    """The row of the rail that stands for a query; '' for none."""
    if query.source is GridSource.CLUSTER:
        return f"cluster:{query.cluster_id}"
    if query.source is GridSource.ASIDE:
        return f"aside:{query.aside}"
    return "run" if query.source is GridSource.RUN else ""


def step(review: Review, by: int) -> None:
    """Open the next cluster that waits, or the one before it."""
    query = current(review)
    waiting = next_open(review, query.cluster_id, by)
    if waiting is not None:
        show(GridQuery(review.run.id, GridSource.CLUSTER, cluster_id=waiting.id))


def next_open(review: Review, after_id: int | None, by: int = 1) -> Cluster | None:
    """The open cluster that follows one in the rail, going round; the first where none is named."""
    groups = _level_1(review)
    ids = [cluster.id for cluster in groups]
    here = _find(review, after_id)
    top_id = here.parent_id if here is not None and here.parent_id in ids else after_id
    start = ids.index(top_id) if top_id in ids else (-1 if by > 0 else 0)
    around = [groups[(start + by * distance) % len(groups)] for distance in range(1, len(groups) + 1)]
    return next((c for c in around if c.status is ClusterStatus.OPEN and c.id != top_id), None)


def page_number(run_id: int) -> int:
    """The page of the grid that is open."""
    return int(st.session_state.get(state.REVIEW_PAGE.format(run=run_id), 1))


def turn_to(run_id: int, number: int) -> None:
    """Open another page."""
    st.session_state[state.REVIEW_PAGE.format(run=run_id)] = number


def _key(run_id: int) -> str:
    return state.REVIEW_VIEW.format(run=run_id)


def _hold(query: GridQuery) -> None:
    st.session_state[_key(query.run_id)] = query
    if query.source is GridSource.CLUSTER:
        st.session_state[state.REVIEW_HOME.format(run=query.run_id)] = query.cluster_id
        st.query_params[state.CLUSTER] = str(query.cluster_id)  # the address leads back here


def _level_1(review: Review) -> list[Cluster]:
    return [cluster for cluster in review.clusters if cluster.level == 1]


def _find(review: Review, cluster_id: int | None) -> Cluster | None:
    return next((cluster for cluster in review.clusters if cluster.id == cluster_id), None)
