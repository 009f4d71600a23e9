"""What is collected of the curator's acts: who decided, what came later, who may teach."""

import numpy as np
import pytest

from core.domain.prediction_queue import PredictionQuery
from core.domain.product import Product
from core.domain.taxonomy import AssignmentSource, TaxonomyNode
from core.services.context import Context
from core.services.guidance import FEWEST_BY_HAND, MAX_GROUP, MAX_TEACHERS, MIN_GROUP, collect_guidance, sibling_groups
from core.services.prediction_acts import correct, undecide
from core.services.prediction_queue import queue_page
from core.services.predictions import nodes_for_choice
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    move_products,
    name_cluster,
    open_review,
    send_back,
    undo,
)
from core.services.taxonomy import find_category
from core.taxonomy.tree import Taxonomy
from db.repositories import assignments
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

SHOES = ("Apparel & Accessories", "Shoes")


def collected(context: Context):
    """The guidance for Shoes, and its products' ids."""
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        shoes = taxonomy.find_by_path(SHOES).id
        products = product_rows.products_under(session, taxonomy.subtree_ids(shoes))
        return collect_guidance(session, taxonomy, shoes, products), [product.id for product in products]


def labelled(context: Context) -> dict[int, str]:
    """Product id → name of its group."""
    guidance, ids = collected(context)
    return {ids[place]: guidance.groups[guidance.labels[place]].name for place in np.flatnonzero(guidance.labels >= 0)}


def inside(context: Context, cluster_id: int | None) -> list[int]:
    return [item.product_id for item in cluster_products(context, 1, cluster_id, limit=1000)[0]]


def test_a_workspace_where_nobody_acted_says_nothing(discovered):
    guidance, _ = collected(discovered)
    assert guidance.says_nothing
    assert guidance.n_moved == 0


def test_what_a_platform_or_a_classifier_says_is_no_decision(discovered):
    with discovered.database.write() as session:
        shoes = find_category(discovered, SHOES)
        taxonomy_rows.insert_nodes(session, [TaxonomyNode("boots", shoes, "Boots")])
        ids = [product.id for product in product_rows.products_under(session, [shoes])]
        assignments.assign(session, [(ids[0], "boots")], AssignmentSource.CLASSIFIER, "model")
        assignments.assign(session, [(ids[1], "boots")], AssignmentSource.IMPORT, "shop")
        by_hand = ids[2 : 2 + FEWEST_BY_HAND]
        assignments.assign(session, [(id_, "boots") for id_ in by_hand], AssignmentSource.CURATOR, "Ada")
    assert labelled(discovered) == dict.fromkeys(by_hand, "Boots")


def test_a_few_products_put_somewhere_by_hand_claim_no_cluster(discovered):
    _, ids = collected(discovered)
    with discovered.database.write() as session:
        taxonomy_rows.insert_nodes(session, [TaxonomyNode("boots", find_category(discovered, SHOES), "Boots")])
        few = [(id_, "boots") for id_ in ids[: FEWEST_BY_HAND - 1]]
        assignments.assign(session, few, AssignmentSource.CURATOR, "Ada")
    assert labelled(discovered) == {}


def test_a_corrected_prediction_counts_until_it_is_taken_back(trained):
    before = labelled(trained)
    node_id = next(key for key, path in nodes_for_choice(trained) if path.endswith("First kind"))
    items, _ = queue_page(trained, PredictionQuery(), 500)
    item = next(item for item in items if before.get(item.product.product_id) == "Second kind")
    correct(trained, [item.id], node_id, "Ada")
    assert labelled(trained) == {**before, item.product.product_id: "First kind"}
    undecide(trained, [item.id], "Ada")
    assert labelled(trained) == before


def test_a_group_named_like_an_approved_one_is_that_one(discovered):
    first, second = open_review(discovered, 1).clusters[:2]
    approve_clusters(discovered, 1, {first.id: "Boots"}, "", "Ada")
    name_cluster(discovered, second.id, "boots", open_review(discovered, 1).clusters[1].revision, "Ada")
    guidance, _ = collected(discovered)
    assert [group.name for group in guidance.groups] == ["Boots"]
    assert (guidance.labels >= 0).sum() == len(inside(discovered, first.id)) + len(inside(discovered, second.id))


