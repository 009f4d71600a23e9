"""Approve clusters: nodes, assignments and a new version of the taxonomy, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, TaxonomyError
from core.domain.taxonomy import AssignmentSource, NodeStatus, TaxonomyNode
from core.services.categories import new_node_id
from core.services.context import Context
from core.services.history import run_scope
from core.services.journal import Journal
from core.services.opinions import check_agreed
from core.services.review_rows import cluster_label, live_node, nearest_node, revisions_differ
from core.taxonomy.operations import check_name
from db.models import ClusterRow, MemberRow, NodeRow, RunRow
from db.repositories import assignments, events, runs
from db.repositories import taxonomy as taxonomy_rows


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """What an approval made: the version, the nodes in the order of the clusters, the products put under them."""

    version: int
    node_ids: tuple[str, ...]
    n_products: int


@dataclass(slots=True)
class _Work:
    """One approval while it is being made."""

    session: Session
    run: RunRow
    version: int
    journal: Journal
    node_of_cluster: dict[int, str] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)


def approve_clusters(
    context: Context,
    run_id: int,
    names: Mapping[int, str],
    note: str,
    author: str,
    revisions: Mapping[int, int] | None = None,
) -> ApprovalResult:
    """Turn clusters into nodes below the run's category, and put their products there.

    Clusters given one name become one node; a name that the category already has below it means that node. A
    subcluster goes below the nearest cluster above it that is approved (now or before), else directly below the
    category; one called like its cluster is part of it.

    Args:
        context: The open workspace.
        run_id: The run.
        names: Cluster id → name of the node, for clusters of any level.
        note: Note of the new version; '' writes one.
        author: Who approves.
        revisions: Cluster id → revision as the curator saw it; those left out are taken as they are.

    Raises:
        RunNotFoundError: If a cluster is not part of the run.
        StaleRevisionError: If somebody changed a cluster since it was seen.
        TaxonomyError: If a cluster is decided already, a name cannot be a node's, nothing was named, or a second
            curator must agree first.
    """
    with context.database.write() as session:
        run = session.get(RunRow, run_id)
        if run is None:
            raise RunNotFoundError(f"There is no discovery run {run_id}.", "Choose one from the list.")
        chosen = _chosen(session, run_id, names)
        revisions_differ({cluster.id: cluster for cluster, _ in chosen}, revisions or {})
        check_agreed(session, run_id, {cluster.id: name for cluster, name in chosen})
        work = _Work(session, run, taxonomy_rows.latest_version_number(session) + 1, Journal(session))
        work.journal.keep(ClusterRow, [cluster.id for cluster, _ in chosen])
        for cluster, name in chosen:
            _approve(work, cluster, name)
        work.journal.made_nodes(work.created)
        placed = _placed(session, run_id, work.node_of_cluster)
        # Unchanged, and kept all the same: a redo must not place products that left these clusters meanwhile.
        kept = {name: [getattr(row, name) for row, _ in placed] for name in ("id", "cluster_id", "subcluster_id")}
        work.journal.keep_columns(MemberRow, kept)
        placements = [(row.product_id, node_id) for row, node_id in placed]
        work.journal.assigned(assignments.assign(session, placements, AssignmentSource.CLUSTER, author, run_id))
        assignments.refresh_under(session, work.revived)  # what was put there before comes back, too
        run.revision += 1
        labels = list(dict.fromkeys(name for _, name in chosen))
        summary = f"Approved {', '.join(labels[:4])}{' …' if len(labels) > 4 else ''}"
        version = taxonomy_rows.add_version(session, note or summary, author)
        node_ids = list(dict.fromkeys(work.node_of_cluster.values()))
        events.record(session, author, "approve", summary, run_id, scope=run_scope(run_id), journal=work.journal,
                      details={"version": version, "n_products": len(placements)}, nodes=node_ids)  # fmt: skip
        return ApprovalResult(version, tuple(work.node_of_cluster.values()), len(placements))


def _chosen(session: Session, run_id: int, names: Mapping[int, str]) -> list[tuple[ClusterRow, str]]:
    """Clusters with checked names, parents before their children."""
    if not names:
        raise TaxonomyError("No cluster has a name to be approved under.", "Name at least one cluster.")
    rows = {row.id: row for row in runs.cluster_rows(session, run_id)}
    unknown = sorted(set(names) - set(rows))
    if unknown:
        raise RunNotFoundError(f"Run {run_id} has no cluster with id {unknown[0]}.", "Reload the clusters of the run.")
    chosen = [(rows[cluster_id], check_name(name)) for cluster_id, name in names.items()]
    for cluster, _ in chosen:
        if cluster.status != str(ClusterStatus.OPEN):
            remedy = "Undo the approval" if cluster.status == str(ClusterStatus.APPROVED) else "Reopen it"
            raise TaxonomyError(f"{cluster_label(cluster)} is {cluster.status} already.", f"{remedy} first.")
    return sorted(chosen, key=lambda item: (item[0].level, item[0].number))


def _approve(work: _Work, cluster: ClusterRow, name: str) -> None:
    parent = work.session.get(ClusterRow, cluster.parent_id) if cluster.parent_id else None
    parent_node = nearest_node(work.session, parent) or live_node(work.session, work.run.category_id)
    if parent is not None and parent.node_id == parent_node and parent.name.casefold() == name.casefold():
        node_id = parent_node
    else:
        node_id = _node_named(work, parent_node, name)
    cluster.status, cluster.name, cluster.node_id = str(ClusterStatus.APPROVED), name, node_id
    cluster.is_touched = True
    cluster.revision += 1
    work.node_of_cluster[cluster.id] = node_id
    work.session.flush()


def _node_named(work: _Work, parent_id: str, name: str) -> str:
    """The child of this name, made if there is none, revived if it was deprecated."""
    children = work.session.scalars(select(NodeRow).where(NodeRow.parent_id == parent_id))
    alike = [row for row in children if row.name.casefold() == name.casefold()]
    for row in sorted(alike, key=lambda row: row.status == str(NodeStatus.DEPRECATED)):
        if row.status == str(NodeStatus.DEPRECATED):
            work.journal.keep(NodeRow, [row.id])
            row.status, row.replaced_by, row.split_into = str(NodeStatus.APPROVED), None, []
            row.revision += 1
            work.revived.append(row.id)
        return row.id
    node = TaxonomyNode(new_node_id(), parent_id, name, NodeStatus.APPROVED, None, work.version)
    taxonomy_rows.insert_nodes(work.session, [node])
    work.created.append(node.id)
    return node.id


def _placed(session: Session, run_id: int, node_of_cluster: Mapping[int, str]) -> list[tuple[MemberRow, str]]:
    """Each member under the node of its deepest cluster approved here; those approved before stay where they are."""
    rows = {row.id: row for row in runs.cluster_rows(session, run_id)}
    placed: list[tuple[MemberRow, str]] = []
    for member in runs.member_rows(session, run_id):
        cluster_id = member.subcluster_id or member.cluster_id
        while cluster_id is not None:
            if cluster_id in node_of_cluster:
                placed.append((member, node_of_cluster[cluster_id]))
                break
            if rows[cluster_id].status == str(ClusterStatus.APPROVED):
                break
            cluster_id = rows[cluster_id].parent_id
    return placed
