"""The list of a run's clusters, with what waits, what is decided and what was set aside."""

from collections.abc import Mapping

from core.domain.discovery import Cluster, ClusterStatus
from core.services.aside import AsideKind
from core.services.context import Context
from core.services.grid_query import GridQuery
from core.services.review import Review
from pages._parts import presence_watch, review_acts, review_grid, review_view
from pages._parts.cluster_names import label
from pages._shared import caches, palette, words
from pages._shared.rail import RailAct, RailRow, RailSection, rail

ASIDE_TITLES = {
    AsideKind.UNLIKE: "Unlike the rest",
    AsideKind.BUSY_BACKGROUND: "Busy background",
    AsideKind.BETWEEN: "Between clusters",
    AsideKind.EXCLUDED: "Excluded by hand",
}
ASIDE_TIPS = {
    AsideKind.UNLIKE: "Their images look like no group here. The higher the share, the further apart they stand.",
    AsideKind.BUSY_BACKGROUND: "Their images stand apart, and their backgrounds are busy: the room may be what is odd.",
    AsideKind.BETWEEN: "About as near to one cluster as to the next: at 100 % there is no telling which.",
    AsideKind.EXCLUDED: "You, or somebody before you, took them out of their cluster.",
}
DIGITS = 9


def draw(ctx: Context, review: Review, query: GridQuery) -> None:
    """Draw the rail."""
    people = presence_watch.show_others(ctx, review.run.id)
    colours = cluster_colours(review)
    digits = {c.id: str(n) for n, c in enumerate(review_grid.targets(review)[:DIGITS], start=1)}
    rows = {
        status: tuple(
            row
            for cluster in review.clusters
            if cluster.level == 1 and cluster.status is status
            for row in _rows(review, cluster, query.cluster_id, digits, colours, people)
        )
        for status in ClusterStatus
    }
    aside = caches.aside_counts(ctx, review.run.id)
    sections = (
        RailSection("To review", rows[ClusterStatus.OPEN]),
        RailSection("Approved", rows[ClusterStatus.APPROVED]),
        RailSection("Rejected", rows[ClusterStatus.REJECTED]),
        RailSection("Set aside", tuple(
            RailRow(f"aside:{kind}", ASIDE_TITLES[kind], n, ASIDE_TIPS[kind]) for kind, n in aside.items() if n
        )),
        RailSection("Everything", (RailRow("run", "All products", review.run.n_products),)),
    )  # fmt: skip
    rail(
        sections,
        key=f"rail_{review.run.id}",
        label="Clusters of this discovery",
        selected=review_view.row_id(query),
        on_act=lambda act: _on_act(ctx, review, act),
    )


def cluster_colours(review: Review) -> dict[int, str]:
    """Cluster id → its colour, the one it has on the map."""
    tops = [cluster.id for cluster in review.clusters if cluster.level == 1]
    colours = dict(zip(tops, palette.group_colours(max(len(tops), 1)), strict=False))
    for cluster in review.clusters:  # upper levels come first
        if cluster.parent_id in colours:
            colours[cluster.id] = colours[cluster.parent_id]
    return colours


def _rows(
    review: Review,
    cluster: Cluster,
    open_id: int | None,
    digits: Mapping[int, str],
    colours: Mapping[int, str],
    people: Mapping[int | None, tuple[str, ...]],
) -> list[RailRow]:
    """A cluster, with its parts below it while it or one of them is open."""
    parts = [c for c in review.clusters if c.parent_id == cluster.id]
    is_unfolded = open_id in {cluster.id, *(part.id for part in parts)} and cluster.status is ClusterStatus.OPEN
    group = [cluster, *parts] if len(parts) > 1 and is_unfolded else [cluster]
    return [
        RailRow(
            id=f"cluster:{c.id}",
            label=label(c),
            size=c.size,
            tip=_tip(c),
            digit=digits.get(c.id, ""),
            colour=colours.get(c.id, ""),
            mark={ClusterStatus.OPEN: "", ClusterStatus.APPROVED: "done", ClusterStatus.REJECTED: "rejected"}[c.status],
            who=people.get(c.id, ()),
            is_suggested=not c.name and c.status is ClusterStatus.OPEN,
            is_part=c is not cluster,
            can_merge=c is cluster and c.status is ClusterStatus.OPEN,
        )
        for c in group
    ]


def _tip(cluster: Cluster) -> str:
    if cluster.status is not ClusterStatus.OPEN:
        return str(cluster.status)
    word, _colour = words.quality_word(cluster.quality)
    named = "named by hand" if cluster.name else "name only suggested"
    return f"{label(cluster)}: {word}, {named}"


def _on_act(ctx: Context, review: Review, act: RailAct) -> None:
    if act.action == "open":
        review_view.show_row(review.run.id, act.ids[0])
    else:
        review_acts.merge(ctx, review, [int(row_id.partition(":")[2]) for row_id in act.ids])
