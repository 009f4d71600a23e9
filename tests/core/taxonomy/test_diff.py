"""What changed between two states of a taxonomy."""

from core.domain.taxonomy import TaxonomyNode
from core.taxonomy.diff import diff
from core.taxonomy.operations import add_node, deprecate_node, merge_nodes, move_node, rename_node
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
