"""What a curator does to a cluster as a whole; each act is one transaction and one event with its way back."""

from core.domain.discovery import ClusterStatus
from core.domain.errors import TaxonomyError
from core.domain.opinion import Verdict
from core.services.context import Context
from core.services.history import run_scope
from core.services.journal import Journal
from core.services.opinions import check_agreed
from core.services.review_rows import check_revision, cluster_label, load_cluster, touch
from core.taxonomy.operations import check_name
from db.models import ClusterRow
from db.repositories import events


def name_cluster(context: Context, cluster_id: int, name: str, revision: int, author: str) -> int:
    """Name a cluster, or clear its name with ''.

    Returns:
        Its revision now.

    Raises:
        StaleRevisionError: If somebody changed the cluster since it was read.
        TaxonomyError: If the name cannot be a node's, or the cluster is approved already.
    """
    with context.database.write() as session:
        cluster = load_cluster(session, cluster_id)
        check_revision(cluster, revision, f"; '{name.strip()}' was not kept" if name.strip() else "")
        if cluster.status == str(ClusterStatus.APPROVED):
            raise TaxonomyError(
                f"{cluster_label(cluster)} is approved, under that name in the taxonomy.", "Undo the approval first."
            )
        clean = check_name(name) if name.strip() else ""
        if clean == cluster.name:
            return cluster.revision
        journal = Journal(session)
        journal.keep(ClusterRow, [cluster.id])
        cluster.name = clean
        touch(session, cluster.run_id, cluster)
        said = f"Named cluster {cluster.number} '{clean}'"
        summary = said if clean else f"Cleared the name of cluster {cluster.number}"
        events.record(session, author, "name", summary, cluster.run_id, scope=run_scope(cluster.run_id),
                      journal=journal, details={"cluster": cluster.id})  # fmt: skip
        return cluster.revision


def reject_cluster(context: Context, cluster_id: int, author: str, revision: int | None = None) -> None:
    """Turn an open cluster down; its products stay where they are.

    Raises:
        StaleRevisionError: If somebody changed it since `revision`.
        TaxonomyError: If it is decided already, or a second curator must agree first.
    """
    _set_status(context, cluster_id, ClusterStatus.OPEN, ClusterStatus.REJECTED, author, "Rejected", revision)


def reopen_cluster(context: Context, cluster_id: int, author: str, revision: int | None = None) -> None:
    """Open a rejected cluster again.

    Raises:
        StaleRevisionError: If somebody changed it since `revision`.
        TaxonomyError: If it is not rejected.
    """
    _set_status(context, cluster_id, ClusterStatus.REJECTED, ClusterStatus.OPEN, author, "Reopened", revision)


def _set_status(
    context: Context,
    cluster_id: int,
    expected: ClusterStatus,
    status: ClusterStatus,
    author: str,
    verb: str,
    revision: int | None,
) -> None:
    with context.database.write() as session:
        cluster = load_cluster(session, cluster_id)
        check_revision(cluster, revision)
        if cluster.status != str(expected):
            raise TaxonomyError(f"{cluster_label(cluster)} is {cluster.status}, not {expected}.", "Reload the page.")
        if status is ClusterStatus.REJECTED:
            check_agreed(session, cluster.run_id, {cluster.id: ""}, Verdict.REJECT)
        journal = Journal(session)
        journal.keep(ClusterRow, [cluster.id])
        cluster.status = str(status)
        touch(session, cluster.run_id, cluster)
        events.record(session, author, str(status), f"{verb} {cluster_label(cluster)}", cluster.run_id,
                      scope=run_scope(cluster.run_id), journal=journal)  # fmt: skip
