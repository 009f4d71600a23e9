"""Nodes and versions brought back."""

from dataclasses import replace

import pytest

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import TaxonomyNode
from core.taxonomy.operations import (
    add_node,
    deprecate_node,
    merge_nodes,
    rename_node,
    restore_node,
    rollback,
    split_node,
    validate,
)
from core.taxonomy.tree import Taxonomy
from tests.core.taxonomy.trees import part


def test_a_restored_node_is_back_and_what_pointed_at_it_leads_to_it(shoes):
    merged = Taxonomy(merge_nodes(shoes, ["sandals"], "boots"))
    gone = Taxonomy(deprecate_node(merged, "boots", "bags"))
    assert gone.replacement("sandals").id == "bags"
    back = validate(restore_node(gone, "boots"))
    assert back.names("boots") == ("Shoes", "Boots")
    assert back.replacement("sandals").id == "boots"
    split = Taxonomy(split_node(shoes, "boots", [part("p", "P"), part("q", "Q")], keep=False))
    assert validate(restore_node(split, "boots")).node("boots").split_into == ()


def test_a_node_whose_parent_went_is_restored_where_that_one_went(shoes):
    gone = Taxonomy(deprecate_node(Taxonomy(deprecate_node(shoes, "ankle")), "boots", "bags"))
    assert validate(restore_node(gone, "ankle")).names("ankle") == ("Bags", "Ankle Boots")
    assert validate(restore_node(gone, "ankle", "sandals")).names("ankle") == ("Shoes", "Sandals", "Ankle Boots")


def test_a_node_is_restored_only_once_and_only_to_a_free_name(shoes):
    with pytest.raises(TaxonomyError, match="in use already"):
        restore_node(shoes, "boots")
    gone = Taxonomy(deprecate_node(shoes, "sandals"))
    taken = Taxonomy(add_node(gone, TaxonomyNode("new", "shoes", "SANDALS")))
    with pytest.raises(TaxonomyError, match="already"):
        restore_node(taken, "sandals")


def test_a_rollback_brings_the_version_back_and_deletes_nothing(shoes):
    later = Taxonomy(add_node(shoes, TaxonomyNode("chelsea", "ankle", "Chelsea")))
    later = Taxonomy(add_node(later, TaxonomyNode("red", "chelsea", "Red")))
    later = Taxonomy(rename_node(later, "bags", "Handbags"))
    later = Taxonomy(merge_nodes(later, ["boots"], "sandals"))
    back = validate(rollback(later, shoes.nodes))
    assert [node for node in back.nodes if node.id in shoes] == list(shoes.nodes)
    assert {node_id: back.node(node_id).replaced_by for node_id in ("chelsea", "red")} == dict.fromkeys(
        ("chelsea", "red"), "ankle"
    )


def test_a_rollback_keeps_revisions_so_that_earlier_edits_are_stale(shoes):
    now = Taxonomy([replace(node, revision=7) for node in shoes.nodes])
    assert {node.revision for node in rollback(now, shoes.nodes)} == {7}
