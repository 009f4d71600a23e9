"""What a discovery changed since the one before it in the same category: a line, and on demand the whole of it."""

from dataclasses import dataclass

import streamlit as st

from core.services.context import Context
from core.services.review import Review
from core.services.run_comparison import ClusterChange, RunComparison, cluster_label, moved_products
from pages._shared import caches, state, words
from pages._shared.grid import GridAct, image_grid
from pages._shared.layout import error_boundary

PAGE_SIZE = 36
ARRIVED, LEFT = "Arrived", "Left"


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table: a cluster now, the one before, or both."""

    before_id: int | None
    after_id: int | None
    now: str
    before: str
    change: str
    overlap: float | None
    n_kept: int
    n_arrived: int
    n_left: int


def draw(ctx: Context, review: Review) -> None:
    """Draw the panel as a fragment of its own, where there is an earlier run to compare with."""
    if caches.comparison(ctx, review.run.id) is not None:
        st.fragment(_panel, key="changes_fragment")(ctx, review.run.id)


def headline(comparison: RunComparison) -> str:
    """What changed, in one line."""
    n_gone = len(comparison.vanished)
    parts = [
        f"{words.percent(comparison.share_stayed)} of products stayed together",
        f"{words.count(comparison.n_new, 'cluster')} new, {n_gone} gone",
        f"{words.count(comparison.n_moved, 'product')} moved",
    ]
    added = [f"{comparison.n_added:,} came to the catalogue"] if comparison.n_added else []
    removed = [f"{comparison.n_removed:,} are no longer in it"] if comparison.n_removed else []
    return f"Since run #{comparison.other_run_id}: " + "; ".join([*parts, *added, *removed])


def _panel(ctx: Context, run_id: int) -> None:
    state.rerun_if_asked()
    with error_boundary():
        comparison = caches.comparison(ctx, run_id)
        if comparison is None:
            return
        key = f"changes_{run_id}"
        with st.expander(headline(comparison), key=key, icon=":material/compare_arrows:", on_change="rerun") as box:
            if box.open:
                _changes(ctx, comparison)


def _changes(ctx: Context, comparison: RunComparison) -> None:
    rows = [*map(_changed, comparison.changes), *(
        _Row(old.id, None, "", cluster_label(old), "gone", None, 0, 0, old.size) for old in comparison.vanished
    )]  # fmt: skip
    chosen = st.dataframe(
        {
            "Cluster now": [row.now for row in rows],
            "Before": [row.before for row in rows],
            "Change": [row.change for row in rows],
            "Overlap": [None if row.overlap is None else 100 * row.overlap for row in rows],
            "Kept": [row.n_kept for row in rows],
            "Arrived": [row.n_arrived for row in rows],
            "Left": [row.n_left for row in rows],
        },
        key=f"changes_table_{comparison.run_id}",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Overlap": st.column_config.ProgressColumn(
                format="%.0f %%", min_value=0, max_value=100, help="Products of both, over those of either (Jaccard)."
            )
        },
    ).selection.rows
    if chosen and chosen[0] < len(rows):
        _moved(ctx, comparison, rows[chosen[0]])
    else:
        st.caption(
            f"Choose a row to see what moved. Adjusted Rand index of the two runs: {comparison.ari:.2f}. "
            "Clusters are paired so that as many products as possible stay where they were."
        )


def _changed(change: ClusterChange) -> _Row:
    predecessor, now = change.predecessor, cluster_label(change.cluster)
    if predecessor is None:
        said = f"new, most of it from {cluster_label(change.main_source)}" if change.main_source else "new"
        return _Row(None, change.cluster.id, now, "", said, None, 0, change.n_arrived, 0)
    said = "continues" if change.n_arrived or change.n_left else "the same"
    if change.carried_name:
        said += f" {change.carried_name} ({'approved' if change.is_approved else 'named'})"
    return _Row(
        predecessor.id, change.cluster.id, now, cluster_label(predecessor), said, change.jaccard,
        change.n_kept, change.n_arrived, change.n_left,
    )  # fmt: skip


def _moved(ctx: Context, comparison: RunComparison, row: _Row) -> None:
    sides = [side for side, n in ((ARRIVED, row.n_arrived), (LEFT, row.n_left)) if n]
    if not sides:
        st.caption("Nothing moved here.")
        return
    pair = f"{row.before_id}_{row.after_id}"
    side = sides[0]
    if len(sides) > 1:
        side = st.segmented_control(
            "Products that", sides, default=side, required=True, key=f"side_{pair}", label_visibility="collapsed"
        )
    page_key = state.GRID_PAGE.format(grid=f"moved_{pair}_{side}")
    number = st.session_state.get(page_key, 1)
    items, total = moved_products(
        ctx, comparison, row.before_id, row.after_id, number * PAGE_SIZE, is_arrived=side == ARRIVED
    )

    def on_act(act: GridAct) -> None:
        st.session_state[page_key] = int(act.choice or 1)

    where = row.now if side == ARRIVED else row.before
    verb = "came to" if side == ARRIVED else "left"
    st.caption(f"{words.count(total, 'product')} {verb} **{words.plain(where)}**, the most typical first.")
    image_grid(
        items[(number - 1) * PAGE_SIZE :],
        key=f"grid_moved_{pair}_{side}",
        label=f"Products that {verb} {where}",
        total=total,
        page=number,
        page_size=PAGE_SIZE,
        on_act=on_act,
    )
