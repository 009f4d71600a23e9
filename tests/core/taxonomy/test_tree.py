"""The taxonomy as an indexed view."""

import time

import pytest

from core.domain.errors import CategoryNotFoundError, NodeNotFoundError, TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.tree import Taxonomy


def node(node_id: str, parent_id: str | None, name: str | None = None, **other) -> TaxonomyNode:
    return TaxonomyNode(node_id, parent_id, name or node_id, **other)


@pytest.fixture
def taxonomy() -> Taxonomy:
    return Taxonomy(
        [
            node("boots", "shoes", "boots"),
            node("root", None, "Catalogue"),
            node("footwear", "root", "Footwear"),
            node("shoes", "footwear", "Shoes"),
            node("heels", "shoes", "Heels"),
            node("apparel", "root", "Apparel"),
            node("old", "shoes", "Stilettos", status=NodeStatus.DEPRECATED, replaced_by="older"),
            node("older", "shoes", "High Heels", status=NodeStatus.DEPRECATED, replaced_by="heels"),
        ]
    )


def test_children_are_sorted_by_name_whatever_their_case(taxonomy):
    assert [child.name for child in taxonomy.children("shoes")] == ["boots", "Heels"]
    assert [child.name for child in taxonomy.children("root")] == ["Apparel", "Footwear"]


def test_deprecated_children_show_only_on_request(taxonomy):
    assert "Stilettos" in [child.name for child in taxonomy.children("shoes", include_deprecated=True)]
    assert "old" not in taxonomy.subtree_ids("footwear")
    assert "old" in taxonomy.subtree_ids("footwear", include_deprecated=True)


def test_a_path_leaves_the_root_out(taxonomy):
    assert taxonomy.names("boots") == ("Footwear", "Shoes", "boots")
    assert taxonomy.path("root") == ()
    assert [taxonomy.depth(node_id) for node_id in ("root", "footwear", "boots")] == [0, 1, 3]


def test_leaves_are_active_nodes_without_active_children(taxonomy):
    assert {leaf.id for leaf in taxonomy.leaves()} == {"boots", "heels", "apparel"}
    assert {leaf.id for leaf in taxonomy.leaves("footwear")} == {"boots", "heels"}


def test_a_path_is_found_whatever_its_case(taxonomy):
    assert taxonomy.find_by_path(["FOOTWEAR", " shoes "]).id == "shoes"
    assert taxonomy.find_by_path([]).id == "root"


def test_an_unknown_path_suggests_the_closest_ones(taxonomy):
    with pytest.raises(CategoryNotFoundError) as caught:
        taxonomy.find_by_path(["Footwear", "Shoos"])
    assert "'Footwear > Shoes'" in caught.value.remedy
    assert "Footwear > Shoos" in caught.value.message


def test_a_path_unlike_any_other_suggests_what_lies_below_the_last_match(taxonomy):
    with pytest.raises(CategoryNotFoundError) as caught:
        taxonomy.find_by_path(["Footwear", "Zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"])
    assert "'Footwear > Shoes'" in caught.value.remedy


def test_a_deprecated_category_is_not_found_by_its_path(taxonomy):
    with pytest.raises(CategoryNotFoundError):
        taxonomy.find_by_path(["Footwear", "Shoes", "Stilettos"])


def test_a_replacement_is_followed_to_its_end(taxonomy):
    assert taxonomy.replacement("old").id == "heels"
    assert taxonomy.replacement("boots").id == "boots"


def test_replacements_in_a_circle_are_refused():
    circle = Taxonomy(
        [
            node("root", None),
            node("a", "root", status=NodeStatus.DEPRECATED, replaced_by="b"),
            node("b", "root", status=NodeStatus.DEPRECATED, replaced_by="a"),
        ]
    )
    with pytest.raises(TaxonomyError, match="circle"):
        circle.replacement("a")


def test_an_unknown_id_is_a_fault_with_a_remedy(taxonomy):
    with pytest.raises(NodeNotFoundError) as caught:
        taxonomy.path("nowhere")
    assert "nowhere" in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("nodes", "what"),
    [
        ([], "exactly one root, got 0"),
        ([node("a", None), node("b", None)], "exactly one root, got 2"),
        ([node("a", None), node("b", "a"), node("b", "a")], "several times"),
        ([node("a", None), node("b", "gone")], "missing id 'gone'"),
        ([node("a", None), node("b", "c"), node("c", "b")], "circle"),
    ],
)
def test_what_is_no_tree_is_refused(nodes, what):
    with pytest.raises(TaxonomyError, match=what):
        Taxonomy(nodes)


def test_ten_thousand_nodes_are_indexed_and_walked_in_well_under_a_second():
    nodes = [node("0", None), *(node(str(i), str((i - 1) // 8), f"name {i}") for i in range(1, 10_000))]
    started = time.perf_counter()
    taxonomy = Taxonomy(nodes)
    names = [taxonomy.names(n.id) for n in taxonomy.walk()]
    assert len(names) == 10_000
    assert time.perf_counter() - started < 1.0
