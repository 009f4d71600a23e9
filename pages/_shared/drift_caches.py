"""What the Drift page and its box on Home keep between runs; see `pages._shared.caches`."""

from datetime import datetime

import streamlit as st

from core.domain.drift import DiscoveryProposal, DriftWeek
from core.domain.job import JobKind
from core.services import discovery_proposals, drift, jobs
from core.services.context import Context
from core.services.drift import GrowingCategory
from core.services.grid_items import GridItem
from pages._shared import caches

Key = tuple[object, ...]


def _key(ctx: Context) -> Key:
    """A measurement is no act, and neither is a discovery that waits: both change what there is to say."""
    waiting = tuple(job.id for job in jobs.active_jobs(ctx) if job.kind is JobKind.DISCOVER)
    return (*caches.revision(ctx), drift.measured_at(ctx), waiting)


@st.cache_data(show_spinner=False, max_entries=4)
def _weeks(_ctx: Context, database_url: str, measured_at: datetime | None) -> list[DriftWeek]:
    return drift.drift_weeks(_ctx)


def weeks(ctx: Context) -> list[DriftWeek]:
    """Every platform in every week, by week and platform."""
    return _weeks(ctx, ctx.workspace.database_url, drift.measured_at(ctx))


@st.cache_data(show_spinner=False, max_entries=8)
def _proposals(_ctx: Context, key: Key, limit: int) -> list[DiscoveryProposal]:
    return discovery_proposals.discovery_proposals(_ctx, limit)


def proposals(ctx: Context, limit: int = 5) -> list[DiscoveryProposal]:
    """Categories that deserve another discovery, most of all first."""
    return _proposals(ctx, _key(ctx), limit)


@st.cache_data(show_spinner=False, max_entries=4)
def _dismissed(_ctx: Context, key: Key) -> list[DiscoveryProposal]:
    return discovery_proposals.dismissed_proposals(_ctx)


def dismissed(ctx: Context) -> list[DiscoveryProposal]:
    """Proposals that a curator turned down."""
    return _dismissed(ctx, _key(ctx))


@st.cache_data(show_spinner=False, max_entries=64)
def _examples(_ctx: Context, key: Key, node_id: str, limit: int) -> list[GridItem]:
    return discovery_proposals.proposal_examples(_ctx, node_id, limit)


def examples(ctx: Context, node_id: str, limit: int) -> list[GridItem]:
    """Products to look at before a discovery."""
    return _examples(ctx, _key(ctx), node_id, limit)


@st.cache_data(show_spinner=False, max_entries=16)
def _growing(_ctx: Context, key: Key, week: str) -> list[tuple[str, GrowingCategory]]:
    return drift.growing(_ctx, week)


def growing(ctx: Context, week: str) -> list[tuple[str, GrowingCategory]]:
    """Categories that grew in a week, each with its path."""
    return _growing(ctx, _key(ctx), week)
