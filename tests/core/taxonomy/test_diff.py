"""What changed between two states of a taxonomy."""

from dataclasses import replace

import pytest

from core.domain.taxonomy import TaxonomyNode
from core.taxonomy.diff import diff, readable
from core.taxonomy.operations import (
    add_node,
    deprecate_node,
    describe_node,
    merge_nodes,
    move_node,
    rename_node,
    reorder_node,
    restore_node,
    set_synonyms,
    split_node,
)
from core.taxonomy.tree import Taxonomy

BEFORE = (
    TaxonomyNode("root", None, "Catalogue"),
    TaxonomyNode("a", "root", "Shoes"),
    TaxonomyNode("b", "a", "Boots"),
    TaxonomyNode("c", "a", "Heels"),
    TaxonomyNode("d", "root", "Bags"),
)


def test_a_state_does_not_differ_from_itself():
    assert diff(BEFORE, BEFORE).n_changes == 0
    assert diff(BEFORE, reversed(BEFORE)).summary() == "no change"


def test_every_operation_shows_as_its_own_kind():
    tree = Taxonomy(add_node(Taxonomy(BEFORE), TaxonomyNode("e", "d", "Clutches")))
    tree = Taxonomy(rename_node(tree, "d", "Handbags"))
    tree = Taxonomy(move_node(tree, "d", "a"))
    tree = Taxonomy(merge_nodes(tree, ["b"], "c"))
    tree = Taxonomy(deprecate_node(tree, "e"))
    found = diff(BEFORE, tree.nodes)
    assert [node.id for node in found.added] == ["e"]
    assert [(c.before.name, c.after.name) for c in found.renamed] == [("Bags", "Handbags")]
    assert [(c.before.parent_id, c.after.parent_id) for c in found.moved] == [("root", "a")]
    assert [c.after.replaced_by for c in found.merged] == ["c"]
    assert found.summary() == "1 added, 1 renamed, 1 moved, 1 merged"


def test_a_node_given_to_its_parent_is_deprecated_rather_than_merged():
    found = diff(BEFORE, deprecate_node(Taxonomy(BEFORE), "b"))
    assert [c.after.id for c in found.deprecated] == ["b"]
    assert found.merged == ()


def test_going_back_shows_the_opposite():
    after = deprecate_node(Taxonomy(add_node(Taxonomy(BEFORE), TaxonomyNode("e", "d", "Clutches"))), "b")
    back = diff(after, BEFORE)
    assert [node.id for node in back.removed] == ["e"]
    assert [c.after.id for c in back.restored] == ["b"]
    assert back.added == ()


PARTS = [TaxonomyNode("p", None, "Rain boots"), TaxonomyNode("q", None, "Winter boots")]
TREE = Taxonomy(BEFORE)


def test_words_order_and_splits_are_changes_of_their_own():
    tree = Taxonomy(describe_node(TREE, "d", "To carry things."))
    tree = Taxonomy(set_synonyms(tree, "d", ["Handbags"]))
    tree = Taxonomy(reorder_node(tree, "c", 0))
    tree = Taxonomy(split_node(tree, "b", PARTS, keep=False))
    tree = Taxonomy(replace(node, external_id="google:1") if node.id == "a" else node for node in tree.nodes)
    found = diff(BEFORE, tree.nodes)
    assert [c.after.id for c in found.described] == ["d"]
    assert [c.after.id for c in found.synonyms] == ["d"]
    assert [c.after.id for c in found.split] == ["b"]
    assert [c.after.id for c in found.linked] == ["a"]
    assert (found.merged, found.deprecated) == ((), ())
    assert {"c"} <= {c.after.id for c in found.reordered}
    assert "1 split" in found.summary()


def test_a_moved_node_is_not_reordered_too():
    ordered = Taxonomy(reorder_node(TREE, "d", 0))
    found = diff(ordered.nodes, move_node(ordered, "b", "root"))
    assert [c.after.id for c in found.moved] == ["b"]
    assert found.reordered == ()


@pytest.mark.parametrize(
    ("nodes", "node_id", "sentence"),
    [
        (BEFORE, "b", "unchanged"),
        (rename_node(TREE, "b", "Ankle boots"), "b", "renamed from 'Boots' to 'Ankle boots'"),
        (
            rename_node(Taxonomy(move_node(TREE, "c", "b")), "c", "High"),
            "c",
            "renamed from 'Heels' to 'High', moved from 'Shoes' to 'Shoes > Boots'",
        ),
        (move_node(TREE, "b", "root"), "b", "moved from 'Shoes' to the top level"),
        (merge_nodes(TREE, ["b"], "c"), "b", "merged into 'Shoes > Heels'"),
        (split_node(TREE, "b", PARTS, keep=False), "b", "split into 'Rain boots' and 'Winter boots'"),
        (deprecate_node(TREE, "b"), "b", "deprecated"),
        (describe_node(TREE, "b", "High."), "b", "described anew"),
        (set_synonyms(TREE, "b", ["x", "y", "z"]), "b", "its synonyms changed to 'x', 'y' and 'z'"),
        (reorder_node(TREE, "b", 9), "b", "put in another place among its siblings"),
    ],
)
def test_a_change_reads_as_a_sentence(nodes, node_id, sentence):
    after = Taxonomy(nodes)
    assert readable(TREE.node(node_id), after.node(node_id), after.names) == sentence


def test_the_way_back_reads_as_a_sentence_too():
    gone = Taxonomy(deprecate_node(TREE, "b"))
    after = Taxonomy(restore_node(gone, "b"))
    assert readable(gone.node("b"), after.node("b"), after.names) == "restored"
