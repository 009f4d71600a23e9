"""The granularity slider: another cut of the stored dendrogram, around what the curator did."""

from collections import Counter

import pytest
from sqlalchemy import select

from core.domain.errors import RunNotFoundError, ShapeError, StaleRevisionError
from core.services.context import Context
from core.services.recut import recut_run
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    last_act,
    move_products,
    name_cluster,
    open_review,
    recut,
    redo,
    send_back,
    undo,
)
from db.models import ClusterRow, MemberRow


def members(context: Context, cluster_id: int | None) -> list[int]:
    return [item.product_id for item in cluster_products(context, 1, cluster_id, limit=1000)[0]]


def check_every_product_once(context: Context) -> None:
    with context.database.read() as session:
        rows = session.scalars(select(MemberRow).where(MemberRow.run_id == 1)).all()
        clusters = {row.id: row for row in session.scalars(select(ClusterRow).where(ClusterRow.run_id == 1))}
    assert len(rows) == len({row.product_id for row in rows}) == 92
    for row in rows:
        assert row.cluster_id is None or clusters[row.cluster_id].level == 1
        assert row.subcluster_id is None or clusters[row.subcluster_id].parent_id == row.cluster_id
    review = open_review(context, 1)
    sizes = Counter(row.cluster_id for row in rows)
    assert all(sizes[found.id] == found.size for found in review.clusters if found.level == 1)
    assert sum(found.size for found in review.clusters if found.level == 1) + sizes[None] == 92


@pytest.mark.parametrize("wanted", [1, 2, 3, 7, 12, 23])
def test_a_cut_has_the_wanted_number_of_clusters_and_loses_no_product(discovered, wanted):
    aside = set(members(discovered, None))
    review = recut(discovered, 1, wanted, "Ada")
    assert review.k_current == wanted
    assert set(members(discovered, None)) == aside
    assert all(found.suggested_names for found in review.clusters)
    check_every_product_once(discovered)


def test_a_cut_keeps_what_somebody_worked_on(discovered):
    named, filled, approved = open_review(discovered, 1).clusters[:3]
    name_cluster(discovered, named.id, "Boots", named.revision, "Ada")
    move_products(discovered, 1, members(discovered, open_review(discovered, 1).clusters[3].id)[:2], filled.id, "Ada")
    approve_clusters(discovered, 1, {approved.id: "Heels"}, "", "Ada")
    kept = {found.id: found for found in open_review(discovered, 1).clusters}
    content = {key: members(discovered, key) for key in (named.id, filled.id, approved.id)}
    review = recut(discovered, 1, 8, "Ada")
    assert review.k_current == 8
    found = {cluster.id: cluster for cluster in review.clusters}
    for key in content:
        assert found[key] == kept[key]
        assert members(discovered, key) == content[key]
    check_every_product_once(discovered)


def test_excluded_products_stay_excluded_whatever_comes_back(discovered):
    """One product is taken out of the tree for one that was never in it: their number alone says nothing."""
    outliers = members(discovered, None)
    excluded = members(discovered, open_review(discovered, 1).clusters[0].id)[: len(outliers)]
    send_back(discovered, 1, outliers, "Ada")
    exclude_products(discovered, 1, excluded, "Ada")
    with discovered.database.write() as session:
        for row in session.scalars(select(ClusterRow)):
            row.is_touched = False  # as if the outliers had been there from the start
    recut(discovered, 1, 4, "Ada")
    assert set(members(discovered, None)) == set(excluded)
    check_every_product_once(discovered)


def test_an_emptied_cluster_that_stays_does_not_disturb_the_cut(discovered):
    review = open_review(discovered, 1)
    last, first = review.clusters[-1], review.clusters[0]
    name_cluster(discovered, last.id, "Rest", last.revision, "Ada")
    move_products(discovered, 1, members(discovered, last.id), first.id, "Ada")
    after = recut(discovered, 1, 6, "Ada")
    assert after.k_current == 6
    assert all(-1 <= found.quality.silhouette <= 1 for found in after.clusters)
    check_every_product_once(discovered)


def test_the_same_cut_again_gives_the_same_clusters(discovered):
    def shape() -> list[tuple]:
        return [(found.number, found.level, found.size, found.suggested_names, tuple(members(discovered, found.id)))
                for found in open_review(discovered, 1).clusters]  # fmt: skip

    recut(discovered, 1, 6, "Ada")
    first = shape()
    recut(discovered, 1, 3, "Ada")
    recut(discovered, 1, 6, "Ada")
    assert shape() == first


def test_a_drag_of_the_slider_is_one_act(discovered, dump_run):
    before = dump_run(discovered, 1)
    for wanted in (6, 9, 3, 2):
        recut(discovered, 1, wanted, "Ada")
    assert last_act(discovered, 1, "Ada") == "Cut into 2 clusters"
    assert undo(discovered, 1, "Ada") == "Cut into 2 clusters"
    assert last_act(discovered, 1, "Ada") is None
    assert dump_run(discovered, 1) == before


def test_ids_of_clusters_cut_away_are_not_given_to_others(discovered):
    before = {found.id: set(members(discovered, found.id)) for found in open_review(discovered, 1).clusters}
    after = {found.id: set(members(discovered, found.id)) for found in recut(discovered, 1, 6, "Ada").clusters}
    assert all(after[key] == before[key] for key in before.keys() & after.keys()), "one that comes out the same stays"
    gone = min(before.keys() - after.keys())
    with pytest.raises(RunNotFoundError, match="any more"):
        name_cluster(discovered, gone, "Boots", 0, "Ada")


def test_a_cut_into_nothing_or_of_nothing_is_refused(discovered):
    with pytest.raises(ShapeError):
        recut(discovered, 1, 0, "Ada")
    with pytest.raises(RunNotFoundError):
        recut(discovered, 99, 5, "Ada")


def test_a_cut_of_what_somebody_changed_meanwhile_is_refused(discovered):
    seen = open_review(discovered, 1)
    name_cluster(discovered, seen.clusters[0].id, "Boots", seen.clusters[0].revision, "Bob")
    with pytest.raises(StaleRevisionError, match="Somebody else"):
        recut_run(discovered, 1, 3, "Ada", revision=seen.revision)
    recut_run(discovered, 1, 3, "Ada", revision=open_review(discovered, 1).revision)


def test_clusters_that_come_out_the_same_stay_and_a_drag_through_them_is_undone(discovered, dump_run):
    recut(discovered, 1, 4, "Bob")
    before = dump_run(discovered, 1)
    held = {found.id: set(members(discovered, found.id)) for found in open_review(discovered, 1).clusters}
    recut(discovered, 1, 5, "Ada")
    after = {found.id: set(members(discovered, found.id)) for found in open_review(discovered, 1).clusters}
    assert held.keys() & after.keys(), "a cut into one cluster more parts one cluster"
    assert all(after[key] == held[key] for key in held.keys() & after.keys())
    for wanted in (9, 2, 6):
        recut(discovered, 1, wanted, "Ada")
        check_every_product_once(discovered)
    there = dump_run(discovered, 1)
    undo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == before
    redo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == there
