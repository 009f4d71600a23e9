"""The map of a discovery run: where each product lies, and what colours it."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
from sqlalchemy import and_, func, null, select
from sqlalchemy.orm import Session

from core.discovery.map_sample import map_sample
from core.domain.arrays import AnyArray, FloatArray, IntArray
from core.domain.errors import RunNotFoundError
from core.services.cluster_labels import ClusterLabel, cluster_labels
from core.services.context import Context
from core.services.models import active_row
from core.services.review import ready_run
from core.services.review_rows import load_run_file
from core.taxonomy.tree import Taxonomy
from db.models import MemberRow, PredictionRow, ProductRow
from db.repositories import taxonomy as taxonomy_rows

READ_TOKEN = secrets.token_urlsafe(24)
"""What a request for a map must show: made anew in every process, and told to its pages alone."""
MAX_POINTS = 50_000
TOP_GROUPS = 8
"""Platforms and labels with a colour of their own; the others share one."""
CONFIDENCE_EDGES = (0.5, 0.7, 0.8, 0.9, 0.95)


class MapColour(StrEnum):
    """What the colour of a point says."""

    CLUSTER = "cluster"
    PLATFORM = "platform"
    CONFIDENCE = "confidence"
    LABEL = "label"


class MapGroup(NamedTuple):
    """A line of the legend. `count` is that of the whole run; `kind` tells what has no colour of its own."""

    label: str
    count: int
    kind: Literal["own", "other", "none"] = "own"


@dataclass(frozen=True, slots=True, eq=False)
class MapPoints:
    """Products of a run on its map, in the order of the run.

    Attributes:
        colour: What the groups are.
        product_ids: Shape: (n_shown,).
        positions: Shape: (n_shown, 2).
        groups: Place of each product's group in `legend`. Shape: (n_shown,).
        clusters: Place of each product's deepest cluster in `labels`, -1 for one set aside. Shape: (n_shown,).
        legend: The groups.
        labels: All clusters of the run.
        n_total: Products of the run that have a place on the map.
        n_elsewhere: Products that somebody brought into the run later; the map has no place for them.
    """

    colour: MapColour
    product_ids: IntArray
    positions: FloatArray
    groups: IntArray
    clusters: IntArray
    legend: tuple[MapGroup, ...]
    labels: tuple[ClusterLabel, ...]
    n_total: int
    n_elsewhere: int


@dataclass(frozen=True, slots=True)
class PointDetails:
    """What a point says when it is pointed at."""

    title: str
    image_hash: str | None


def map_points(context: Context, run_id: int, colour: MapColour, limit: int = MAX_POINTS) -> MapPoints:
    """Lay the products of a run on its map.

    Args:
        context: The open workspace.
        run_id: The run.
        colour: What to colour by.
        limit: How many products to show at most; a seeded sample that keeps some of every cluster stands for more.

    Raises:
        RunNotFoundError: If there is no such run, or its file is missing.
        RunNotReadyError: If it has not been finished.
    """
    with context.database.read() as session:
        ready_run(session, run_id)
        labels = cluster_labels(session, run_id)
        rows = _rows(session, run_id, colour)
        n_members = session.scalar(select(func.count(MemberRow.id)).where(MemberRow.run_id == run_id)) or 0
        product_ids, positions, cluster_ids, subcluster_ids, values = zip(*rows, strict=True) if rows else ((),) * 5
        groups, legend = _grouped(session, colour, labels, cluster_ids, values)
    place = {label.id: number for number, label in enumerate(labels)}
    clusters = np.array(
        [place.get(deep or top, -1) for top, deep in zip(cluster_ids, subcluster_ids, strict=True)], dtype=np.int64
    )
    tops = np.array([label.top for label in labels] + [-1], dtype=np.int64)[clusters]
    shown = map_sample(tops, limit, run_id)
    projection = load_run_file(context, run_id).projection[np.array(positions, dtype=np.int64)[shown]]
    return MapPoints(
        colour, np.array(product_ids, dtype=np.int64)[shown], projection.astype(np.float32), groups[shown],
        clusters[shown], legend, tuple(labels), len(rows), n_members - len(rows),
    )  # fmt: skip


def point_details(context: Context, run_id: int, product_id: int) -> PointDetails:
    """What to say of one product on the map of a run.

    Raises:
        RunNotFoundError: If the product is not part of the run.
    """
    is_member = and_(MemberRow.run_id == run_id, MemberRow.product_id == product_id)
    query = select(ProductRow.title, ProductRow.image_hash).join(MemberRow, MemberRow.product_id == ProductRow.id)
    with context.database.read() as session:
        found = session.execute(query.where(is_member)).first()
    if found is None:
        raise RunNotFoundError(f"Product {product_id} is not part of run {run_id}.", "Reload the page.")
    return PointDetails(*found)


def _rows(session: Session, run_id: int, colour: MapColour) -> Sequence[tuple[Any, ...]]:
    """Product id, position, cluster, deepest cluster below it, and what it is coloured by."""
    value: Any = {MapColour.PLATFORM: ProductRow.platform, MapColour.LABEL: ProductRow.node_id}.get(colour)
    member = (MemberRow.product_id, MemberRow.position, MemberRow.cluster_id, MemberRow.subcluster_id)
    if value is not None:
        query = select(*member, value).join(ProductRow, ProductRow.id == MemberRow.product_id)
    elif colour is MapColour.CONFIDENCE and (model := active_row(session)) is not None:
        is_of_model = and_(PredictionRow.product_id == MemberRow.product_id, PredictionRow.model_id == model.id)
        query = select(*member, PredictionRow.confidence).outerjoin(PredictionRow, is_of_model)
    else:
        query = select(*member, null())
    chosen = query.where(MemberRow.run_id == run_id, MemberRow.position >= 0).order_by(MemberRow.position)
    # The driver's own tuples: Row objects around 100,000 of them would take longer than reading them.
    return session.connection().execute(chosen).cursor.fetchall()


def _grouped(
    session: Session,
    colour: MapColour,
    labels: Sequence[ClusterLabel],
    cluster_ids: Sequence[int | None],
    values: Sequence[Any],
) -> tuple[IntArray, tuple[MapGroup, ...]]:
    if colour is MapColour.CLUSTER:
        names = {label.id: label.label for label in labels if label.parent < 0}
        return _legend(cluster_ids, names, "Set aside")
    if colour is MapColour.CONFIDENCE:
        return _by_confidence(values)
    counts = Counter(values).most_common()
    names = _node_names(session, [key for key, _ in counts]) if colour is MapColour.LABEL else {}
    top = {key: names.get(key, key) or "No platform" for key, _ in counts[:TOP_GROUPS]}
    n_others = len(counts) - len(top)
    what = "platform" if colour is MapColour.PLATFORM else "label"
    return _legend(values, top, f"{n_others} other {what}{'' if n_others == 1 else 's'}", "other")


def _legend(
    keys: Sequence[Any], names: dict[Any, str], rest: str, kind: Literal["other", "none"] = "none"
) -> tuple[IntArray, tuple[MapGroup, ...]]:
    """Groups by key; keys without a name share the last group, which is there only if it is needed."""
    place = {key: number for number, key in enumerate(names)}
    groups = np.array([place.get(key, len(names)) for key in keys], dtype=np.int64)
    counts = np.bincount(groups, minlength=len(names) + 1).tolist()
    legend = [MapGroup(name, count) for name, count in zip(names.values(), counts, strict=False)]
    return groups, (*legend, *([MapGroup(rest, counts[-1], kind)] if counts[-1] else []))


def _by_confidence(values: Sequence[float | None]) -> tuple[IntArray, tuple[MapGroup, ...]]:
    """Steps of confidence, unsure first; finer where classifiers are sure, for that is where most products are."""
    edges = (0.0, *CONFIDENCE_EDGES, 1.0)
    names = {
        step: f"below {high:.0%}" if step == 0 else f"{low:.0%} to {high:.0%}"
        for step, (low, high) in enumerate(pairwise(edges))
    }
    confidences: AnyArray = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    steps = np.searchsorted(CONFIDENCE_EDGES, confidences, side="right")
    return _legend([-1 if np.isnan(value) else step for value, step in zip(confidences, steps.tolist(), strict=True)],
                   names, "No prediction")  # fmt: skip


def _node_names(session: Session, node_ids: Sequence[str]) -> dict[str, str]:
    """Short names of nodes; two of one name get their parent's before it."""
    taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    paths = {node_id: taxonomy.names(node_id) for node_id in node_ids}
    twice = Counter(path[-1] for path in paths.values() if path)
    return {
        node_id: " > ".join(path[-2:] if twice[path[-1]] > 1 else path[-1:]) if path else "No category"
        for node_id, path in paths.items()
    }
