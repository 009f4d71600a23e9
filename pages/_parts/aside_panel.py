"""Products that belong to no cluster: those the run set aside, by reason, and those the curator excluded."""

import streamlit as st

from core.domain.discovery import ClusterStatus
from core.services.aside import AsideKind, AsideSet
from core.services.context import Context
from core.services.review import Review
from pages._parts import review_acts
from pages._parts.cluster_panel import label
from pages._shared import caches, state, words
from pages._shared.grid import MORE, STEP, GridAct, GridAction, image_grid
from pages._shared.layout import error_boundary

TITLES = {
    AsideKind.UNLIKE: "Unlike the rest",
    AsideKind.BUSY_BACKGROUND: "Unlike the rest, on a busy background",
    AsideKind.BETWEEN: "Between clusters",
    AsideKind.EXCLUDED: "Excluded by hand",
}
REASONS = {
    AsideKind.UNLIKE: "Their images look like no group here. The higher the share, the further apart they stand.",
    AsideKind.BUSY_BACKGROUND: "Their images stand apart, and their backgrounds are busy: the room may be what is odd.",
    AsideKind.BETWEEN: "About as near to one cluster as to the next: at 100 % there is no telling which.",
    AsideKind.EXCLUDED: "You, or somebody before you, took them out of their cluster.",
}


def draw(ctx: Context, review: Review) -> None:
    """Draw the panel, where there is anything in it."""
    if review.n_noise + review.n_excluded:
        st.fragment(_panel, key="aside_fragment")(ctx, review.run.id)


def _panel(ctx: Context, run_id: int) -> None:
    state.rerun_if_asked()
    with error_boundary(), st.container(border=True, key="panel_aside"):
        review = caches.open_review(ctx, run_id)
        limits = {kind: st.session_state.get(_shown_key(kind), STEP) for kind in AsideKind}
        sets = caches.aside_sets(ctx, run_id, limits)
        st.markdown(f"#### Outliers & excluded · {words.count(sum(found.total for found in sets), 'product')}")
        st.caption(f"They keep their present category. {how_filtered(review)}")
        for found in sets:
            _set(ctx, review, found)


def how_filtered(review: Review) -> str:
    """Which image filter the run used and what it did, in a sentence."""
    used = review.run.details.get("image filter")
    return f"Image filter: {words.plain(used)}." if used else ""


def _set(ctx: Context, review: Review, found: AsideSet) -> None:
    st.markdown(f"**{TITLES[found.kind]}** · {words.count(found.total, 'product')}")
    st.caption(REASONS[found.kind])
    run_id, shown_key = review.run.id, _shown_key(found.kind)
    groups = tuple(
        (str(c.id), label(c)) for c in review.clusters if c.level == 1 and c.status is not ClusterStatus.REJECTED
    )
    actions = [GridAction("move", "Move to", groups)] if groups else []
    actions.append(GridAction("send_back", "Send back to the nearest cluster"))

    def on_act(act: GridAct) -> None:
        if act.action == MORE:
            st.session_state[shown_key] = st.session_state.get(shown_key, STEP) + STEP
        else:
            review_acts.on_products(ctx, run_id, act)

    image_grid(
        found.items,
        key=f"grid_aside_{run_id}_{found.kind}",
        label=TITLES[found.kind],
        total=found.total,
        actions=actions,
        on_act=on_act,
    )


def _shown_key(kind: AsideKind) -> str:
    return state.SHOWN_PER_CLUSTER.format(cluster=f"aside_{kind}")
