"""What a curator can do on the review page; each act can be taken back and done again."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.domain.discovery import Cluster
from core.domain.opinion import Opinion, Verdict
from core.services import bulk_approval, cluster_merge, cluster_split, history
from core.services import review as service
from core.services.bulk_approval import BulkPreview, Measure
from core.services.context import Context
from core.services.review import ApprovalResult, Review
from pages._parts import cluster_names, review_view, second_opinion, sub_clusters
from pages._parts.history_guard import Act, guarded
from pages._shared import caches, state, turns, words


def author() -> str:
    """Who acts."""
    return state.author()


def approve_open(ctx: Context, review: Review, cluster: Cluster) -> None:
    """Make a category of the open cluster, and of its parts that are ticked; then open the next one."""
    children = [c for c in review.clusters if c.parent_id == cluster.id]
    names = {cluster.id: cluster_names.typed_name(cluster)} | sub_clusters.kept_names(children)
    revisions = {c.id: seen_revision(c) for c in (cluster, *children)}
    approve(ctx, review, names, {key: revisions[key] for key in names}, then_next=True)


def seen_revision(cluster: Cluster) -> int:
    """The cluster's revision as the curator knows it: a name typed just before an act counts as seen."""
    before, after = st.session_state.get(state.NAMED.format(cluster=cluster.id), (None, 0))
    return after if before == cluster.revision else cluster.revision


def approve(
    ctx: Context,
    review: Review,
    names: Mapping[int, str],
    revisions: Mapping[int, int] | None = None,
    *,
    then_next: bool = False,
) -> None:
    """Make categories of clusters, under the names given."""

    def for_real(agreed: dict[int, str]) -> str:
        return approved(service.approve_clusters(ctx, review.run.id, agreed, "", author(), revisions))

    def act() -> str:
        said = second_opinion.approve(ctx, review.run.id, names, revisions or {}, for_real)
        if then_next:
            review_view.step(review, 1)
        return said

    do(ctx, review, act)


def approved(result: ApprovalResult) -> str:
    """What an approval made, in words."""
    nodes = words.count(len(result.node_ids), "category", "categories")
    return f"{nodes} approved with {words.count(result.n_products, 'product')}: taxonomy version {result.version}."


def join(ctx: Context, review: Review, cluster: Cluster, opinion: Opinion) -> None:
    """Say the same of a cluster as another curator."""
    if opinion.verdict is Verdict.APPROVE:
        approve(ctx, review, {cluster.id: opinion.name}, {cluster.id: cluster.revision}, then_next=True)
    else:
        reject(ctx, review, cluster)


def approve_above(ctx: Context, review: Review, threshold: float, preview: BulkPreview) -> None:
    """Approve the open clusters that hold together at least so well, as they were listed."""
    if caches.needs_second_curator(ctx):
        names = {item.cluster.id: item.name for item in preview.taken}
        approve(ctx, review, names, preview.revisions)
        return

    def act() -> str:
        run_id, seen = review.run.id, preview.revisions
        return approved(bulk_approval.approve_above(ctx, run_id, threshold, Measure.SILHOUETTE, author(), seen))

    do(ctx, review, act)


def rename(ctx: Context, cluster: Cluster, name: str) -> None:
    """Give a cluster a name. Where two curators must agree, it stays in the field: the other one judges unseen."""
    if caches.needs_second_curator(ctx):
        return

    def act() -> None:
        revision = service.name_cluster(ctx, cluster.id, name.strip(), cluster.revision, author())
        st.session_state[state.NAMED.format(cluster=cluster.id)] = (cluster.revision, revision)

    guarded(ctx, history.run_scope(cluster.run_id), act)


def reject(ctx: Context, review: Review, cluster: Cluster) -> None:
    """Turn a cluster down, and open the next one."""

    def for_real() -> str:
        service.reject_cluster(ctx, cluster.id, author(), seen_revision(cluster))
        return f"Rejected: {cluster_names.label(cluster)}."

    def act() -> str:
        said = second_opinion.reject(ctx, cluster, for_real)
        review_view.step(review, 1)
        return said

    do(ctx, review, act)


def reopen(ctx: Context, review: Review, cluster: Cluster) -> None:
    """Open a rejected cluster."""
    do(ctx, review, lambda: service.reopen_cluster(ctx, cluster.id, author(), cluster.revision) or "Open again.")


def merge(ctx: Context, review: Review, cluster_ids: Sequence[int]) -> None:
    """Make one cluster of several, and open it."""

    def act() -> str:
        seen = {c.id: seen_revision(c) for c in review.clusters if c.id in cluster_ids}
        merged = cluster_merge.merge_clusters(ctx, review.run.id, list(cluster_ids), author(), seen)
        review_view.show_row(review.run.id, f"cluster:{merged}")
        return f"{len(cluster_ids)} clusters merged."

    do(ctx, review, act)


def split(ctx: Context, review: Review, cluster: Cluster, n_parts: int) -> None:
    """Part a cluster, and open the largest part."""

    def act() -> str:
        made = cluster_split.split_cluster(ctx, review.run.id, cluster.id, author(), n_parts, seen_revision(cluster))
        review_view.show_row(review.run.id, f"cluster:{made[0]}")
        return f"Split into {len(made)} clusters."

    do(ctx, review, act)


def recut(ctx: Context, review: Review, n_clusters: int) -> None:
    """Cut the tree elsewhere; of the places a slider passes quickly, the last one counts."""
    run_id, who, key = review.run.id, author(), f"recut_{review.run.id}_{state.session_id()}"

    def act() -> None:
        turns.newest_last(key, lambda: service.recut(ctx, run_id, n_clusters, who))

    do(ctx, review, act)


def do(ctx: Context, review: Review, act: Act) -> None:
    """Do something that makes history in a review."""
    guarded(ctx, history.run_scope(review.run.id), act)
