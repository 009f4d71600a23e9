"""What the page of predictions keeps between runs; see `pages._shared.caches`."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.domain.classified import TEXT_STAGE
from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery, ReviewRound
from core.services import category_examples, prediction_queue, predictions
from core.services.context import Context
from core.services.grid_items import GridItem
from core.services.prediction_queue import PredictionItem
from pages._parts import taxonomy_rows
from pages._shared import caches
from pages._shared.tree_nodes import TreeNodes

Key = tuple[str, str]
Found = tuple[list[PredictionItem], int]


@st.cache_data(show_spinner=False, max_entries=64)
def _found(_ctx: Context, key: Key, query: PredictionQuery, limit: int, offset: int) -> Found:
    return prediction_queue.queue_page(_ctx, query, limit, offset)


def pages(ctx: Context, query: PredictionQuery, number: int, size: int) -> tuple[Found, Sequence[PredictionItem]]:
    """A page of the queue with how many there are in all, and the items of the page after it: one query for both."""
    items, total = _found(ctx, caches.revision(ctx), query, 2 * size, (number - 1) * size)
    return (items[:size], total), items[size:]


def n_found(ctx: Context, query: PredictionQuery) -> int:
    """How many predictions a query means."""
    return _found(ctx, caches.revision(ctx), query, 1, 0)[1]


@st.cache_data(show_spinner=False, max_entries=16)
def _settles_by_text(_ctx: Context, database_url: str, model_id: int, n_predictions: int) -> bool:
    return any(
        prediction_queue.queue_page(_ctx, PredictionQuery(state, stage=TEXT_STAGE), 1, 0)[1] for state in ReviewState
    )


def settles_by_text(ctx: Context, model_id: int) -> bool:
    """Whether the text stage alone gave some of a model's predictions; no decision changes that."""
    return _settles_by_text(ctx, ctx.workspace.database_url, model_id, sum(counts(ctx).values()))


@st.cache_data(show_spinner=False, max_entries=64)
def _look_alikes(_ctx: Context, key: Key, prediction_id: int) -> list[PredictionItem]:
    return prediction_queue.look_alike_items(_ctx, prediction_id)


def look_alikes(ctx: Context, prediction_id: int) -> Sequence[PredictionItem]:
    """Predictions of products that look alike and wait, too."""
    return _look_alikes(ctx, caches.revision(ctx), prediction_id)


@st.cache_data(show_spinner=False, max_entries=256)
def _examples(_ctx: Context, key: Key, product_id: int, node_id: str, n: int) -> list[GridItem]:
    return category_examples.nearest_in_category(_ctx, product_id, node_id, n)


def examples(ctx: Context, product_id: int, node_id: str, n: int) -> Sequence[GridItem]:
    """Products that are in a category, those most like a product first."""
    return _examples(ctx, caches.revision(ctx), product_id, node_id, n)


@st.cache_data(show_spinner=False, max_entries=16)
def _counts(_ctx: Context, key: Key) -> dict[ReviewState, int]:
    return predictions.prediction_counts(_ctx)


def counts(ctx: Context) -> Mapping[ReviewState, int]:
    """Predictions of the active classifier by state."""
    return _counts(ctx, caches.revision(ctx))


@st.cache_data(show_spinner=False, max_entries=16)
def _rounds(_ctx: Context, key: Key) -> list[ReviewRound]:
    return prediction_queue.rounds(_ctx)


def rounds(ctx: Context) -> Sequence[ReviewRound]:
    """What decisions said of each classifier, oldest first."""
    return _rounds(ctx, caches.revision(ctx))


@st.cache_resource(show_spinner=False, max_entries=4)
def _tree(_ctx: Context, key: Key) -> TreeNodes:
    return TreeNodes(tuple(taxonomy_rows.rows(caches.taxonomy_view(_ctx))))


def tree(ctx: Context) -> TreeNodes:
    """Every category that can hold products, as rows of the tree widget."""
    return _tree(ctx, caches.revision(ctx))
