"""The bar that stays on top of a review: how far it is, how fine the clusters are, the last act."""

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus
from core.services import review as service
from core.services.context import Context
from core.services.review import Review
from pages._parts import guidance_note, review_acts
from pages._shared import words
from pages._shared.layout import acting


def draw(ctx: Context, review: Review) -> None:
    """Draw the category, the counts, the granularity slider, `Approve all named` and `Undo`."""
    groups = [cluster for cluster in review.clusters if cluster.level == 1]
    with st.container(key="review_summary", border=True, gap="small"):
        left, middle, right = st.columns([4.4, 3.6, 4], gap="medium", vertical_alignment="center")
        with left.container(gap="xxsmall"):
            _progress(review, groups)
        with middle:
            _buttons(ctx, review, groups)
        with right:
            _granularity(ctx, review)


def _progress(review: Review, groups: list[Cluster]) -> None:
    st.markdown(f"**{words.plain(review.category_path)}** · {words.count(review.run.n_products, 'product')}")
    n = {status: sum(cluster.status is status for cluster in groups) for status in ClusterStatus}
    facts = [f"{n[ClusterStatus.OPEN]} open", f"{n[ClusterStatus.APPROVED]} approved"]
    facts += [f"{n[ClusterStatus.REJECTED]} rejected"] if n[ClusterStatus.REJECTED] else []
    facts.append(f"{review.n_noise + review.n_excluded} set aside")
    st.caption(f"{words.count(len(groups), 'cluster')}: " + " · ".join(facts))
    guidance_note.draw(review.run)


def _buttons(ctx: Context, review: Review, groups: list[Cluster]) -> None:
    named = {c.id: c.name for c in review.clusters if c.status is ClusterStatus.OPEN and c.name.strip()}
    n_named = sum(cluster.id in named for cluster in groups)
    last = service.last_act(ctx, review.run.id, review_acts.author())
    with st.container(horizontal=True, gap="small", key="review_buttons"):
        st.button(
            f"Approve all named ({n_named})",
            key="approve_all",
            type="primary",
            icon=":material/done_all:",
            disabled=not n_named,
            help="Approves every open cluster that you gave a name. A name that is only suggested does not count.",
            on_click=lambda: review_acts.approve(ctx, review.run.id, named),
        )
        st.button(
            "Undo",
            key="review_undo",
            icon=":material/undo:",
            disabled=last is None,
            help=f"Take back: {words.plain(last)}" if last else "Nothing to take back.",
            on_click=lambda: review_acts.undo(ctx, review.run.id),
        )


def _granularity(ctx: Context, review: Review) -> None:
    low, high = review.k_range
    key = f"granularity_{review.run.id}"
    if low >= high:
        return
    st.session_state[key] = min(max(review.k_current, low), high)

    def recut() -> None:
        wanted = int(st.session_state[key])
        acting(lambda: service.recut(ctx, review.run.id, wanted, review_acts.author()) and None)

    st.slider(
        "Granularity: broader ↔ finer clusters",
        low,
        high,
        key=key,
        on_change=recut,
        help=f"{review.k_suggested} clusters are suggested. Those you named, changed or decided stay as they are.",
    )
