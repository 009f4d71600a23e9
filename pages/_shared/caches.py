"""What pages keep between runs. Keys hold the workspace and a revision, so nothing stale is ever shown."""

import os
from collections.abc import Mapping

import streamlit as st

from core.domain.discovery import Cluster
from core.domain.workspace import Workspace
from core.services import (
    aside,
    catalogue,
    encoders,
    grid_query,
    opinions,
    predictions,
    review,
    run_comparison,
    settings,
    taxonomy,
)
from core.services.aside import AsideKind
from core.services.catalogue import CatalogueStatistics, CatalogueTotals, LoopState
from core.services.context import Context, open_context
from core.services.grid_query import Facets, GridPage, GridQuery
from core.services.modalities import catalogue_modalities
from core.services.opinions import CategoryAgreement, Opinion
from core.services.review import GridItem, Review, RunSummary
from core.services.run_comparison import RunComparison
from core.services.settings import SECOND_CURATOR
from core.services.taxonomy import TaxonomyView


@st.cache_resource(show_spinner=False)
def _context(_workspace: Workspace, home: str, database_url: str) -> Context:
    return open_context(_workspace)


def context() -> Context:
    """The workspace the environment names, opened once per process."""
    workspace = Workspace.from_environment(os.environ)
    return _context(workspace, str(workspace.home), workspace.database_url)


def revision(ctx: Context) -> tuple[str, str]:
    """The workspace and its present revision: the key of everything below."""
    return ctx.workspace.database_url, catalogue.data_revision(ctx)


@st.cache_data(show_spinner=False, max_entries=16)
def _totals(_ctx: Context, key: tuple[str, str]) -> CatalogueTotals:
    return catalogue.catalogue_totals(_ctx)


def totals(ctx: Context) -> CatalogueTotals:
    """How much there is of everything."""
    return _totals(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=16)
def _loop(_ctx: Context, key: tuple[str, str]) -> LoopState:
    return catalogue.loop_state(_ctx)


def loop(ctx: Context) -> LoopState:
    """How far the curator is round the loop."""
    return _loop(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=4)
def _statistics(_ctx: Context, key: tuple[str, str]) -> CatalogueStatistics:
    return catalogue.statistics(_ctx)


def statistics(ctx: Context) -> CatalogueStatistics:
    """The small frames behind the catalogue's charts."""
    return _statistics(ctx, revision(ctx))


@st.cache_resource(show_spinner=False, max_entries=4)
def _taxonomy_view(_ctx: Context, key: tuple[str, str]) -> TaxonomyView:
    return taxonomy.taxonomy_view(_ctx)


def taxonomy_view(ctx: Context) -> TaxonomyView:
    """The present tree with its product counts."""
    return _taxonomy_view(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=16)
def _runs(_ctx: Context, key: tuple[str, str]) -> list[RunSummary]:
    return review.list_runs(_ctx)


def runs(ctx: Context) -> list[RunSummary]:
    """Discovery runs, newest first."""
    return _runs(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=16)
def _review(_ctx: Context, key: tuple[str, str], run_id: int) -> Review:
    return review.open_review(_ctx, run_id)


def open_review(ctx: Context, run_id: int) -> Review:
    """A run as it stands under review."""
    return _review(ctx, revision(ctx), run_id)


@st.cache_data(show_spinner=False, max_entries=1024)
def _members(
    _ctx: Context, key: tuple[str, str], run_id: int, cluster_id: int | None, limit: int
) -> tuple[list[GridItem], int]:
    return review.cluster_products(_ctx, run_id, cluster_id, limit=limit)


def cluster_members(ctx: Context, cluster: Cluster, limit: int) -> tuple[list[GridItem], int]:
    """Products of a cluster, the most typical first, and how many there are."""
    return _members(ctx, revision(ctx), cluster.run_id, cluster.id, limit)


@st.cache_data(show_spinner=False, max_entries=16)
def _comparison(_ctx: Context, key: tuple[str, str], run_id: int) -> RunComparison | None:
    return run_comparison.compare_runs(_ctx, run_id)


