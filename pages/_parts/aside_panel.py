"""Products that belong to no cluster: outliers the run found, and those the curator excluded."""

import streamlit as st

from core.domain.discovery import ClusterStatus
from core.services.context import Context
from core.services.review import Review
from pages._parts import review_acts
from pages._parts.cluster_panel import label
from pages._shared import caches, state, words
from pages._shared.grid import MORE, STEP, GridAct, GridAction, image_grid
from pages._shared.layout import error_boundary


def draw(ctx: Context, review: Review) -> None:
    """Draw the panel, where there is anything in it."""
    if review.n_noise + review.n_excluded:
        st.fragment(_panel, key="aside_fragment")(ctx, review.run.id)


def _panel(ctx: Context, run_id: int) -> None:
    state.rerun_if_asked()
    with error_boundary(), st.container(border=True, key="panel_aside"):
        review = caches.open_review(ctx, run_id)
        shown_key = state.SHOWN_PER_CLUSTER.format(cluster="aside")
        items, total = caches.set_aside(ctx, run_id, st.session_state.get(shown_key, STEP))
        st.markdown(f"#### Outliers & excluded · {words.count(total, 'product')}")
        st.caption(
            f"{review.n_noise:,} that look like nothing else here, {review.n_excluded:,} excluded by hand. "
            "They keep their present category."
        )
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
            items,
            key=f"grid_aside_{run_id}",
            label="Outliers and excluded products",
            total=total,
            actions=actions,
            on_act=on_act,
        )
