"""What a curator does to clusters."""

import pytest

from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, StaleRevisionError, TaxonomyError
from core.services.aside import AsideKind, aside_sets
from core.services.context import Context
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    last_act,
    move_products,
    name_cluster,
    open_review,
    reject_cluster,
    reopen_cluster,
    send_back,
    undo,
)
from core.services.review_rows import ASIDE
from core.services.taxonomy import taxonomy_view
from db.repositories import products as product_rows
from db.repositories import runs


def cluster(context: Context, number: int):
    return next(found for found in open_review(context, 1).clusters if found.number == number)


def members(context: Context, cluster_id: int | None) -> list[int]:
    return [item.product_id for item in cluster_products(context, 1, cluster_id, limit=1000)[0]]


def nodes_of(context: Context, ids: list[int]) -> set[str]:
    with context.database.read() as session:
        return {product.node_id for product in product_rows.load_products(session, ids)}


def test_moved_products_change_cluster_and_mark_the_target_as_worked_on(discovered):
    moving = members(discovered, cluster(discovered, 1).id)[:3]
    before = cluster(discovered, 2)
    move_products(discovered, 1, moving, before.id, "Ada")
    after = cluster(discovered, 2)
    assert set(moving) <= set(members(discovered, after.id))
    assert after.size == before.size + 3
    assert after.is_touched
    assert not before.is_touched
    assert last_act(discovered, 1, "Ada") == "Moved 3 products to cluster 2"


def test_a_move_into_a_subcluster_is_one_into_its_parent_too(subdivided):
    below = next(found for found in open_review(subdivided, 1).clusters if found.level == 2)
    moving = members(subdivided, cluster(subdivided, 2).id)[:2]
    move_products(subdivided, 1, moving, below.id, "Ada")
    assert set(moving) <= set(members(subdivided, below.id))
    assert set(moving) <= set(members(subdivided, below.parent_id))


def test_a_move_into_an_approved_cluster_puts_products_under_its_node(discovered):
    [node_id] = approve_clusters(discovered, 1, {cluster(discovered, 1).id: "Boots"}, "", "Ada").node_ids
    moving = members(discovered, cluster(discovered, 2).id)[:2]
    move_products(discovered, 1, moving, cluster(discovered, 1).id, "Ada")
    assert nodes_of(discovered, moving) == {node_id}
    undo(discovered, 1, "Ada")
    assert node_id not in nodes_of(discovered, moving)


def test_a_move_into_an_open_part_of_an_approved_cluster_puts_products_under_the_clusters_node(subdivided):
    below = next(found for found in open_review(subdivided, 1).clusters if found.level == 2)
    [node_id] = approve_clusters(subdivided, 1, {below.parent_id: "Boots"}, "", "Ada").node_ids
    moving = members(subdivided, cluster(subdivided, 2).id)[:2]
    move_products(subdivided, 1, moving, below.id, "Ada")
    assert nodes_of(subdivided, moving) == {node_id}


def test_a_cluster_can_be_emptied_and_filled_again(discovered):
    small = cluster(discovered, 5)
    everything = members(discovered, small.id)
    move_products(discovered, 1, everything, cluster(discovered, 1).id, "Ada")
    assert cluster(discovered, 5).size == 0
    move_products(discovered, 1, everything[:2], small.id, "Ada")
    assert members(discovered, small.id) == sorted(everything[:2], key=members(discovered, small.id).index)
    assert cluster(discovered, 5).size == 2


def test_excluded_products_belong_to_no_cluster_and_keep_their_category(discovered):
    excluded = members(discovered, cluster(discovered, 1).id)[:2]
    before = nodes_of(discovered, excluded)
    exclude_products(discovered, 1, excluded, "Ada")
    assert open_review(discovered, 1).n_excluded == 2
    assert set(excluded) <= set(members(discovered, None))
    assert nodes_of(discovered, excluded) == before


def test_products_sent_back_join_the_nearest_open_cluster(discovered):
    home = cluster(discovered, 2)
    typical = members(discovered, home.id)[:1]
    exclude_products(discovered, 1, typical, "Ada")
    send_back(discovered, 1, typical, "Ada")
    assert typical[0] in members(discovered, home.id)
    assert cluster(discovered, 2).is_touched
    undo(discovered, 1, "Ada")
    assert not cluster(discovered, 2).is_touched
    reject_cluster(discovered, home.id, "Ada")
    send_back(discovered, 1, typical, "Ada")
    assert typical[0] not in members(discovered, home.id)
    assert typical[0] not in members(discovered, None)


def test_products_can_be_sent_back_where_every_open_cluster_is_empty(discovered):
    everything = [number for found in open_review(discovered, 1).clusters for number in members(discovered, found.id)]
    exclude_products(discovered, 1, everything, "Ada")
    send_back(discovered, 1, everything[:2], "Ada")
    review = open_review(discovered, 1)
    assert sum(found.size for found in review.clusters) == 2


