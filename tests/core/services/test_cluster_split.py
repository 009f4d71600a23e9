"""Splitting clusters, and taking products out into one of their own."""

import pytest

from core.discovery.cut import cut_within
from core.domain.errors import RunNotFoundError, StaleRevisionError, TaxonomyError
from core.services.cluster_split import preview_split, split_cluster, split_off
from core.services.context import Context
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    move_products,
    name_cluster,
    open_review,
    recut,
    redo,
    reject_cluster,
    undo,
)
from core.services.review_rows import ASIDE, load_run_file
from db.repositories import products as product_rows
from db.repositories import runs


def clusters_of(context: Context, level: int = 1):
    return [found for found in open_review(context, 1).clusters if found.level == level]


def members(context: Context, cluster_id: int | None) -> list[int]:
    return [item.product_id for item in cluster_products(context, 1, cluster_id, limit=1000)[0]]


def outside_run(context: Context, n: int = 2) -> list[int]:
    with context.database.read() as session:
        inside = {row.product_id for row in runs.member_rows(session, 1)}
        return [product.id for product in product_rows.all_products(session) if product.id not in inside][:n]


@pytest.mark.parametrize("n_parts", [None, 2, 3, 5])
def test_a_split_follows_the_dendrogram_and_keeps_every_product(discovered, n_parts):
    cluster = clusters_of(discovered)[0]
    held = members(discovered, cluster.id)
    file = load_run_file(discovered, 1)
    position = {int(key): place for place, key in enumerate(file.product_ids)}
    inside = [position[key] for key in sorted(held)]
    labels = cut_within(file.dendrogram, inside, n_parts or 2)
    wanted = {frozenset(key for key, label in zip(sorted(held), labels, strict=True) if label == part)
              for part in set(labels.tolist())}  # fmt: skip
    parts = split_cluster(discovered, 1, cluster.id, "Ada", n_parts)
    assert parts[0] == cluster.id
    assert {frozenset(members(discovered, key)) for key in parts} == wanted
    found = {item.id: item for item in clusters_of(discovered)}
    assert all(found[key].is_touched and found[key].size == len(members(discovered, key)) for key in parts)
    assert len({item.number for item in open_review(discovered, 1).clusters}) == len(
        open_review(discovered, 1).clusters
    )


def test_parts_get_names_of_their_own_and_the_curators_name_stays_with_the_largest(discovered):
    cluster = clusters_of(discovered)[0]
    name_cluster(discovered, cluster.id, "Anything", cluster.revision, "Ada")
    parts = split_cluster(discovered, 1, cluster.id, "Ada", 3)
    found = {item.id: item for item in clusters_of(discovered)}
    assert [found[key].name for key in parts] == ["Anything", "", ""]
    assert found[parts[0]].size == max(found[key].size for key in parts)
    firsts = [item.name or item.suggested_names[0] for item in found.values()]
    assert len(set(firsts)) == len(firsts)


def test_a_preview_says_what_the_split_makes_and_writes_nothing(discovered, dump_all):
    cluster = clusters_of(discovered)[0]
    before = dump_all(discovered)
    previewed = preview_split(discovered, 1, cluster.id, 3)
    assert dump_all(discovered) == before
    parts = split_cluster(discovered, 1, cluster.id, "Ada", 3)
    found = {item.id: item for item in clusters_of(discovered)}
    assert [(part.size, part.suggested_name) for part in previewed] == [
        (found[key].size, found[key].suggested_names[0]) for key in parts
    ]


def test_a_split_is_undone_and_redone_exactly(subdivided, dump_run):
    parent_id = clusters_of(subdivided, 2)[0].parent_id
    before = dump_run(subdivided, 1)
    split_cluster(subdivided, 1, parent_id, "Ada", 3)
    after = dump_run(subdivided, 1)
    assert after != before
    assert undo(subdivided, 1, "Ada")
    assert dump_run(subdivided, 1) == before
    assert redo(subdivided, 1, "Ada")
    assert dump_run(subdivided, 1) == after


def test_a_subcluster_that_a_split_divides_stays_only_if_somebody_worked_on_it(subdivided):
    first, second = clusters_of(subdivided, 2)  # interleaved, so that any split divides them
    name_cluster(subdivided, first.id, "Named", first.revision, "Ada")
    parts = split_cluster(subdivided, 1, first.parent_id, "Ada")
    [left] = clusters_of(subdivided, 2)
    assert (left.id, left.name) == (first.id, "Named")
    assert left.parent_id in parts
    assert set(members(subdivided, left.id)) <= set(members(subdivided, left.parent_id))
    assert second.id != left.id


