"""One cluster of a run: its name, evidence, images and sub-clusters, and what to do with it."""

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus, NameSource, NameSuggestion
from core.services.context import Context
from core.services.review import Review
from pages._parts import review_acts, sub_clusters
from pages._shared import caches, state, words
from pages._shared.grid import MORE, STEP, GridAct, GridAction, image_grid
from pages._shared.layout import error_boundary

CHIPS = 4
SOURCE_ICONS = {
    NameSource.WORDS: ":material/title:",
    NameSource.REFERENCE: ":material/menu_book:",
    NameSource.APPROVED: ":material/verified:",
    NameSource.CURATOR: ":material/person:",
    NameSource.LANGUAGE_MODEL: ":material/auto_awesome:",
}
SOURCE_NAMES = {
    NameSource.WORDS: "From the titles",
    NameSource.REFERENCE: "From a reference taxonomy",
    NameSource.APPROVED: "An approved name",
    NameSource.CURATOR: "Named by hand",
    NameSource.LANGUAGE_MODEL: "From a language model",
}


def draw(ctx: Context, run_id: int, cluster_id: int) -> None:
    """Draw the panel as a fragment of its own, so that what happens in it redraws nothing else."""
    st.fragment(_panel, key=f"panel_fragment_{cluster_id}")(ctx, run_id, cluster_id)


def _panel(ctx: Context, run_id: int, cluster_id: int) -> None:
    state.rerun_if_asked()
    with error_boundary():
        review = caches.open_review(ctx, run_id)
        cluster = next((c for c in review.clusters if c.id == cluster_id), None)
        if cluster is None:
            return
        with st.container(border=True, key=f"panel_{cluster.number}", gap="small"):
            if cluster.status is ClusterStatus.OPEN:
                _open(ctx, review, cluster)
            else:
                _decided(ctx, review, cluster)


def name_key(cluster: Cluster) -> str:
    """Key of the field that holds the cluster's name; a new revision starts it afresh."""
    return f"name_{cluster.id}_{cluster.revision}"


def shown_name(cluster: Cluster) -> str:
    """The name in the field: the curator's, or the best suggestion."""
    return cluster.name or (cluster.suggested_names[0] if cluster.suggested_names else "")


def label(cluster: Cluster) -> str:
    """How a cluster is called in menus."""
    return shown_name(cluster) or f"Cluster {cluster.number}"


def _open(ctx: Context, review: Review, cluster: Cluster) -> None:
    children = [c for c in review.clusters if c.parent_id == cluster.id]
    _header(ctx, review, cluster, children)
    _evidence(ctx, cluster)
    _images(ctx, review, cluster)
    if len(children) > 1:
        sub_clusters.draw(ctx, children)


def _header(ctx: Context, review: Review, cluster: Cluster, children: list[Cluster]) -> None:
    key = name_key(cluster)
    name, facts, buttons = st.columns([5, 4, 3.4], vertical_alignment="center", gap="medium")
    name.text_input(
        "Name of the cluster",
        value=shown_name(cluster),
        key=key,
        placeholder="Name this cluster",
        label_visibility="collapsed",
        on_change=lambda: review_acts.rename(ctx, cluster.id, st.session_state[key], cluster.revision),
    )
    with facts.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{cluster.size:,}** products", width="content")
        word, colour = words.quality_word(cluster.quality)
        st.badge(word, color=colour, help=words.quality_help(cluster.quality))
        if cluster.name:
            st.badge("named", color="primary", icon=":material/edit:")
        elif cluster.suggestions:
            first = cluster.suggestions[0]
            st.badge("suggested", color="gray", icon=SOURCE_ICONS[first.source], help=evidence_text(first))
    with buttons.container(horizontal=True, gap="small", horizontal_alignment="right"):
        st.button(
            "Reject",
            key=f"reject_{cluster.id}",
            type="tertiary",
            help="Not a category of its own. Its products stay where they are.",
            on_click=lambda: review_acts.reject(ctx, cluster.id),
        )
        st.button(
            "Approve",
            key=f"approve_{cluster.id}",
            type="primary",
            icon=":material/check:",
            on_click=lambda: _approve(ctx, review.run.id, cluster, children),
        )


def evidence_text(suggestion: NameSuggestion) -> str:
    """What speaks for a name, safe for a tooltip."""
    said = words.plain(suggestion.evidence)
    return f"{SOURCE_NAMES[suggestion.source]}: {said}" if said else SOURCE_NAMES[suggestion.source]


def _approve(ctx: Context, run_id: int, cluster: Cluster, children: list[Cluster]) -> None:
    names = {cluster.id: str(st.session_state.get(name_key(cluster)) or shown_name(cluster)).strip()}
    review_acts.approve(ctx, run_id, names | sub_clusters.kept_names(children))


def _evidence(ctx: Context, cluster: Cluster) -> None:
    others = [item for item in cluster.suggestions if item.name != shown_name(cluster)][:CHIPS]
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"evidence_{cluster.id}"):
        if others:
            st.caption("Or call it", width="content")
        for position, item in enumerate(others):
            st.button(
                words.plain(item.name),
                key=f"chip_{cluster.id}_{cluster.revision}_{position}",
                icon=SOURCE_ICONS[item.source],
                help=evidence_text(item),
                on_click=lambda name=item.name: review_acts.rename(ctx, cluster.id, name, cluster.revision),
            )
        if cluster.keywords:
            keywords = words.plain(", ".join(cluster.keywords[:6]))
            st.caption(f"Often in its titles: {keywords}", width="stretch", text_alignment="right")


def _images(ctx: Context, review: Review, cluster: Cluster) -> None:
    shown_key = state.SHOWN_PER_CLUSTER.format(cluster=cluster.id)
    items, total = caches.cluster_members(ctx, cluster, st.session_state.get(shown_key, STEP))
    others = tuple(
        (str(c.id), label(c))
        for c in review.clusters
        if c.level == 1 and c.id != cluster.id and c.status is not ClusterStatus.REJECTED
    )
    actions = [GridAction("move", "Move to", others)] if others else []
    actions.append(GridAction("exclude", "Exclude"))

    def on_act(act: GridAct) -> None:
        if act.action == MORE:
            st.session_state[shown_key] = st.session_state.get(shown_key, STEP) + STEP
        else:
            review_acts.on_products(ctx, review.run.id, act)

    image_grid(
        items,
        key=f"grid_{cluster.id}",
        label=f"Products of {label(cluster)}",
        total=total,
        actions=actions,
        on_act=on_act,
    )


def _decided(ctx: Context, review: Review, cluster: Cluster) -> None:
    is_approved = cluster.status is ClusterStatus.APPROVED
    mark = ":green[:material/check_circle:]" if is_approved else ":gray[:material/do_not_disturb_on:]"
    said = "approved" if is_approved else "rejected"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{mark} **{words.plain(label(cluster))}** · {words.count(cluster.size, 'product')} {said}", width="stretch"
        )
        shows = st.toggle("Show", key=f"show_{cluster.id}")
        if not is_approved:
            st.button("Reopen", key=f"reopen_{cluster.id}", on_click=lambda: review_acts.reopen(ctx, cluster.id))
    if shows:
        items, _total = caches.cluster_members(ctx, cluster, STEP)
        image_grid(items, key=f"grid_{cluster.id}", label=f"Products of {label(cluster)}")