def test_nothing_can_be_sent_back_where_no_cluster_is_open(discovered):
    taken = members(discovered, cluster(discovered, 1).id)[:1]
    exclude_products(discovered, 1, taken, "Ada")
    for found in open_review(discovered, 1).clusters:
        reject_cluster(discovered, found.id, "Ada")
    with pytest.raises(TaxonomyError, match="No cluster is open"):
        send_back(discovered, 1, taken, "Ada")


def test_a_name_needs_the_revision_that_was_read(discovered):
    read = cluster(discovered, 1)
    name_cluster(discovered, read.id, "  Boots ", read.revision, "Ada")
    assert cluster(discovered, 1).name == "Boots"
    with pytest.raises(StaleRevisionError, match="'Boots'") as caught:
        name_cluster(discovered, read.id, "Heels", read.revision, "Bob")
    assert caught.value.remedy
    assert cluster(discovered, 1).name == "Boots"


def test_the_same_name_again_is_no_act(discovered):
    read = cluster(discovered, 1)
    name_cluster(discovered, read.id, "", read.revision, "Ada")
    assert last_act(discovered, 1, "Ada") is None
    assert cluster(discovered, 1).revision == read.revision


@pytest.mark.parametrize("name", ["a > b", "x" * 121, "tab\tinside"])
def test_a_name_no_node_could_have_is_refused(discovered, name):
    read = cluster(discovered, 1)
    with pytest.raises(TaxonomyError):
        name_cluster(discovered, read.id, name, read.revision, "Ada")
    assert cluster(discovered, 1) == read


def test_an_approved_cluster_keeps_its_name_and_its_products(discovered):
    approve_clusters(discovered, 1, {cluster(discovered, 1).id: "Boots"}, "", "Ada")
    read = cluster(discovered, 1)
    inside = members(discovered, read.id)[:1]
    with pytest.raises(TaxonomyError, match="approved"):
        name_cluster(discovered, read.id, "Heels", read.revision, "Ada")
    with pytest.raises(TaxonomyError, match="approved"):
        move_products(discovered, 1, inside, cluster(discovered, 2).id, "Ada")
    with pytest.raises(TaxonomyError, match="approved"):
        exclude_products(discovered, 1, inside, "Ada")
    assert cluster(discovered, 1) == read


def test_a_rejected_cluster_can_be_reopened(discovered):
    read = cluster(discovered, 1)
    reject_cluster(discovered, read.id, "Ada")
    assert cluster(discovered, 1).status is ClusterStatus.REJECTED
    with pytest.raises(TaxonomyError):
        reject_cluster(discovered, read.id, "Ada")
    reopen_cluster(discovered, read.id, "Ada")
    assert cluster(discovered, 1).status is ClusterStatus.OPEN
    with pytest.raises(TaxonomyError):
        reopen_cluster(discovered, read.id, "Ada")


def test_what_is_not_part_of_the_run_cannot_be_acted_on(discovered):
    inside = members(discovered, cluster(discovered, 1).id)[:1]
    for act in (exclude_products, send_back):
        with pytest.raises(RunNotFoundError):
            act(discovered, 1, [*inside, 10**6], "Ada")
        with pytest.raises(RunNotFoundError):
            act(discovered, 99, inside, "Ada")
    with pytest.raises(RunNotFoundError):
        move_products(discovered, 1, inside, 10**6, "Ada")
    with pytest.raises(RunNotFoundError):
        name_cluster(discovered, 10**6, "Boots", 0, "Ada")
    with pytest.raises(RunNotFoundError):
        exclude_products(discovered, 1, [], "Ada")
    assert last_act(discovered, 1, "Ada") is None
    assert taxonomy_view(discovered).version == 2


def test_what_somebody_put_into_a_cluster_meanwhile_is_not_sent_back(discovered):
    taken = members(discovered, cluster(discovered, 1).id)[:2]
    exclude_products(discovered, 1, taken, "Ada")
    move_products(discovered, 1, taken[:1], cluster(discovered, 2).id, "Bob", seen_in=ASIDE)
    with pytest.raises(StaleRevisionError, match="1 of these 2"):
        send_back(discovered, 1, taken, "Ada")
    with pytest.raises(StaleRevisionError):
        move_products(discovered, 1, taken, cluster(discovered, 3).id, "Ada", seen_in=ASIDE)
    assert taken[0] in members(discovered, cluster(discovered, 2).id)


def test_what_was_brought_in_can_be_excluded_shown_and_sent_back(discovered):
    with discovered.database.read() as session:
        inside = {member.product_id for member in runs.member_rows(session, 1)}
        brought = [item.id for item in product_rows.all_products(session) if item.id not in inside][:2]
    move_products(discovered, 1, brought, cluster(discovered, 2).id, "Ada")
    exclude_products(discovered, 1, brought, "Ada")
    [shown] = [found for found in aside_sets(discovered, 1, {}) if found.kind is AsideKind.EXCLUDED]
    assert {item.product_id for item in shown.items} == set(brought)
    send_back(discovered, 1, brought, "Ada")
    largest = max(open_review(discovered, 1).clusters, key=lambda found: found.size)
    assert set(brought) <= set(members(discovered, largest.id))
