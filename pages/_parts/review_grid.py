"""The images of whatever is open on the review page, and what is done with those selected."""

import hashlib
from collections.abc import Callable

import streamlit as st

from core.domain.discovery import Cluster, ClusterStatus
from core.services.context import Context
from core.services.grid_query import GridQuery, GridSource, grid_ids
from core.services.history import run_scope
from core.services.review import Review
from pages._parts import grid_filters, history_guard, product_acts, review_acts, review_view
from pages._parts.cluster_names import label
from pages._shared import caches, words
from pages._shared.grid import GridAct, GridAction, GridCommand, GridTarget, image_grid

PAGE_SIZE = 48
COMMANDS = (
    GridCommand("name", "Name the cluster", "n", focuses="cluster_name"),
    GridCommand("approve", "Approve the cluster", "a"),
    GridCommand("reject", "Reject the cluster", "r"),
    GridCommand("next", "Next open cluster", "j"),
    GridCommand("previous", "Previous open cluster", "k"),
    GridCommand("undo", "Undo", "z"),
    GridCommand("redo", "Redo", "shift+z"),
    GridCommand("search", "Search", "/", focuses="grid_search"),
    GridCommand("back", "Back to the cluster", "backspace"),
)


def targets(review: Review) -> list[Cluster]:
    """Clusters that products can be sent to, in the order of the rail: the first nine have digits."""
    return [c for c in review.clusters if c.level == 1 and c.status is not ClusterStatus.REJECTED]


def draw(ctx: Context, review: Review, query: GridQuery) -> None:
    """Draw the filters and the grid."""
    filtered = grid_filters.draw(
        ctx, query, key=review_view.filter_key(review.run.id), on_change=lambda: review_view.turn_to(review.run.id, 1)
    )
    number = review_view.page_number(review.run.id)
    page, following = caches.grid_pages(ctx, filtered, number, PAGE_SIZE)
    if not page.items and page.total:  # an act emptied the last page
        number = -(-page.total // PAGE_SIZE)
        review_view.turn_to(review.run.id, number)
        page, following = caches.grid_pages(ctx, filtered, number, PAGE_SIZE)
    if page.note:
        st.caption(page.note)
    image_grid(
        page.items,
        key=f"review_grid_{review.run.id}",
        label=title(review, filtered),
        total=page.total,
        page=number,
        page_size=PAGE_SIZE,
        following=following.items if following else (),
        actions=_actions(filtered),
        targets=[GridTarget(str(c.id), label(c), c.size) for c in targets(review)],
        commands=COMMANDS,
        on_act=lambda act: _on_act(ctx, review, filtered, act),
        filter_key=hashlib.sha1(repr(filtered).encode(), usedforsecurity=False).hexdigest(),
        size="small",
        listens=True,
        empty="Nothing here under these filters.",
    )


def title(review: Review, query: GridQuery) -> str:
    """What is open, in words."""
    if query.source is GridSource.CLUSTER:
        cluster = review_view.open_cluster(review, query)
        return f"Products of {label(cluster)}" if cluster else "Products"
    names = {
        GridSource.RUN: "All products of this discovery",
        GridSource.ASIDE: "Products set aside",
        GridSource.CHOSEN: f"{words.count(len(query.product_ids), 'product')} chosen on the map",
        GridSource.SIMILAR: f"Like {words.count(len(query.product_ids), 'product')}, in the whole catalogue",
        GridSource.SEARCH: "Found in the whole catalogue",
    }
    return names[query.source]


def _actions(query: GridQuery) -> list[GridAction]:
    actions = [GridAction("exclude", "Exclude", key="e")]
    if query.source is GridSource.ASIDE:
        actions.append(GridAction("send_back", "Send to nearest", key="b"))
    return [
        *actions,
        GridAction("split_off", "New cluster", key="c"),
        GridAction("similar", "Find similar", key="s", keeps=True),
    ]


def _on_act(ctx: Context, review: Review, query: GridQuery, act: GridAct) -> None:
    cluster = review_view.open_cluster(review, query)
    on_cluster: dict[str, Callable[[Cluster], None]] = {
        "approve": lambda found: review_acts.approve_open(ctx, review, found),
        "reject": lambda found: review_acts.reject(ctx, review, found),
    }
    without_products: dict[str, Callable[[], None]] = {
        "page": lambda: review_view.turn_to(review.run.id, int(act.choice or 1)),
        "next": lambda: review_view.step(review, 1),
        "back": lambda: back(review, query),
        "previous": lambda: review_view.step(review, -1),
        "undo": lambda: history_guard.undo(ctx, run_scope(review.run.id)),
        "redo": lambda: history_guard.redo(ctx, run_scope(review.run.id)),
    }
    if act.action in on_cluster:
        if cluster is not None and cluster.status is ClusterStatus.OPEN:
            on_cluster[act.action](cluster)
    elif act.action in without_products:
        without_products[act.action]()
    else:
        _on_products(ctx, review, query, act)


def _on_products(ctx: Context, review: Review, query: GridQuery, act: GridAct) -> None:
    ids = grid_ids(ctx, query) if act.is_all else list(act.product_ids)
    seen_in = query.cluster_id if query.source is GridSource.CLUSTER else None
    if act.action == "move":
        product_acts.move(ctx, review, ids, int(act.choice or 0), seen_in)
    elif act.action == "exclude":
        product_acts.exclude(ctx, review, ids, seen_in)
    elif act.action == "send_back":
        product_acts.send_back(ctx, review, ids)
    elif act.action == "split_off":
        product_acts.split_off(ctx, review, ids, seen_in)
    elif act.action == "similar":
        review_view.show_products(review.run.id, ids, GridSource.SIMILAR)


def heading(review: Review, query: GridQuery) -> None:
    """Say what is open where it is no cluster, with the way back."""
    with st.container(horizontal=True, vertical_alignment="center", key="grid_heading"):
        st.markdown(f"#### {words.plain(title(review, query))}", width="stretch")
        home = review_view.home_cluster_id(review.run.id)
        if home is not None and query.source in (GridSource.CHOSEN, GridSource.SIMILAR, GridSource.SEARCH):
            st.button(
                "Back to the cluster",
                key="back_to_cluster",
                icon=":material/arrow_back:",
                help="Key Backspace.",
                on_click=lambda: back(review, query),
            )


def back(review: Review, query: GridQuery) -> None:
    """From a search, a lasso or look-alikes to the cluster that was open before."""
    home = review_view.home_cluster_id(review.run.id)
    if home is not None and query.source is not GridSource.CLUSTER:
        review_view.show_row(review.run.id, f"cluster:{home}")