def test_a_cleared_name_is_no_group(discovered):
    first = open_review(discovered, 1).clusters[0]
    name_cluster(discovered, first.id, "Boots", first.revision, "Ada")
    assert set(labelled(discovered).values()) == {"Boots"}
    name_cluster(discovered, first.id, "", open_review(discovered, 1).clusters[0].revision, "Ada")
    assert labelled(discovered) == {}


def test_products_moved_on_are_only_apart_from_where_the_machine_had_them(discovered):
    first, second, third = open_review(discovered, 1).clusters[:3]
    some = inside(discovered, first.id)[:2]
    move_products(discovered, 1, some, second.id, "Ada")
    move_products(discovered, 1, some, third.id, "Ada")
    guidance, ids = collected(discovered)
    (separation,) = guidance.separations
    assert {ids[place] for place in separation.movers} == set(some)
    assert {ids[place] for place in separation.stayers} == set(inside(discovered, first.id))
    assert guidance.n_moved == 2
    assert set(labelled(discovered)) == set(inside(discovered, third.id))


def test_products_moved_back_are_apart_from_nobody(discovered):
    first, second = open_review(discovered, 1).clusters[:2]
    some = inside(discovered, first.id)[:2]
    move_products(discovered, 1, some, second.id, "Ada")
    move_products(discovered, 1, some, first.id, "Ada")
    assert collected(discovered)[0].separations == ()


def test_sent_back_products_are_no_longer_excluded_and_chose_no_group(discovered):
    some = inside(discovered, open_review(discovered, 1).clusters[0].id)[:2]
    exclude_products(discovered, 1, some, "Ada")
    guidance, ids = collected(discovered)
    assert {ids[place] for place in np.flatnonzero(guidance.is_set_aside)} == set(some)
    send_back(discovered, 1, some, "Ada")
    assert collected(discovered)[0].says_nothing
    undo(discovered, 1, "Ada")
    assert collected(discovered)[0].is_set_aside.sum() == 2


def tree() -> Taxonomy:
    """Shoes and Bags with children, Watches without."""
    pairs = [("root", None), ("shoes", "root"), ("boots", "shoes"), ("heels", "shoes"), ("bags", "root"),
             ("totes", "bags"), ("packs", "bags"), ("rare", "bags"), ("watches", "root")]  # fmt: skip
    return Taxonomy(TaxonomyNode(key, parent, key) for key, parent in pairs)


def products_of(**counts: int) -> list[Product]:
    nodes = [node_id for node_id, count in counts.items() for _ in range(count)]
    return [Product(n, "shop", str(n), "", "", "", None, "", None, node_id) for n, node_id in enumerate(nodes)]


def test_children_of_other_categories_teach_and_nothing_near_does():
    catalogue = products_of(shoes=20, boots=30, heels=30, totes=250, packs=MIN_GROUP, rare=MIN_GROUP - 1, watches=99)
    found = sibling_groups(tree(), catalogue, "shoes")
    assert {product.node_id for product in found.products} == {"totes", "packs"}
    assert np.bincount(found.labels).tolist() == [MIN_GROUP, MAX_GROUP]
    assert set(found.families.tolist()) == {0}
    assert {product.node_id for product in sibling_groups(tree(), catalogue, "bags").products} == {"boots", "heels"}


@pytest.mark.parametrize("counts", [{}, {"totes": 50}, {"totes": 50, "packs": 2}, {"boots": 50, "heels": 50}])
def test_a_category_with_one_known_child_teaches_nothing(counts):
    assert sibling_groups(tree(), products_of(**counts), "shoes") is None


def test_no_more_teach_than_a_lesson_takes():
    pairs = [("root", None), ("shoes", "root"), ("bags", "root"), *((f"b{n}", "bags") for n in range(80))]
    taxonomy = Taxonomy(TaxonomyNode(key, parent, key) for key, parent in pairs)
    found = sibling_groups(taxonomy, products_of(**{f"b{n}": 60 for n in range(80)}), "shoes")
    assert len(found.products) <= MAX_TEACHERS
    assert len(set(found.labels.tolist())) == 80
