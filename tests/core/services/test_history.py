"""Undo and redo, each curator's own; any act taken back and done again; what may not be, and why."""

import pytest

from core.domain.errors import StaleRevisionError, TaxonomyError
from core.services import history, taxonomy_edit
from core.services.cluster_merge import merge_clusters
from core.services.context import Context, open_context
from core.services.history import TAXONOMY, run_scope
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    move_products,
    name_cluster,
    open_review,
    recut,
    redo,
    undo,
)
from core.services.taxonomy import find_category
from tests.conftest import SHOES

RUN = run_scope(1)


def name(context: Context, index: int, wanted: str, author: str = "Ada") -> None:
    cluster = open_review(context, 1).clusters[index]
    name_cluster(context, cluster.id, wanted, cluster.revision, author)


def names(context: Context) -> list[str]:
    return [found.name for found in open_review(context, 1).clusters[:2]]


def members(context: Context, index: int) -> list[int]:
    cluster = open_review(context, 1).clusters[index]
    return [item.product_id for item in cluster_products(context, 1, cluster.id, limit=1000)[0]]


def newest(context: Context) -> int:
    return history.entries(context, RUN)[0].id


def test_undo_and_redo_walk_back_and_forth(discovered):
    name(discovered, 0, "Boots")
    name(discovered, 0, "Heels")
    for said, expected in (("Heels", "Boots"), ("Boots", "")):
        assert history.next_undo(discovered, RUN, "Ada").summary.endswith(f"'{said}'")
        undo(discovered, 1, "Ada")
        assert names(discovered)[0] == expected
    assert undo(discovered, 1, "Ada") is None
    for expected in ("Boots", "Heels"):
        redo(discovered, 1, "Ada")
        assert names(discovered)[0] == expected
    assert redo(discovered, 1, "Ada") is None


def test_a_new_act_drops_what_was_taken_back_and_says_how_much_before(discovered):
    name(discovered, 0, "Boots")
    name(discovered, 1, "Heels")
    undo(discovered, 1, "Ada")
    undo(discovered, 1, "Ada")
    assert history.dropped_by_next_act(discovered, RUN, "Ada") == 2
    assert history.dropped_by_next_act(discovered, RUN, "Bob") == 0
    exclude_products(discovered, 1, members(discovered, 2)[:1], "Ada")
    assert history.dropped_by_next_act(discovered, RUN, "Ada") == 0
    assert redo(discovered, 1, "Ada") is None
    assert names(discovered) == ["", ""]


def test_an_act_that_redo_no_longer_reaches_can_be_done_again_from_the_history(discovered):
    name(discovered, 0, "Boots")
    event_id = newest(discovered)
    undo(discovered, 1, "Ada")
    name(discovered, 1, "Heels")
    assert history.do_again(discovered, event_id, "Bob") == "Named cluster 1 'Boots'"
    assert names(discovered) == ["Boots", "Heels"]
    assert history.do_again(discovered, event_id, "Bob") is None, "it stands already"


def test_undo_passes_over_the_acts_of_others(discovered):
    name(discovered, 0, "Boots", "Ada")
    name(discovered, 1, "Heels", "Bob")
    undo(discovered, 1, "Ada")
    assert names(discovered) == ["", "Heels"]
    assert undo(discovered, 1, "Ada") is None


def test_any_act_can_be_taken_back_alone(discovered):
    chosen = members(discovered, 2)[:2]
    for product in chosen:
        exclude_products(discovered, 1, [product], "Ada")
    first = history.entries(discovered, RUN)[1].id
    history.take_back(discovered, first, "Bob")
    assert open_review(discovered, 1).n_excluded == 1
    assert chosen[0] in members(discovered, 2)


def test_what_somebody_built_on_is_not_taken_back_and_the_reason_names_it(discovered, dump_run):
    cluster = open_review(discovered, 1).clusters[0]
    name(discovered, 0, "Boots", "Ada")
    approve_clusters(discovered, 1, {cluster.id: "Boots"}, "", "Bob")
    before = dump_run(discovered, 1)
    with pytest.raises(StaleRevisionError, match=r"'Approved Boots', by Bob, came after") as caught:
        undo(discovered, 1, "Ada")
    assert "history" in caught.value.remedy
    assert dump_run(discovered, 1) == before


def test_what_was_built_on_an_act_that_is_gone_is_not_done_again(discovered):
    name(discovered, 0, "Boots")
    name(discovered, 0, "Heels")
    later = newest(discovered)
    undo(discovered, 1, "Ada")
    undo(discovered, 1, "Ada")
    with pytest.raises(StaleRevisionError, match="built on 'Named cluster 1 'Boots''"):
        history.do_again(discovered, later, "Ada")


def test_products_do_not_come_back_into_a_cluster_that_was_approved_without_them(discovered, dump_run):
    chosen = members(discovered, 0)[:2]
    exclude_products(discovered, 1, chosen, "Ada")
    approve_clusters(discovered, 1, {open_review(discovered, 1).clusters[0].id: "Boots"}, "", "Bob")
    before = dump_run(discovered, 1)
    with pytest.raises(StaleRevisionError, match="'Boots' was approved meanwhile"):
        undo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == before
    undo(discovered, 1, "Bob")
    undo(discovered, 1, "Ada")
    assert set(chosen) <= set(members(discovered, 0))


def test_products_do_not_leave_a_cluster_that_was_approved_with_them(discovered, dump_run):
    exclude_products(discovered, 1, members(discovered, 0)[:2], "Ada")
    undo(discovered, 1, "Ada")
    approve_clusters(discovered, 1, {open_review(discovered, 1).clusters[0].id: "Boots"}, "", "Bob")
    before = dump_run(discovered, 1)
    with pytest.raises(StaleRevisionError, match="'Approved Boots', by Bob"):
        redo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == before


