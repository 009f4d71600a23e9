"""The cascade's tree as the review shows it: branches called and coloured by the clusters they mostly belong to."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.discovery.dendrogram_layout import DendrogramLayout, layout_dendrogram
from core.domain.arrays import IntArray
from core.services.cluster_labels import cluster_labels
from core.services.context import Context
from core.services.review import ready_run
from core.services.review_rows import load_run_file
from db.models import MemberRow

MIN_BRANCHES, MAX_BRANCHES = 24, 40
FINER = 10
"""Branches that are drawn beyond the present cut."""
SET_ASIDE = -1


@dataclass(frozen=True, slots=True)
class Branch:
    """An end of the drawn tree.

    Attributes:
        label: The cluster most of its products belong to.
        cluster: Place of that cluster among those of level 1, which decides its colour; -1: most are set aside.
        size: Products under it.
        share: Share of them that belong to that cluster, in [0, 1].
    """

    label: str
    cluster: int
    size: int
    share: float


@dataclass(frozen=True, slots=True)
class DendrogramView:
    """The drawn tree, its ends in the order of the layout, and the products that are outside it."""

    layout: DendrogramLayout
    branches: tuple[Branch, ...]
    n_outside: int


def open_dendrogram(context: Context, run_id: int, n_clusters: int) -> DendrogramView:
    """The top of a run's tree.

    Args:
        context: The open workspace.
        run_id: The run.
        n_clusters: Of the present cut; the picture goes somewhat finer.

    Raises:
        RunNotFoundError: If there is no such run, or its file is missing.
        RunNotReadyError: If it has not been finished.
    """
    with context.database.read() as session:
        ready_run(session, run_id)
        labels = [label.label for label in cluster_labels(session, run_id) if label.parent < 0]
        clusters = _cluster_of_position(session, run_id)
    n_branches = min(max(n_clusters + FINER, MIN_BRANCHES), MAX_BRANCHES)
    layout = layout_dendrogram(load_run_file(context, run_id).dendrogram, n_branches)
    inside = layout.branch_of_product >= 0
    # One more column than clusters: -1 counts what was set aside since.
    counts = np.zeros((layout.n_branches, len(labels) + 1), dtype=np.int64)
    known = clusters[: len(inside)]
    np.add.at(counts, (layout.branch_of_product[inside], known[inside]), 1)
    branches = [_branch(row.tolist(), labels) for row in counts]
    return DendrogramView(layout, tuple(branches), int((~inside).sum()))


def _branch(counts: list[int], labels: list[str]) -> Branch:
    size, most = sum(counts), max(range(len(counts)), key=counts.__getitem__)
    is_aside = most == len(labels)
    label = "Set aside" if is_aside else labels[most]
    return Branch(label, SET_ASIDE if is_aside else most, size, counts[most] / size if size else 0.0)


def _cluster_of_position(session: Session, run_id: int) -> IntArray:
    """Place of the level-1 cluster of each product of the run, -1 for one set aside. Shape: (n_products,)."""
    place = {label.id: at for at, label in enumerate(cluster_labels(session, run_id)) if label.parent < 0}
    chosen = select(MemberRow.position, MemberRow.cluster_id)
    chosen = chosen.where(MemberRow.run_id == run_id, MemberRow.position >= 0).order_by(MemberRow.position)
    rows = session.connection().execute(chosen).cursor.fetchall()
    found = np.full(rows[-1][0] + 1 if rows else 0, SET_ASIDE, dtype=np.int64)
    for position, cluster_id in rows:
        found[position] = place.get(cluster_id, SET_ASIDE)
    return found
