"""What pages about models keep between runs; see `pages._shared.caches`."""

from collections.abc import Mapping

import streamlit as st

from core.domain.classifier import ModelVersion
from core.domain.escalation import EscalationReport
from core.domain.model_comparison import ModelComparison
from core.domain.model_report import TestReport
from core.services import escalation, model_comparison, model_predictions, model_report, models
from core.services.context import Context
from core.services.grid_items import GridItem
from pages._shared import caches

Key = tuple[str, str]


@st.cache_data(show_spinner=False, max_entries=16)
def _models(_ctx: Context, key: Key) -> list[ModelVersion]:
    return models.list_models(_ctx)


def known_models(ctx: Context) -> list[ModelVersion]:
    """All trained classifiers, newest first."""
    return _models(ctx, caches.revision(ctx))


@st.cache_data(show_spinner=False, max_entries=16)
def _report(_ctx: Context, home: str, model_id: int) -> TestReport | None:
    return model_report.model_report(_ctx, model_id)


def report(ctx: Context, model_id: int) -> TestReport | None:
    """What was measured of a classifier; it never changes."""
    return _report(ctx, str(ctx.workspace.home), model_id)


@st.cache_data(show_spinner=False, max_entries=16)
def _escalation(_ctx: Context, home: str, model_id: int) -> EscalationReport | None:
    return escalation.escalation_report(_ctx, model_id)


def escalation_of(ctx: Context, model_id: int) -> EscalationReport | None:
    """What comes of letting a classifier's text stage settle products; it never changes."""
    return _escalation(ctx, str(ctx.workspace.home), model_id)


@st.cache_data(show_spinner=False, max_entries=16)
def _comparison(_ctx: Context, key: Key, a_id: int, b_id: int) -> ModelComparison:
    return model_comparison.compare_models(_ctx, a_id, b_id)


def comparison(ctx: Context, a_id: int, b_id: int) -> ModelComparison:
    """Two classifiers side by side, by where products are now."""
    return _comparison(ctx, caches.revision(ctx), a_id, b_id)


@st.cache_data(show_spinner=False, max_entries=8)
def _version_paths(_ctx: Context, home: str, number: int) -> dict[str, str]:
    return model_predictions.version_paths(_ctx, number)


def version_paths(ctx: Context, number: int) -> Mapping[str, str]:
    """Path for people of every node of a version of the taxonomy, by node id; '' is the root's."""
    return _version_paths(ctx, ctx.workspace.database_url, number)


@st.cache_data(show_spinner=False, max_entries=64)
def _examples(_ctx: Context, key: Key, product_ids: tuple[int, ...]) -> dict[int, GridItem]:
    return model_predictions.example_products(_ctx, product_ids)


def examples(ctx: Context, product_ids: tuple[int, ...]) -> Mapping[int, GridItem]:
    """Products as a page draws them, by id."""
    return _examples(ctx, caches.revision(ctx), product_ids)
