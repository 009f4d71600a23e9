"""Approve all clusters above a quality at once, under the names they go by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.discovery.naming import is_makeshift
from core.domain.discovery import Cluster, ClusterStatus
from core.domain.errors import AppError, StaleRevisionError, TaxonomyError
from core.services.approval import ApprovalResult, approve_clusters
from core.services.context import Context
from core.services.review import ready_run, total_sizes
from core.services.review_rows import live_node
from core.taxonomy.operations import check_name
from db.models import NodeRow, RunRow
from db.repositories import runs


class Measure(StrEnum):
    """By which quality clusters are taken."""

    SILHOUETTE = "silhouette"
    STABILITY = "stability"


@dataclass(frozen=True, slots=True)
class Taken:
    """A cluster that would be approved: `name` is the curator's, else the best suggestion.

    `is_known` says that the category has a subcategory of this name: the products join it.
    """

    cluster: Cluster
    name: str
    quality: float
    is_known: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cluster that is good enough and is left to be looked at, with the reason in a sentence."""

    cluster: Cluster
    quality: float
    reason: str


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What `approve_above` would do, best clusters first; `n_below` open clusters do not reach the threshold."""

    taken: tuple[Taken, ...]
    left_out: tuple[LeftOut, ...]
    n_below: int

    @property
    def revisions(self) -> dict[int, int]:
        """Cluster id → revision of those taken: what `approve_above` wants to know was seen."""
        return {item.cluster.id: item.cluster.revision for item in self.taken}

    @property
    def n_products(self) -> int:
        """Products that would be placed."""
        return sum(item.cluster.size for item in self.taken)


def preview_above(
    context: Context, run_id: int, threshold: float, measure: Measure | str = Measure.SILHOUETTE
) -> BulkPreview:
    """Which open clusters of level 1 reach a quality, under which names, and which of them are left out.

    Left out are clusters without a name that a category could have, those that would be called alike, and empty ones.

    Args:
        context: The open workspace.
        run_id: The run.
        threshold: Least quality, in [-1, 1] for the silhouette and in [0, 1] for the stability.
        measure: By which quality.

    Raises:
        RunNotFoundError: If there is no such run.
        RunNotReadyError: If it has not been finished.
        TaxonomyError: If there is no such measure.
    """
    chosen = _measure(measure)
    with context.database.read() as session:
        run = ready_run(session, run_id)
        is_open = [cluster for cluster in _clusters(session, run_id) if cluster.status is ClusterStatus.OPEN]
        known = _known_names(session, run)
    found = [(cluster, quality) for cluster in is_open if (quality := _quality(cluster, chosen)) is not None]
    good = sorted(
        ((cluster, quality) for cluster, quality in found if quality >= threshold),
        key=lambda item: (-item[1], item[0].number),
    )
    names = {cluster.id: _name(cluster) for cluster, _ in good}
    n_alike = Counter(name.casefold() for name in names.values())
    taken: list[Taken] = []
    left_out: list[LeftOut] = []
    for cluster, quality in good:
        name = names[cluster.id]
        reason = _reason(cluster, name, n_alike[name.casefold()])
        if reason:
            left_out.append(LeftOut(cluster, quality, reason))
        else:
            taken.append(Taken(cluster, check_name(name), quality, name.casefold() in known))
    return BulkPreview(tuple(taken), tuple(left_out), len(is_open) - len(good))


def approve_above(
    context: Context,
    run_id: int,
    threshold: float,
    measure: Measure | str,
    author: str,
    seen: Mapping[int, int] | None = None,
) -> ApprovalResult:
    """Approve what `preview_above` takes; one act, taken back as one.

    Args:
        context: The open workspace.
        run_id: The run.
        threshold: Least quality.
        measure: By which quality.
        author: Who approves.
        seen: `revisions` of the preview the curator looked at; None asks nothing.

    Raises:
        StaleRevisionError: If other clusters would be taken than were seen, or one was changed since.
        TaxonomyError: If no cluster is taken; see also `approve_clusters` and `preview_above`.
    """
    preview = preview_above(context, run_id, threshold, measure)
    if seen is not None and dict(seen) != preview.revisions:
        raise StaleRevisionError(
            "Somebody else worked on these clusters meanwhile: others would be approved than you saw.",
            "Look at the list again, then approve.",
        )
    if not preview.taken:
        raise TaxonomyError(
            f"No open cluster with a usable name reaches a {_measure(measure)} of {threshold:.2f}.",
            "Lower the threshold, or name clusters first.",
        )
    names = {item.cluster.id: item.name for item in preview.taken}
    note = f"Approved the {len(names)} clusters that hold together best, from {threshold:.2f} on"
    return approve_clusters(context, run_id, names, note, author, revisions=preview.revisions)


def _measure(measure: Measure | str) -> Measure:
    try:
        return Measure(measure)
    except ValueError as error:
        raise TaxonomyError(
            f"There is no quality called '{measure}'.", f"Choose one of {', '.join(Measure)}."
        ) from error


def _clusters(session: Session, run_id: int) -> list[Cluster]:
    rows = runs.cluster_rows(session, run_id)
    sizes = total_sizes(rows, runs.sizes(session, run_id))
    return [runs.to_cluster(row, sizes[row.id]) for row in rows if row.level == 1]


def _known_names(session: Session, run: RunRow) -> set[str]:
    children = (NodeRow.parent_id == live_node(session, run.category_id)) & (NodeRow.status != "deprecated")
    return {name.casefold() for name in session.scalars(select(NodeRow.name).where(children))}


def _quality(cluster: Cluster, measure: Measure) -> float | None:
    return cluster.quality.silhouette if measure is Measure.SILHOUETTE else cluster.quality.stability


def _name(cluster: Cluster) -> str:
    if cluster.name or not cluster.suggestions or is_makeshift(cluster.suggestions[0]):
        return cluster.name
    return cluster.suggestions[0].name


def _reason(cluster: Cluster, name: str, n_alike: int) -> str:
    if cluster.size == 0:
        return "It holds no products."
    if not name:
        return "Nobody named it, and its titles suggest no name."
    if n_alike > 1:
        return (
            f"{'Another cluster' if n_alike == 2 else f'{n_alike - 1} other clusters'} would be called '{name}', too."
        )
    try:
        check_name(name)
    except AppError as error:
        return error.message
    return ""
