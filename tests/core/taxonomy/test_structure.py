"""Adding, moving, ordering, merging and deprecating keep the tree a tree."""

import pytest

from core.domain.errors import NodeNotFoundError, TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.operations import add_node, deprecate_node, merge_nodes, move_node, rename_node, reorder_node
from core.taxonomy.tree import Taxonomy
from tests.core.taxonomy.trees import names_below, tree

DEPRECATED = NodeStatus.DEPRECATED


def test_an_added_node_hangs_below_its_parent(shoes):
    after = Taxonomy(add_node(shoes, TaxonomyNode("heels", "shoes", "  Heels ")))
    assert after.names("heels") == ("Shoes", "Heels")
    assert "heels" not in shoes  # the tree before stays as it was


@pytest.mark.parametrize(
    ("node", "fault"),
    [
        (TaxonomyNode("boots", "shoes", "Other"), "exists already"),
        (TaxonomyNode("new", None, "Other"), "one root"),
        (TaxonomyNode("new", "shoes", "BOOTS"), "has a category named"),
        (TaxonomyNode("new", "shoes", " "), "got none"),
        (TaxonomyNode("new", "shoes", "a > b"), "'>'"),
        (TaxonomyNode("new", "shoes", "x" * 121), "at most 120"),
        (TaxonomyNode("new", "shoes", "a\nb"), "cannot be shown"),
    ],
)
def test_an_addition_that_breaks_a_rule_is_refused(shoes, node, fault):
    with pytest.raises(TaxonomyError, match=fault):
        add_node(shoes, node)


def test_an_addition_below_nothing_is_refused(shoes):
    with pytest.raises(NodeNotFoundError):
        add_node(shoes, TaxonomyNode("new", "nowhere", "New"))


def test_a_moved_node_takes_its_subtree_along(shoes):
    after = Taxonomy(move_node(shoes, "boots", "bags"))
    assert after.names("ankle") == ("Bags", "Boots", "Ankle Boots")


@pytest.mark.parametrize("parent_id", ["boots", "ankle"])
def test_a_node_cannot_be_moved_below_itself(shoes, parent_id):
    with pytest.raises(TaxonomyError, match="below itself"):
        move_node(shoes, "boots", parent_id)


def test_the_root_stays_where_it_is(shoes):
    for act in (
        lambda: move_node(shoes, "root", "bags"),
        lambda: deprecate_node(shoes, "root"),
        lambda: merge_nodes(shoes, ["root"], "bags"),
    ):
        with pytest.raises(TaxonomyError, match="root"):
            act()


def test_a_merge_deprecates_the_sources_and_moves_their_children(shoes):
    after = Taxonomy(merge_nodes(shoes, ["boots"], "sandals"))
    assert (after.node("boots").status, after.node("boots").replaced_by) == (DEPRECATED, "sandals")
    assert after.names("ankle") == ("Shoes", "Sandals", "Ankle Boots")


def test_a_merge_unites_children_of_one_name_all_the_way_down():
    before = tree(
        ("a", "root", "A"),
        ("a1", "a", "Boots"),
        ("a11", "a1", "Ankle"),
        ("a12", "a1", "Rain"),
        ("b", "root", "B"),
        ("b1", "b", "boots"),
        ("b11", "b1", "ANKLE"),
    )
    after = Taxonomy(merge_nodes(before, ["a"], "b"))
    assert after.replacement("a1").id == "b1"
    assert after.replacement("a11").id == "b11"
    assert after.names("a12") == ("B", "boots", "Rain")


def test_a_parent_and_its_child_merge_into_a_third(shoes):
    after = Taxonomy(merge_nodes(shoes, ["boots", "ankle"], "bags"))
    assert {after.replacement(i).id for i in ("boots", "ankle")} == {"bags"}


def test_a_merge_into_itself_or_below_is_refused(shoes):
    for target in ("boots", "ankle"):
        with pytest.raises(TaxonomyError, match="cannot be merged"):
            merge_nodes(shoes, ["boots"], target)
    with pytest.raises(TaxonomyError, match="at least one"):
        merge_nodes(shoes, [], "boots")


def test_deprecating_hands_children_to_the_parent_by_default(shoes):
    after = Taxonomy(deprecate_node(shoes, "boots"))
    assert after.names("ankle") == ("Shoes", "Ankle Boots")
    assert after.replacement("boots").id == "shoes"


def test_a_child_may_bear_the_name_of_the_parent_it_outlives():
    before = tree(("a", "root", "Shoes"), ("b", "a", "Shoes"))
    assert Taxonomy(deprecate_node(before, "a")).names("b") == ("Shoes",)


def test_nothing_is_done_to_a_deprecated_node(shoes):
    after = Taxonomy(deprecate_node(shoes, "sandals", "boots"))
    for act in (
        lambda: rename_node(after, "sandals", "New"),
        lambda: move_node(after, "sandals", "bags"),
        lambda: move_node(after, "bags", "sandals"),
        lambda: merge_nodes(after, ["sandals"], "bags"),
        lambda: merge_nodes(after, ["bags"], "sandals"),
        lambda: add_node(after, TaxonomyNode("new", "sandals", "New")),
    ):
        with pytest.raises(TaxonomyError, match="deprecated") as caught:
            act()
        assert "'Boots'" in caught.value.remedy


def test_siblings_stand_by_name_until_somebody_orders_them(shoes):
    assert names_below(shoes, "shoes") == ["Boots", "Sandals"]
    ordered = Taxonomy(reorder_node(shoes, "sandals", 0))
    assert names_below(ordered, "shoes") == ["Sandals", "Boots"]
    added = Taxonomy(add_node(ordered, TaxonomyNode("new", "shoes", "Clogs")))
    assert names_below(added, "shoes") == ["Sandals", "Boots", "Clogs"]
    moved = Taxonomy(move_node(added, "bags", "shoes"))
    assert names_below(moved, "shoes") == ["Sandals", "Boots", "Clogs", "Bags"]


@pytest.mark.parametrize(("index", "expected"), [(-5, "CAB"), (0, "CAB"), (1, "ACB"), (2, "ABC"), (99, "ABC")])
def test_a_place_beyond_the_ends_is_the_first_or_the_last(index, expected):
    before = tree(("a", "root", "A"), ("b", "root", "B"), ("c", "root", "C"))
    assert names_below(Taxonomy(reorder_node(before, "c", index)), "root") == list(expected)


def test_a_node_moved_to_where_it_is_keeps_its_place(shoes):
    ordered = Taxonomy(reorder_node(shoes, "sandals", 0))
    assert move_node(ordered, "sandals", "shoes") == ordered.nodes
