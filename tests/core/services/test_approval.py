"""Approval: nodes, assignments and a new version, all together or not at all."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from core.domain.discovery import ClusterStatus, DiscoveryParameters
from core.domain.errors import RunNotFoundError, TaxonomyError
from core.domain.progress import NullProgress
from core.domain.taxonomy import AssignmentSource, NodeStatus
from core.services.context import Context
from core.services.discovery import run_discovery
from core.services.predictions import nodes_for_choice
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    move_products,
    open_review,
    reject_cluster,
    undo,
)
from core.services.taxonomy import find_category, list_versions, taxonomy_view
from db.models import AssignmentRow, ProductRow, VersionRow
from db.repositories import assignments
from db.repositories import taxonomy as taxonomy_rows

SHOES = ("Apparel & Accessories", "Shoes")


def cluster(context: Context, number: int, run_id: int = 1):
    return next(found for found in open_review(context, run_id).clusters if found.number == number)


def members(context: Context, cluster_id: int, run_id: int = 1) -> set[int]:
    return {item.product_id for item in cluster_products(context, run_id, cluster_id, limit=1000)[0]}


def products_at(context: Context, node_id: str) -> set[int]:
    with context.database.read() as session:
        return set(session.scalars(select(ProductRow.id).where(ProductRow.node_id == node_id)))


def test_an_approval_makes_nodes_assignments_and_a_version(discovered):
    first, second = cluster(discovered, 1), cluster(discovered, 2)
    result = approve_clusters(discovered, 1, {second.id: "Boots", first.id: "Heels"}, "Two kinds", "Ada")
    heels, boots = (find_category(discovered, (*SHOES, name)) for name in ("Heels", "Boots"))
    assert result.node_ids == (heels, boots)
    assert result.n_products == first.size + second.size
    assert products_at(discovered, heels) == members(discovered, first.id)
    assert products_at(discovered, boots) == members(discovered, second.id)
    view = taxonomy_view(discovered)
    assert view.version == result.version == 3
    assert view.taxonomy.node(boots).created_in_version == 3
    assert view.taxonomy.node(boots).status is NodeStatus.APPROVED
    with discovered.database.read() as session:
        version = taxonomy_rows.load_version(session, 3)
        made = session.scalars(select(AssignmentRow).where(AssignmentRow.run_id == 1)).all()
    assert version is not None
    assert (version.note, version.author) == ("Two kinds", "Ada")
    assert {node.id for node in version.nodes} == {node.id for node in view.taxonomy.nodes}
    assert {row.source for row in made} == {AssignmentSource.CLUSTER}
    assert cluster(discovered, 1).status is ClusterStatus.APPROVED
    assert cluster(discovered, 3).status is ClusterStatus.OPEN


def test_clusters_of_one_name_become_one_node(discovered):
    first, second = cluster(discovered, 1), cluster(discovered, 2)
    result = approve_clusters(discovered, 1, {first.id: "Boots", second.id: "boots"}, "", "Ada")
    assert len(set(result.node_ids)) == 1
    assert products_at(discovered, result.node_ids[0]) == members(discovered, first.id) | members(discovered, second.id)


def test_a_name_the_category_has_already_means_that_node(discovered):
    first, second = cluster(discovered, 1), cluster(discovered, 2)
    [boots] = approve_clusters(discovered, 1, {first.id: "Boots"}, "", "Ada").node_ids
    again = approve_clusters(discovered, 1, {second.id: "BOOTS"}, "", "Ada")
    assert again.node_ids == (boots,)
    assert len(products_at(discovered, boots)) == first.size + second.size
    undo(discovered, 1, "Ada")
    assert products_at(discovered, boots) == members(discovered, first.id)
    assert taxonomy_view(discovered).taxonomy.node(boots).status is NodeStatus.APPROVED


def test_a_subcluster_goes_below_its_cluster_in_one_approval_or_later(subdivided):
    parts = [found for found in open_review(subdivided, 1).clusters if found.level == 2]
    parent_id = parts[0].parent_id
    result = approve_clusters(subdivided, 1, {parts[0].id: "Ankle", parent_id: "Boots"}, "", "Ada")
    ankle = find_category(subdivided, (*SHOES, "Boots", "Ankle"))
    assert result.n_products == len(members(subdivided, parent_id))
    assert products_at(subdivided, ankle) == members(subdivided, parts[0].id)
    approve_clusters(subdivided, 1, {parts[1].id: "Knee"}, "", "Ada")
    knee = find_category(subdivided, (*SHOES, "Boots", "Knee"))
    assert products_at(subdivided, knee) == members(subdivided, parts[1].id)
    assert products_at(subdivided, find_category(subdivided, (*SHOES, "Boots"))) == set()


def test_a_subcluster_of_an_open_cluster_goes_below_the_category(subdivided):
    part = next(found for found in open_review(subdivided, 1).clusters if found.level == 2)
    approve_clusters(subdivided, 1, {part.id: "Ankle"}, "", "Ada")
    ankle = find_category(subdivided, (*SHOES, "Ankle"))
    approve_clusters(subdivided, 1, {part.parent_id: "Boots"}, "", "Ada")
    assert products_at(subdivided, ankle) == members(subdivided, part.id), "approved before: it stays"


def test_a_subcluster_called_like_its_cluster_is_part_of_it(subdivided):
    part = next(found for found in open_review(subdivided, 1).clusters if found.level == 2)
    result = approve_clusters(subdivided, 1, {part.parent_id: "Boots", part.id: "boots"}, "", "Ada")
    assert len(set(result.node_ids)) == 1


def test_excluded_and_rejected_products_keep_their_category(discovered):
    first, second = cluster(discovered, 1), cluster(discovered, 2)
    shoes = find_category(discovered, SHOES)
    excluded = sorted(members(discovered, first.id))[:2]
    exclude_products(discovered, 1, excluded, "Ada")
    reject_cluster(discovered, second.id, "Ada")
    approve_clusters(discovered, 1, {first.id: "Boots"}, "", "Ada")
    assert {*excluded, *members(discovered, second.id)} <= products_at(discovered, shoes)


@pytest.mark.parametrize(
    ("numbers", "names", "fault"),
    [
        ((), (), TaxonomyError), ((1, 2), ("Boots", "a > b"), TaxonomyError), ((1, 2), ("Boots", " "), TaxonomyError),
        ((1, 99), ("Boots", "Heels"), RunNotFoundError), ((1, 5), ("Boots", "Heels"), TaxonomyError),
    ],
)  # fmt: skip
def test_a_refused_approval_changes_nothing(discovered, dump_all, numbers, names, fault):
    reject_cluster(discovered, cluster(discovered, 5).id, "Ada")
    ids = {found.number: found.id for found in open_review(discovered, 1).clusters}
    before = dump_all(discovered)
    with pytest.raises(fault) as caught:
        approve_clusters(
            discovered, 1, {ids.get(n, 10**6): name for n, name in zip(numbers, names, strict=True)}, "", "Ada"
        )
    assert caught.value.remedy
    assert dump_all(discovered) == before


@pytest.mark.parametrize("table", ["taxonomy_node", "assignment", "taxonomy_version", "event"])
def test_an_approval_that_fails_half_way_leaves_nothing(discovered, dump_all, table):
    before = dump_all(discovered)
    with discovered.database.write() as session:
        session.execute(text(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"))
    with pytest.raises(DatabaseError):
        approve_clusters(discovered, 1, {cluster(discovered, 1).id: "Boots"}, "", "Ada")
    assert dump_all(discovered) == before


def test_an_approval_for_a_run_that_does_not_exist_is_refused(discovered):
    with pytest.raises(RunNotFoundError):
        approve_clusters(discovered, 99, {1: "Boots"}, "", "Ada")


def test_an_undone_approval_deprecates_its_nodes_and_a_new_one_revives_them(discovered):
    first = cluster(discovered, 1)
    [boots] = approve_clusters(discovered, 1, {first.id: "Boots"}, "", "Ada").node_ids
    shoes = find_category(discovered, SHOES)
    assert undo(discovered, 1, "Ada") == "Approved Boots"
    view = taxonomy_view(discovered)
    assert view.version == 4
    assert view.taxonomy.node(boots).status is NodeStatus.DEPRECATED
    assert view.taxonomy.replacement(boots).id == shoes
    assert members(discovered, first.id) <= products_at(discovered, shoes)
    assert boots not in {node_id for node_id, _ in nodes_for_choice(discovered)}
    assert approve_clusters(discovered, 1, {first.id: "Boots"}, "", "Ada").node_ids == (boots,)
    assert taxonomy_view(discovered).taxonomy.node(boots).status is NodeStatus.APPROVED
    undo(discovered, 1, "Ada")
    assert taxonomy_view(discovered).taxonomy.node(boots).status is NodeStatus.DEPRECATED
    assert [version.n_added for version in list_versions(discovered)][:4] == [0, 1, 0, 1]


def test_an_approval_whose_node_got_other_products_meanwhile_cannot_be_undone(discovered, dump_all):
    [boots] = approve_clusters(discovered, 1, {cluster(discovered, 1).id: "Boots"}, "", "Ada").node_ids
    other = sorted(members(discovered, cluster(discovered, 2).id))[0]
    with discovered.database.write() as session:
        assignments.assign(session, [(other, boots)], AssignmentSource.CURATOR, "Bob")
    before = dump_all(discovered)
    with pytest.raises(TaxonomyError, match="'Boots'") as caught:
        undo(discovered, 1, "Ada")
    assert caught.value.remedy
    assert dump_all(discovered) == before


def test_two_runs_of_one_category_can_both_name_a_node(discovered):
    second = run_discovery(
        discovered, find_category(discovered, SHOES), DiscoveryParameters(n_clusters=3), "Ada", NullProgress()
    )
    names = {cluster(discovered, 1).id: "Boots"}
    [boots] = approve_clusters(discovered, 1, names, "", "Ada").node_ids
    assert approve_clusters(discovered, second, {cluster(discovered, 1, second).id: "Boots"}, "", "Bob").node_ids == (
        boots,
    )
    undo(discovered, second, "Bob")
    assert products_at(discovered, boots) == members(discovered, cluster(discovered, 1).id)
    move_products(discovered, 1, sorted(members(discovered, cluster(discovered, 2).id))[:1],
                  cluster(discovered, 1).id, "Ada")  # fmt: skip
    undo(discovered, 1, "Ada")
    undo(discovered, 1, "Ada")
    assert products_at(discovered, boots) == set()


def test_a_version_never_changes_afterwards(discovered):
    approve_clusters(discovered, 1, {cluster(discovered, 1).id: "Boots"}, "", "Ada")
    with discovered.database.read() as session:
        before = session.get_one(VersionRow, 3).snapshot
    approve_clusters(discovered, 1, {cluster(discovered, 2).id: "Heels"}, "", "Ada")
    undo(discovered, 1, "Ada")
    undo(discovered, 1, "Ada")
    with discovered.database.read() as session:
        assert session.get_one(VersionRow, 3).snapshot == before
