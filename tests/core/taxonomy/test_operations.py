"""Operations of a curator keep the tree a tree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import AppError, NodeNotFoundError, TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.operations import (
    add_node,
    check_name,
    deprecate_node,
    merge_nodes,
    move_node,
    rename_node,
    validate,
)
from core.taxonomy.tree import Taxonomy

DEPRECATED = NodeStatus.DEPRECATED


def tree(*rows: tuple[str, str | None, str]) -> Taxonomy:
    return Taxonomy([TaxonomyNode("root", None, "Catalogue"), *(TaxonomyNode(*row) for row in rows)])


@pytest.fixture
def shoes() -> Taxonomy:
    return tree(
        ("shoes", "root", "Shoes"),
        ("boots", "shoes", "Boots"),
        ("ankle", "boots", "Ankle Boots"),
        ("sandals", "shoes", "Sandals"),
        ("bags", "root", "Bags"),
    )


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


def test_a_name_of_120_characters_is_accepted():
    assert check_name("x" * 120) == "x" * 120


def test_a_node_may_change_the_case_of_its_own_name(shoes):
    assert Taxonomy(rename_node(shoes, "boots", "BOOTS")).node("boots").name == "BOOTS"
    assert Taxonomy(rename_node(shoes, "root", "Everything")).root.name == "Everything"


def test_a_rename_to_a_siblings_name_is_refused(shoes):
    with pytest.raises(TaxonomyError, match="already"):
        rename_node(shoes, "boots", "sandals")


def test_the_name_of_a_deprecated_sibling_is_free(shoes):
    after = Taxonomy(deprecate_node(shoes, "sandals"))
    assert Taxonomy(rename_node(after, "boots", "Sandals")).node("boots").name == "Sandals"


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


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([("a", "root", "A"), ("b", "root", "a")], "already"),
        ([("a", "root", "A > B")], "'>'"),
        ([("a", "root", "A", DEPRECATED, "root"), ("b", "a", "B")], "deprecated"),
        ([("a", "root", "A", DEPRECATED, "b"), ("b", "root", "B", DEPRECATED, "a")], "circle"),
    ],
)
def test_nodes_from_outside_that_break_a_rule_are_refused(rows, fault):
    with pytest.raises(TaxonomyError, match=fault):
        validate(tree(*rows).nodes)


index = st.integers(0, 30)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), index, st.sampled_from(["Boots", "boots", "Heels", "Bags", "Flats", "Clogs"])),
        st.tuples(st.just("rename"), index, st.sampled_from(["Boots", "heels", "Bags", "Mules"])),
        st.tuples(st.just("move"), index, index),
        st.tuples(st.just("merge"), index, index),
        st.tuples(st.just("deprecate"), index, index),
    ),
    max_size=40,
)


def apply(taxonomy: Taxonomy, step: tuple, number: int) -> tuple[TaxonomyNode, ...]:
    kind, first, second = step
    ids = [node.id for node in taxonomy.nodes]
    one = ids[first % len(ids)]
    if kind == "add":
        return add_node(taxonomy, TaxonomyNode(f"n{number}", one, second))
    if kind == "rename":
        return rename_node(taxonomy, one, second)
    other = ids[second % len(ids)]
    if kind == "move":
        return move_node(taxonomy, one, other)
    return merge_nodes(taxonomy, [one], other) if kind == "merge" else deprecate_node(taxonomy, one, other)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_any_sequence_of_operations_keeps_one_root_no_cycle_and_every_identity(sequence):
    taxonomy = tree(("a", "root", "Shoes"), ("b", "a", "Boots"), ("c", "root", "Bags"))
    for number, step in enumerate(sequence):
        try:
            nodes = apply(taxonomy, step, number)
        except AppError:
            continue
        after = validate(nodes)
        assert {node.id for node in taxonomy.nodes} <= {node.id for node in after.nodes}
        for node in after.nodes:
            assert after.replacement(node.id).status is not DEPRECATED
        taxonomy = after
    assert taxonomy.root.id == "root"
