"""What stands above the images of a cluster: its name with the evidence for it, its quality, and what to do with it."""

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus
from core.services.context import Context
from core.services.review import Review
from pages._parts import cluster_tools, presence_watch, review_acts, second_opinion, sub_clusters
from pages._parts.cluster_names import SOURCE_ICONS, evidence_text, label, name_key, shown_name
from pages._shared import words

CHIPS = 4


def draw(ctx: Context, review: Review, cluster: Cluster) -> None:
    """Draw the header of an open or a decided cluster."""
    if cluster.status is ClusterStatus.OPEN:
        children = [c for c in review.clusters if c.parent_id == cluster.id]
        _name_and_buttons(ctx, review, cluster)
        _facts(cluster)
        second_opinion.line(ctx, cluster, lambda opinion: review_acts.join(ctx, review, cluster, opinion))
        _suggestions(ctx, cluster)
        if len(children) > 1:
            sub_clusters.draw(ctx, children)
    else:
        _decided(ctx, review, cluster)


def _name_and_buttons(ctx: Context, review: Review, cluster: Cluster) -> None:
    key = name_key(cluster)

    def named() -> None:
        typed = str(st.session_state[key]).strip()
        if typed != shown_name(cluster):  # a field that only comes back on the page is heard as a change, too
            review_acts.rename(ctx, cluster, typed)

    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="cluster_name"):
        st.text_input(
            "Name of the cluster",
            value=shown_name(cluster),
            key=key,
            placeholder="Name this cluster",
            label_visibility="collapsed",
            on_change=named,
        )
        st.button(
            "Approve",
            key="approve_open",
            type="primary",
            icon=":material/check:",
            help="Make it a category under this name (key A). Its products go there.",
            on_click=lambda: review_acts.approve_open(ctx, review, cluster),
        )
        st.button(
            "Reject",
            key="reject_open",
            help="Not a category of its own (key R). Its products stay where they are.",
            on_click=lambda: review_acts.reject(ctx, review, cluster),
        )
        cluster_tools.draw(ctx, review, cluster)


def _facts(cluster: Cluster) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{cluster.size:,}** products", width="content")
        word, colour = words.quality_word(cluster.quality)
        st.badge(word, color=colour, help=words.quality_help(cluster.quality))
        if cluster.name:
            st.badge("named", color="primary", icon=":material/edit:")
        elif cluster.suggestions:
            first = cluster.suggestions[0]
            st.badge("suggested", color="gray", icon=SOURCE_ICONS[first.source], help=evidence_text(first))
        presence_watch.here_too(cluster.id)
        if cluster.keywords:
            keywords = words.plain(", ".join(cluster.keywords[:5]))
            st.caption(f"In its titles: {keywords}", width="stretch")


def _suggestions(ctx: Context, cluster: Cluster) -> None:
    others = [item for item in cluster.suggestions if item.name != shown_name(cluster)][:CHIPS]
    if not others:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"evidence_{cluster.id}"):
        st.caption("Or call it", width="content")
        for position, item in enumerate(others):
            st.button(
                words.plain(item.name),
                key=f"chip_{cluster.id}_{cluster.revision}_{position}",
                icon=SOURCE_ICONS[item.source],
                help=evidence_text(item),
                on_click=lambda name=item.name: review_acts.rename(ctx, cluster, name),
            )


def _decided(ctx: Context, review: Review, cluster: Cluster) -> None:
    is_approved = cluster.status is ClusterStatus.APPROVED
    mark = ":green[:material/check_circle:]" if is_approved else ":gray[:material/do_not_disturb_on:]"
    said = "approved" if is_approved else "rejected"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {mark} {words.plain(label(cluster))}", width="content")
        st.markdown(f"{words.count(cluster.size, 'product')} · {said}", width="stretch")
        if not is_approved:
            st.button("Reopen", key="reopen_open", on_click=lambda: review_acts.reopen(ctx, review, cluster))