def comparison(ctx: Context, run_id: int) -> RunComparison | None:
    """A run beside the one before it in its category; None where it is the first."""
    return _comparison(ctx, revision(ctx), run_id)


@st.cache_data(show_spinner=False, max_entries=8)
def _platform_names(_ctx: Context, key: tuple[str, str]) -> list[str]:
    return catalogue.platforms(_ctx)


def platform_names(ctx: Context) -> list[str]:
    """Platforms in the catalogue, by name."""
    return _platform_names(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=8)
def _modalities(_ctx: Context, key: tuple[str, str]) -> tuple[str, ...]:
    return catalogue_modalities(_ctx)


def modalities(ctx: Context) -> tuple[str, ...]:
    """What there is to read of products: titles, brands, descriptions, images."""
    return _modalities(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=8, ttl=30)
def _encoder_names(_ctx: Context, home: str, modality: str) -> tuple[str, ...]:
    return encoders.encoder_names(_ctx, modality)


def encoder_names(ctx: Context, modality: str) -> tuple[str, ...]:
    """Encoders of "image" or "text" that can be chosen now; looked for again after half a minute."""
    return _encoder_names(ctx, str(ctx.workspace.home), modality)


@st.cache_data(show_spinner=False, max_entries=8)
def _choices(_ctx: Context, key: tuple[str, str]) -> dict[str, str]:
    return dict(predictions.nodes_for_choice(_ctx))


def node_paths(ctx: Context) -> Mapping[str, str]:
    """Path of every node a product can be put under, by node id."""
    return _choices(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=16)
def _opinions(_ctx: Context, key: tuple[str, str], run_id: int) -> dict[int, tuple[Opinion, ...]]:
    return opinions.of_run(_ctx, run_id)


def run_opinions(ctx: Context, run_id: int) -> Mapping[int, tuple[Opinion, ...]]:
    """The newest opinion of each curator on the clusters of a run, by cluster id."""
    return _opinions(ctx, revision(ctx), run_id)


@st.cache_data(show_spinner=False, max_entries=16)
def _second_curator(_ctx: Context, key: tuple[str, str]) -> bool:
    return settings.get(_ctx, SECOND_CURATOR)


def needs_second_curator(ctx: Context) -> bool:
    """Whether a decision needs two curators."""
    return _second_curator(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=4)
def _agreement(_ctx: Context, key: tuple[str, str]) -> list[CategoryAgreement]:
    return opinions.agreement(_ctx)


def agreement(ctx: Context) -> list[CategoryAgreement]:
    """How far curators agree, by category."""
    return _agreement(ctx, revision(ctx))


@st.cache_data(show_spinner=False, max_entries=64)
def _grid_page(_ctx: Context, key: tuple[str, str], query: GridQuery, number: int, size: int) -> GridPage:
    return grid_query.grid_page(_ctx, query, size, (number - 1) * size)


def grid_pages(ctx: Context, query: GridQuery, number: int, size: int) -> tuple[GridPage, GridPage | None]:
    """A page of what a query finds, and the one after it, where there is one."""
    key = revision(ctx)
    page = _grid_page(ctx, key, query, number, size)
    return page, _grid_page(ctx, key, query, number + 1, size) if page.total > number * size else None


@st.cache_data(show_spinner=False, max_entries=64)
def _grid_facets(_ctx: Context, key: tuple[str, str], query: GridQuery) -> Facets:
    return grid_query.facets(_ctx, query)


def grid_facets(ctx: Context, query: GridQuery) -> Facets:
    """Platforms and brands that a query can be narrowed to, with their counts."""
    return _grid_facets(ctx, revision(ctx), query)


@st.cache_data(show_spinner=False, max_entries=16)
def _aside_counts(_ctx: Context, key: tuple[str, str], run_id: int) -> dict[AsideKind, int]:
    return {found.kind: found.total for found in aside.aside_sets(_ctx, run_id, {}, 0)}


def aside_counts(ctx: Context, run_id: int) -> Mapping[AsideKind, int]:
    """How many products of a run are in no cluster, by reason."""
    return _aside_counts(ctx, revision(ctx), run_id)
