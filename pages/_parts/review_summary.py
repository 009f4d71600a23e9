"""The bar that stays on top of a review: how far it is, how fine the clusters are, the way back."""

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus
from core.services.bulk_approval import preview_above
from core.services.context import Context
from core.services.history import run_scope
from core.services.review import Review
from pages._parts import guidance_note, history_guard, review_acts, second_opinion
from pages._parts.agreement_table import agreement_table
from pages._parts.aside_note import how_filtered
from pages._parts.cluster_names import label
from pages._shared import caches, words
from pages._shared.layout import error_boundary


def draw(ctx: Context, review: Review) -> None:
    """Draw the category, how much is decided, the granularity slider, the approval of many, undo and redo."""
    groups = [cluster for cluster in review.clusters if cluster.level == 1]
    with st.container(key="review_summary", border=True, gap="small"):
        left, middle, right = st.columns([4.2, 3.4, 4.4], gap="medium", vertical_alignment="center")
        with left.container(gap="xxsmall"):
            _progress(review, groups)
        with middle:
            _granularity(ctx, review)
        with right:
            _buttons(ctx, review, groups)


def _progress(review: Review, groups: list[Cluster]) -> None:
    n = {status: sum(cluster.status is status for cluster in groups) for status in ClusterStatus}
    facts = [f"{n[ClusterStatus.OPEN]} open", f"{n[ClusterStatus.APPROVED]} approved"]
    facts += [f"{n[ClusterStatus.REJECTED]} rejected"] if n[ClusterStatus.REJECTED] else []
    facts.append(f"{review.n_noise + review.n_excluded} set aside")
    in_clusters = max(review.run.n_products - review.n_noise - review.n_excluded, 1)
    st.progress(
        min(review.n_decided / in_clusters, 1.0),
        text=f"**{words.plain(review.category_path)}** · {words.percent(review.n_decided / in_clusters)} of "
        f"{words.count(in_clusters, 'product')} in clusters decided",
    )
    filtered = how_filtered(review)
    st.caption(f"{words.count(len(groups), 'cluster')}: " + " · ".join(facts), help=filtered or None)
    guidance_note.draw(review.run)


def _buttons(ctx: Context, review: Review, groups: list[Cluster]) -> None:
    named = {c.id: c.name for c in review.clusters if c.status is ClusterStatus.OPEN and c.name.strip()}
    n_named = sum(cluster.id in named for cluster in groups)
    with st.container(horizontal=True, gap="small", key="review_buttons", horizontal_alignment="right"):
        history_guard.buttons(ctx, run_scope(review.run.id), key="review")
        with st.popover("Approve many", icon=":material/done_all:", key="approve_many", on_change="rerun") as box:
            if box.open:
                with error_boundary():
                    _approve_many(ctx, review, named, n_named)


def _approve_many(ctx: Context, review: Review, named: dict[int, str], n_named: int) -> None:
    st.button(
        f"Approve all named ({n_named})",
        key="approve_all",
        type="primary",
        disabled=not n_named,
        help="Approves every open cluster that you gave a name. A name that is only suggested does not count.",
        on_click=lambda: review_acts.approve(ctx, review, named),
    )
    st.divider()
    threshold = st.slider(
        "Approve all that hold together at least so well",
        0.0,
        0.9,
        words.TIGHT,
        0.05,
        key="approve_threshold",
        help=f"{words.QUALITY_HELP} Clusters without a name of yours take the one suggested.",
    )
    preview = preview_above(ctx, review.run.id, threshold)
    lines = [f"- {words.plain(item.name)} · {item.cluster.size:,}" for item in preview.taken]
    lines += [f"- :gray[{words.plain(label(item.cluster))}: {words.plain(item.reason)}]" for item in preview.left_out]
    st.markdown("\n".join(lines) or "No open cluster holds together so well.")
    st.button(
        f"Approve these {len(preview.taken)}",
        key="approve_above",
        disabled=not preview.taken,
        on_click=lambda: review_acts.approve_above(ctx, review, threshold, preview),
    )
    st.divider()
    second_opinion.toggle(ctx)
    if caches.needs_second_curator(ctx) or caches.agreement(ctx):
        agreement_table(ctx)


def _granularity(ctx: Context, review: Review) -> None:
    low, high = review.k_range
    if low >= high:
        return
    # One key for good: a slider that gives way to another while its value is on the way would send it again, later.
    key = f"granularity_{review.run.id}_clusters"
    shown = min(max(review.k_current, low), high)
    if st.session_state.get(key) != shown:
        st.session_state[key] = shown

    def moved() -> None:
        if st.session_state[key] != shown:
            review_acts.recut(ctx, review, int(st.session_state[key]))

    st.slider(
        "Granularity: broader ↔ finer clusters",
        low,
        high,
        key=key,
        on_change=moved,
        help=f"{review.k_suggested} clusters are suggested. Those you named, changed or decided stay as they are.",
    )
