"""Looking at a run: its clusters, their products, what is set aside."""

import pytest
from sqlalchemy import select

from core.discovery.review_order import N_TYPICAL, SCREEN
from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, RunNotReadyError
from core.services.review import cluster_products, exclude_products, list_runs, move_products, open_review
from db.models import MemberRow, RunRow


def test_a_run_lists_its_clusters_by_level_and_falling_size(subdivided):
    review = open_review(subdivided, 1)
    keys = [(cluster.level, -cluster.size) for cluster in review.clusters]
    assert keys == sorted(keys)
    assert {cluster.level for cluster in review.clusters} == {1, 2}
    assert review.k_current == 5
    assert review.category_path == "Apparel & Accessories > Shoes"


def test_every_product_counts_once(subdivided):
    review = open_review(subdivided, 1)
    level_1 = sum(cluster.size for cluster in review.clusters if cluster.level == 1)
    assert level_1 + review.n_noise + review.n_excluded == review.run.n_products == 92
    parent = next(cluster for cluster in review.clusters if cluster.number == 1)
    assert sum(cluster.size for cluster in review.clusters if cluster.parent_id == parent.id) == parent.size


def test_a_cluster_shows_its_most_typical_products_then_a_mixed_screen_then_the_rest(discovered):
    cluster = open_review(discovered, 1).clusters[0]
    first, total = cluster_products(discovered, 1, cluster.id, limit=5)
    second, _ = cluster_products(discovered, 1, cluster.id, limit=500, offset=5)
    assert total == cluster.size == len(first) + len(second)
    with discovered.database.read() as session:
        rows = session.execute(select(MemberRow.product_id, MemberRow.distance).where(MemberRow.run_id == 1))
        distance = dict(rows.all())
    shown = [distance[item.product_id] for item in [*first, *second]]
    assert shown[:N_TYPICAL] == sorted(shown)[:N_TYPICAL]
    assert shown[SCREEN:] == sorted(shown[SCREEN:])
    assert len({item.product_id for item in [*first, *second]}) == total
    assert all(item.title and item.path.startswith("Apparel") for item in first)


def test_a_parent_shows_the_products_of_its_subclusters(subdivided):
    clusters = open_review(subdivided, 1).clusters
    below = [cluster for cluster in clusters if cluster.level == 2]
    parent = next(cluster for cluster in clusters if cluster.id == below[0].parent_id)
    shown = {item.product_id for cluster in below for item in cluster_products(subdivided, 1, cluster.id, 500)[0]}
    assert shown == {item.product_id for item in cluster_products(subdivided, 1, parent.id, 500)[0]}


def test_what_is_set_aside_says_why(discovered):
    review = open_review(discovered, 1)
    inside, _ = cluster_products(discovered, 1, review.clusters[0].id)
    exclude_products(discovered, 1, [inside[0].product_id], "Ada")
    move_products(discovered, 1, [inside[1].product_id], review.clusters[1].id, "Ada")
    aside, total = cluster_products(discovered, 1, None, limit=500)
    assert total == review.n_noise + 1
    notes = {item.product_id: item.note for item in aside}
    assert notes.pop(inside[0].product_id) == "excluded"
    assert set(notes.values()) <= {"outlier"}
    moved = {item.product_id: item.note for item in cluster_products(discovered, 1, review.clusters[1].id, 500)[0]}
    assert moved[inside[1].product_id] == "moved"


def test_a_list_of_runs_counts_clusters_by_status(discovered):
    from core.services.review import approve_clusters, reject_cluster

    clusters = open_review(discovered, 1).clusters
    approve_clusters(discovered, 1, {clusters[0].id: "Boots"}, "", "Ada")
    reject_cluster(discovered, clusters[1].id, "Ada")
    [summary] = list_runs(discovered)
    assert (summary.n_clusters, summary.n_open, summary.n_approved) == (5, 3, 1)
    assert list_runs(discovered, "root") == []
    review = open_review(discovered, 1)
    assert review.n_decided == clusters[0].size + clusters[1].size
    by_id = {cluster.id: cluster.status for cluster in review.clusters}
    assert by_id[clusters[0].id] is ClusterStatus.APPROVED
    assert by_id[clusters[1].id] is ClusterStatus.REJECTED


def test_a_run_that_does_not_exist_or_is_not_ready_is_a_fault_with_a_remedy(discovered):
    with pytest.raises(RunNotFoundError) as caught:
        open_review(discovered, 99)
    assert caught.value.remedy
    with discovered.database.write() as session:
        session.get_one(RunRow, 1).status = "running"
    with pytest.raises(RunNotReadyError):
        open_review(discovered, 1)
    assert list_runs(discovered) == []