def test_products_do_not_come_back_into_a_cluster_that_was_cut_away(discovered, dump_run):
    exclude_products(discovered, 1, members(discovered, 0)[:2], "Ada")
    recut(discovered, 1, 1, "Bob")
    before = dump_run(discovered, 1)
    with pytest.raises(StaleRevisionError, match="gone") as caught:
        undo(discovered, 1, "Ada")
    assert caught.value.remedy
    assert dump_run(discovered, 1) == before


def test_a_recut_after_a_step_is_an_act_of_its_own(discovered, dump_run):
    states = [dump_run(discovered, 1)]
    recut(discovered, 1, 3, "Ada")
    states.append(dump_run(discovered, 1))
    undo(discovered, 1, "Ada")
    redo(discovered, 1, "Ada")
    recut(discovered, 1, 7, "Ada")
    undo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == states[1]
    undo(discovered, 1, "Ada")
    assert dump_run(discovered, 1) == states[0]


def test_history_survives_a_restart(discovered, dump_run):
    before = dump_run(discovered, 1)
    first, second = open_review(discovered, 1).clusters[:2]
    merge_clusters(discovered, 1, [first.id, second.id], "Ada")
    move_products(discovered, 1, members(discovered, 1)[:3], first.id, "Ada")
    after = dump_run(discovered, 1)
    discovered.database.engine.dispose()
    again = open_context(discovered.workspace)
    assert undo(again, 1, "Ada") and undo(again, 1, "Ada")
    assert dump_run(again, 1) == before
    again.database.engine.dispose()
    once_more = open_context(discovered.workspace)
    assert redo(once_more, 1, "Ada") and redo(once_more, 1, "Ada")
    assert dump_run(once_more, 1) == after


def test_entries_are_of_a_scope_a_run_or_a_node(discovered):
    cluster = open_review(discovered, 1).clusters[0]
    [node_id] = approve_clusters(discovered, 1, {cluster.id: "Boots"}, "", "Ada").node_ids
    name(discovered, 1, "Heels", "Bob")
    taxonomy_edit.rename(discovered, node_id, "High boots", revisions={}, author="Bob", why="clearer")
    assert [(entry.kind, entry.author) for entry in history.entries(discovered, node_id=node_id)] == [
        ("rename", "Bob"), ("approve", "Ada"),
    ]  # fmt: skip
    assert history.entries(discovered, node_id=node_id)[0].why == "clearer"
    assert [entry.kind for entry in history.entries(discovered, RUN)] == ["name", "approve"]
    assert [entry.kind for entry in history.entries(discovered, TAXONOMY)] == ["rename"]
    assert [entry.kind for entry in history.entries(discovered, run_id=1, limit=1)] == ["name"]
    assert history.entries(discovered, node_id=find_category(discovered, SHOES)) == []


def test_scopes_are_undone_apart(discovered):
    category = find_category(discovered, SHOES)
    taxonomy_edit.add_category(discovered, category, "Clogs", revisions={}, author="Ada")
    name(discovered, 0, "Boots")
    assert history.undo(discovered, TAXONOMY, "Ada") == "Added 'Clogs' below 'Shoes'"
    assert names(discovered)[0] == "Boots"
    assert history.next_undo(discovered, TAXONOMY, "Ada") is None
    assert history.next_redo(discovered, TAXONOMY, "Ada").summary == "Added 'Clogs' below 'Shoes'"


def test_a_name_that_differs_in_capitals_alone_does_not_come_back_beside_another(discovered):
    category = find_category(discovered, SHOES)
    taxonomy_edit.add_category(discovered, category, "Clogs", revisions={}, author="Ada")
    history.undo(discovered, TAXONOMY, "Ada")
    taxonomy_edit.add_category(discovered, category, "CLOGS", revisions={}, author="Bob")
    with pytest.raises(TaxonomyError, match="is there by now"):
        history.redo(discovered, TAXONOMY, "Ada")


def test_two_curators_who_fill_one_cluster_take_back_their_own_part_of_it(discovered):
    here, there, *_ = (c.id for c in open_review(discovered, 1).clusters if c.level == 1)
    products = [item.product_id for item in cluster_products(discovered, 1, here, limit=4)[0]]
    move_products(discovered, 1, products[:2], there, "Ada")
    move_products(discovered, 1, products[2:], there, "Bea")
    assert history.undo(discovered, history.run_scope(1), "Ada")
    inside = {item.product_id for item in cluster_products(discovered, 1, there, limit=500)[0]}
    assert inside.isdisjoint(products[:2])
    assert inside.issuperset(products[2:])
    recut(discovered, 1, 3, "Ada")
    inside = {item.product_id for item in cluster_products(discovered, 1, there, limit=500)[0]}
    assert inside.issuperset(products[2:]), "what Bea filled stays through a re-cut"


def test_an_approval_of_a_cluster_that_products_left_meanwhile_is_refused(discovered):
    seen, there, *_ = (c for c in open_review(discovered, 1).clusters if c.level == 1)
    moving = [item.product_id for item in cluster_products(discovered, 1, seen.id, limit=2)[0]]
    move_products(discovered, 1, moving, there.id, "Bea")
    with pytest.raises(StaleRevisionError):
        approve_clusters(discovered, 1, {seen.id: "Boots"}, "", "Ada", {seen.id: seen.revision})
    now = next(c for c in open_review(discovered, 1).clusters if c.id == seen.id)
    history.undo(discovered, history.run_scope(1), "Bea")
    with pytest.raises(StaleRevisionError):
        approve_clusters(discovered, 1, {seen.id: "Boots"}, "", "Ada", {seen.id: now.revision})
