"""Merging clusters that are one kind of thing."""

import pytest

from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, StaleRevisionError, TaxonomyError
from core.services.cluster_merge import merge_clusters
from core.services.context import Context
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    last_act,
    name_cluster,
    open_review,
    recut,
    redo,
    undo,
)


def clusters_of(context: Context, level: int = 1):
    return [found for found in open_review(context, 1).clusters if found.level == level]


def members(context: Context, cluster_id: int | None) -> list[int]:
    return [item.product_id for item in cluster_products(context, 1, cluster_id, limit=1000)[0]]


def test_a_merge_keeps_the_largest_and_every_product(discovered):
    chosen = clusters_of(discovered)[1:4]
    everything = {product for found in chosen for product in members(discovered, found.id)}
    stays = merge_clusters(discovered, 1, [found.id for found in reversed(chosen)], "Ada")
    assert stays == max(chosen, key=lambda found: found.size).id
    after = {found.id: found for found in clusters_of(discovered)}
    assert set(after) & {found.id for found in chosen} == {stays}
    assert set(members(discovered, stays)) == everything
    assert after[stays].size == len(everything)
    assert after[stays].is_touched


def test_a_merge_can_be_told_which_cluster_stays(discovered):
    large, small = clusters_of(discovered)[0], clusters_of(discovered)[-1]
    assert merge_clusters(discovered, 1, [large.id, small.id], "Ada", into=small.id) == small.id
    with pytest.raises(TaxonomyError, match="not among"):
        merge_clusters(discovered, 1, [found.id for found in clusters_of(discovered)[:2]], "Ada", into=large.id + 10**6)


def test_the_name_of_what_stays_is_kept_and_suggestions_are_none_of_its_siblings(discovered):
    first, second, *others = clusters_of(discovered)
    name_cluster(discovered, first.id, "Anything", first.revision, "Ada")
    merge_clusters(discovered, 1, [first.id, second.id], "Ada", into=first.id)
    merged = next(found for found in clusters_of(discovered) if found.id == first.id)
    assert merged.name == "Anything"
    assert merged.suggested_names
    assert not set(merged.suggested_names) & {other.suggested_names[0] for other in others}
    assert -1 <= merged.quality.silhouette <= 1


def test_a_merge_is_undone_and_redone_exactly(subdivided, dump_run):
    chosen = clusters_of(subdivided)[:3]
    before = dump_run(subdivided, 1)
    merge_clusters(subdivided, 1, [found.id for found in chosen], "Ada")
    after = dump_run(subdivided, 1)
    assert undo(subdivided, 1, "Ada")
    assert dump_run(subdivided, 1) == before
    assert redo(subdivided, 1, "Ada")
    assert dump_run(subdivided, 1) == after


def test_subclusters_of_what_goes_lie_below_what_stays(subdivided):
    parent_id = clusters_of(subdivided, 2)[0].parent_id
    parts = {found.id: set(members(subdivided, found.id)) for found in clusters_of(subdivided, 2)}
    other = next(found for found in clusters_of(subdivided) if found.id != parent_id)
    merge_clusters(subdivided, 1, [parent_id, other.id], "Ada", into=other.id)
    assert {found.id: set(members(subdivided, found.id)) for found in clusters_of(subdivided, 2)} == parts
    assert {found.parent_id for found in clusters_of(subdivided, 2)} == {other.id}


def test_subclusters_merge_with_each_other(subdivided, dump_run):
    before = dump_run(subdivided, 1)
    first, second = clusters_of(subdivided, 2)
    everything = set(members(subdivided, first.id)) | set(members(subdivided, second.id))
    stays = merge_clusters(subdivided, 1, [first.id, second.id], "Ada")
    assert set(members(subdivided, stays)) == everything
    undo(subdivided, 1, "Ada")
    assert dump_run(subdivided, 1) == before


def test_only_open_clusters_that_stand_beside_each_other_are_merged(subdivided, dump_run):
    part = clusters_of(subdivided, 2)[0]
    first, second, third = clusters_of(subdivided)[:3]
    approve_clusters(subdivided, 1, {third.id: "Boots"}, "", "Ada")
    before = dump_run(subdivided, 1)
    for chosen, said in (((first.id, part.id), "different"), ((first.id, third.id), "approved"), ((first.id,), "two")):
        with pytest.raises(TaxonomyError, match=said):
            merge_clusters(subdivided, 1, chosen, "Ada")
    with pytest.raises(RunNotFoundError):
        merge_clusters(subdivided, 1, [first.id, 10**6], "Ada")
    assert dump_run(subdivided, 1) == before
    assert last_act(subdivided, 1, "Ada") == "Approved Boots"
    assert second.status is ClusterStatus.OPEN


def test_a_merge_of_what_somebody_changed_meanwhile_is_refused(discovered):
    first, second = clusters_of(discovered)[:2]
    name_cluster(discovered, first.id, "Boots", first.revision, "Bob")
    seen = {first.id: first.revision, second.id: second.revision}
    with pytest.raises(StaleRevisionError, match="'Boots'"):
        merge_clusters(discovered, 1, [first.id, second.id], "Ada", revisions=seen)


def test_a_recut_leaves_what_was_merged(discovered):
    first, second = clusters_of(discovered)[:2]
    stays = merge_clusters(discovered, 1, [first.id, second.id], "Ada")
    held = members(discovered, stays)
    recut(discovered, 1, 7, "Ada")
    assert members(discovered, stays) == held


def test_a_merge_of_emptied_clusters_gives_an_empty_one(discovered):
    first, second = clusters_of(discovered)[-2:]
    exclude_products(discovered, 1, [*members(discovered, first.id), *members(discovered, second.id)], "Ada")
    stays = merge_clusters(discovered, 1, [first.id, second.id], "Ada")
    assert members(discovered, stays) == []