def test_products_of_an_approved_subcluster_stay_where_they_are(subdivided):
    first, _ = clusters_of(subdivided, 2)
    approve_clusters(subdivided, 1, {first.id: "Boots"}, "", "Ada")
    held = set(members(subdivided, first.id))
    split_cluster(subdivided, 1, first.parent_id, "Ada")
    assert set(members(subdivided, first.id)) == held
    assert held <= set(members(subdivided, first.parent_id))


def test_parts_of_a_subcluster_stand_beside_it(subdivided, dump_run):
    before = dump_run(subdivided, 1)
    first, _ = clusters_of(subdivided, 2)
    held = set(members(subdivided, first.id))
    parts = split_cluster(subdivided, 1, first.id, "Ada")
    found = {item.id: item for item in clusters_of(subdivided, 2)}
    assert {found[key].parent_id for key in parts} == {first.parent_id}
    assert set().union(*(members(subdivided, key) for key in parts)) == held
    undo(subdivided, 1, "Ada")
    assert dump_run(subdivided, 1) == before


def test_products_without_a_place_in_the_tree_are_not_lost(discovered):
    cluster = clusters_of(discovered)[0]
    outliers, brought = members(discovered, None), outside_run(discovered)
    move_products(discovered, 1, [*outliers, *brought], cluster.id, "Ada")
    held = set(members(discovered, cluster.id))
    parts = split_cluster(discovered, 1, cluster.id, "Ada", 3)
    assert set(brought) <= set(members(discovered, cluster.id)), "what has no position stays"
    assert set().union(*(members(discovered, key) for key in parts)) == held


def test_what_cannot_be_split_is_refused_and_nothing_changes(discovered, dump_run):
    cluster, other, rejected = clusters_of(discovered)[:3]
    held = members(discovered, cluster.id)
    exclude_products(discovered, 1, held[1:], "Ada")
    reject_cluster(discovered, rejected.id, "Ada")
    before = dump_run(discovered, 1)
    with pytest.raises(TaxonomyError, match="too few"):
        split_cluster(discovered, 1, cluster.id, "Ada")
    with pytest.raises(TaxonomyError, match="1000 parts"):
        split_cluster(discovered, 1, other.id, "Ada", 1000)
    with pytest.raises(TaxonomyError, match="at least 2"):
        split_cluster(discovered, 1, other.id, "Ada", 1)
    with pytest.raises(TaxonomyError, match="rejected"):
        split_cluster(discovered, 1, rejected.id, "Ada")
    with pytest.raises(RunNotFoundError):
        split_cluster(discovered, 1, 10**6, "Ada")
    with pytest.raises(StaleRevisionError):
        split_cluster(discovered, 1, other.id, "Ada", revision=other.revision + 1)
    assert dump_run(discovered, 1) == before


def test_selected_products_become_a_cluster_of_their_own(discovered, dump_run):
    source = clusters_of(discovered)[0]
    chosen = members(discovered, source.id)[:4]
    before = dump_run(discovered, 1)
    made = split_off(discovered, 1, chosen, "Ada", " Ankle boots ", seen_in=source.id)
    cluster = next(found for found in clusters_of(discovered) if found.id == made)
    assert (cluster.name, cluster.size, cluster.is_touched) == ("Ankle boots", 4, True)
    assert cluster.suggested_names
    assert set(members(discovered, made)) == set(chosen)
    after = dump_run(discovered, 1)
    undo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == before
    redo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == after
    recut(discovered, 1, 6, "Ada")
    assert set(members(discovered, made)) == set(chosen)


def test_products_from_outside_the_run_alone_can_be_a_cluster(discovered, dump_run):
    before = dump_run(discovered, 1)
    brought = outside_run(discovered)
    made = split_off(discovered, 1, brought, "Ada")
    assert set(members(discovered, made)) == set(brought)
    undo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == before


def test_products_that_somebody_moved_meanwhile_are_not_taken(discovered):
    first, second = clusters_of(discovered)[:2]
    chosen = members(discovered, first.id)[:2]
    move_products(discovered, 1, chosen[:1], second.id, "Bob")
    for seen_in in (first.id, ASIDE):
        with pytest.raises(StaleRevisionError, match="moved elsewhere"):
            split_off(discovered, 1, chosen, "Ada", seen_in=seen_in)
