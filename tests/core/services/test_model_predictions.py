"""Paths of earlier versions in terms of the present taxonomy."""

from dataclasses import replace

from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services.exports import MigrationKind
from core.services.model_predictions import mapped_path, model_migration, sayable_nodes
from core.services.taxonomy import find_category, taxonomy_view
from core.services.taxonomy_edit import rename
from core.services.versions import save_version
from core.taxonomy.tree import Taxonomy
from tests.core.services.model_world import add_model, write_artefact

ROOT, SHOES, BOOTS, SNEAKERS, BAGS = (
    TaxonomyNode(key, parent, key.capitalize())
    for key, parent in (("root", None), ("shoes", "root"), ("boots", "shoes"), ("sneakers", "shoes"), ("bags", "root"))
)


def tree(*changed: TaxonomyNode) -> Taxonomy:
    nodes = {node.id: node for node in (ROOT, SHOES, BOOTS, SNEAKERS, BAGS)}
    return Taxonomy((nodes | {node.id: node for node in changed}).values())


def gone(node: TaxonomyNode, into: str, parts: tuple[str, ...] = ()) -> TaxonomyNode:
    return replace(node, status=NodeStatus.DEPRECATED, replaced_by=into, split_into=parts)


def test_a_path_that_still_stands_is_itself():
    assert mapped_path(tree(), ("shoes", "boots")) == ("shoes", "boots")


def test_a_moved_node_has_its_present_path():
    assert mapped_path(tree(replace(BOOTS, parent_id="bags")), ("shoes", "boots")) == ("bags", "boots")


def test_a_merged_node_is_what_it_went_into():
    assert mapped_path(tree(gone(BOOTS, "sneakers")), ("shoes", "boots")) == ("shoes", "sneakers")


def test_a_split_node_is_what_is_above_all_its_parts():
    parts = [TaxonomyNode(key, "shoes", key) for key in ("ankle", "knee")]
    split = tree(gone(BOOTS, "ankle", ("ankle", "knee")), *parts)
    assert mapped_path(split, ("shoes", "boots")) == ("shoes",)
    apart = tree(gone(BOOTS, "ankle", ("ankle", "knee")), parts[0], replace(parts[1], parent_id="bags"))
    assert mapped_path(apart, ("shoes", "boots")) == ()


def test_a_node_that_went_to_the_root_is_no_category():
    assert mapped_path(tree(gone(BAGS, "root")), ("bags",)) == ()


def test_an_unknown_node_counts_as_its_parent():
    assert mapped_path(tree(), ("shoes", "never seen")) == ("shoes",)
    assert mapped_path(tree(), ()) == ()


def test_a_model_can_say_what_its_paths_have_become(imported):
    view = taxonomy_view(imported)
    shoes = find_category(imported, ("Apparel & Accessories", "Shoes"))
    path = tuple(node.id for node in view.taxonomy.path(shoes))
    model_id = add_model(imported)
    write_artefact(imported, model_id, [path], {})
    assert sayable_nodes(imported, model_id, view.taxonomy) == set(path)


def test_a_model_without_an_artefact_can_say_nothing(imported):
    assert sayable_nodes(imported, add_model(imported), taxonomy_view(imported).taxonomy) == frozenset()


def test_the_migration_of_a_model_leads_to_the_newest_version(imported):
    model_id = add_model(imported)
    assert model_migration(imported, model_id) is None
    bags = find_category(imported, ("Apparel & Accessories",))
    rename(imported, bags, "Clothes", revisions={}, author="Ada")
    save_version(imported, "", "Ada")
    written = model_migration(imported, model_id, MigrationKind.CSV)
    assert "Apparel & Accessories > Shoes,Clothes > Shoes,renamed" in written.read_text()
