"""From the paths of one version to those of another."""

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.errors import AppError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.cells import restored, split_values
from core.taxonomy.migration import (
    COLUMNS,
    ChangeKind,
    live_replacements,
    migration,
    write_migration_csv,
    write_migration_json,
)
from core.taxonomy.operations import (
    add_node,
    deprecate_node,
    merge_nodes,
    move_node,
    rename_node,
    restore_node,
    rollback,
    split_node,
)
from core.taxonomy.tree import Taxonomy

BEFORE = Taxonomy(
    [
        TaxonomyNode("root", None, "All"),
        TaxonomyNode("shoes", "root", "Shoes"),
        TaxonomyNode("boots", "shoes", "Boots"),
        TaxonomyNode("ankle", "boots", "Ankle"),
        TaxonomyNode("sandals", "shoes", "Sandals"),
        TaxonomyNode("bags", "root", "Bags"),
    ]
)
PARTS = [TaxonomyNode("p", None, "Rain boots"), TaxonomyNode("q", None, "Winter boots")]


def told(before: Taxonomy, nodes: tuple[TaxonomyNode, ...]) -> dict[str, tuple[str, list[str]]]:
    rows = migration(before.nodes, nodes, {})
    return {row.node_id: (str(row.kind), [" > ".join(path) for path in row.new_paths]) for row in rows}


def test_a_version_maps_to_itself():
    rows = migration(BEFORE.nodes, BEFORE.nodes, {"shoes": 9})
    assert {row.kind for row in rows} == {ChangeKind.UNCHANGED}
    assert all(row.new_paths == (row.old_path,) and row.new_node_ids == (row.node_id,) for row in rows)
    assert [row.node_id for row in rows] == ["bags", "shoes", "boots", "ankle", "sandals"]
    assert [row.n_products for row in rows] == [0, 9, 0, 0, 0]


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        (rename_node(BEFORE, "ankle", "Low"), {"ankle": ("renamed", ["Shoes > Boots > Low"])}),
        (move_node(BEFORE, "ankle", "bags"), {"ankle": ("moved", ["Bags > Ankle"])}),
        (
            rename_node(Taxonomy(move_node(BEFORE, "ankle", "bags")), "ankle", "Low"),
            {"ankle": ("renamed and moved", ["Bags > Low"])},
        ),
        (
            rename_node(BEFORE, "boots", "High"),
            {"boots": ("renamed", ["Shoes > High"]), "ankle": ("renamed", ["Shoes > High > Ankle"])},
        ),
        (
            merge_nodes(BEFORE, ["boots"], "sandals"),
            {"boots": ("merged", ["Shoes > Sandals"]), "ankle": ("moved", ["Shoes > Sandals > Ankle"])},
        ),
        (
            deprecate_node(BEFORE, "boots"),
            {"boots": ("deprecated", ["Shoes"]), "ankle": ("moved", ["Shoes > Ankle"])},
        ),
        (deprecate_node(BEFORE, "bags"), {"bags": ("deprecated", [""])}),
        (add_node(BEFORE, TaxonomyNode("new", "bags", "Totes")), {"new": ("added", ["Bags > Totes"])}),
    ],
)
def test_each_kind_of_change_is_told(nodes, expected):
    unchanged = {node_id: what for node_id, what in told(BEFORE, nodes).items() if what[0] != "unchanged"}
    assert unchanged == expected


def test_a_split_category_leads_to_all_its_parts_and_on():
    split = Taxonomy(split_node(BEFORE, "boots", PARTS, keep=False))
    assert told(BEFORE, split.nodes)["boots"] == ("split", ["Shoes > Rain boots", "Shoes > Winter boots"])
    further = merge_nodes(split, ["q"], "sandals")
    assert told(BEFORE, further)["boots"] == ("split", ["Shoes > Rain boots", "Shoes > Sandals"])
    into_split = split_node(Taxonomy(merge_nodes(BEFORE, ["bags"], "boots")), "boots", PARTS, keep=False)
    assert told(BEFORE, into_split)["bags"] == ("merged", ["Shoes > Rain boots", "Shoes > Winter boots"])


def test_a_restored_category_has_no_old_path():
    gone = Taxonomy(deprecate_node(BEFORE, "sandals"))
    [row] = [row for row in migration(gone.nodes, restore_node(gone, "sandals"), {}) if row.node_id == "sandals"]
    assert (row.kind, row.old_path, row.new_paths) == (ChangeKind.RESTORED, (), (("Shoes", "Sandals"),))


def test_what_went_before_the_old_version_is_no_concern():
    gone = Taxonomy(deprecate_node(BEFORE, "sandals"))
    assert "sandals" not in told(gone, rename_node(gone, "bags", "Handbags"))


def test_backwards_a_later_category_leads_to_the_nearest_one_above():
    later = Taxonomy(add_node(BEFORE, TaxonomyNode("x", "ankle", "X")))
    later = Taxonomy(add_node(later, TaxonomyNode("y", "x", "Y")))
    later = Taxonomy(merge_nodes(later, ["sandals"], "boots"))
    back = told(later, BEFORE.nodes)
    assert back["x"] == back["y"] == ("deprecated", ["Shoes > Boots > Ankle"])
    assert back["sandals"] == ("restored", ["Shoes > Sandals"])


def test_the_csv_is_neutral_and_reversible(tmp_path):
    parts = [TaxonomyNode("p", None, "=1|2"), TaxonomyNode("q", None, "a\\b")]
    before = Taxonomy([TaxonomyNode("root", None, "All"), TaxonomyNode("a", "root", "-A")])
    rows = migration(before.nodes, split_node(before, "a", parts, keep=False), {"a": 3})
    assert write_migration_csv(tmp_path / "m.csv", rows) == 3
    with (tmp_path / "m.csv").open(newline="", encoding="utf-8") as stream:
        first, *_ = csv.DictReader(stream)
    assert tuple(first) == COLUMNS
    assert (first["old_path"], first["kind"], first["n_products"]) == ("'-A", "split", "3")
    assert first["new_paths"] == "'=1\\|2|a\\\\b"
    assert split_values(restored(first["new_paths"])) == ("=1|2", "a\\b")
    assert split_values(restored(first["new_node_ids"])) == ("p", "q")


def test_the_json_says_which_versions_it_is_between(tmp_path):
    rows = migration(BEFORE.nodes, merge_nodes(BEFORE, ["boots"], "sandals"), {"boots": 4})
    assert write_migration_json(tmp_path / "m.json", rows, 2, 5) == 5
    document = json.loads((tmp_path / "m.json").read_text())
    assert (document["format"], document["from_version"], document["to_version"]) == ("shelfwise-migration", 2, 5)
    assert {
        "old_path": ["Shoes", "Boots"],
        "new_paths": [["Shoes", "Sandals"]],
        "kind": "merged",
        "node_id": "boots",
        "new_node_ids": ["sandals"],
        "n_products": 4,
    } in document["rows"]


acts = st.lists(st.tuples(st.sampled_from(["add", "rename", "move", "merge", "split", "restore", "back"]),
                          st.integers(0, 30), st.integers(0, 30)), max_size=25)  # fmt: skip


def act(versions: list[Taxonomy], kind: str, first: int, second: int, number: int) -> tuple[TaxonomyNode, ...]:
    tree = versions[-1]
    one, other = tree.nodes[first % len(tree)].id, tree.nodes[second % len(tree)].id
    match kind:
        case "add":
            return add_node(tree, TaxonomyNode(f"n{number}", one, f"N{second}"))
        case "rename":
            return rename_node(tree, one, f"N{second}")
        case "move":
            return move_node(tree, one, other)
        case "merge":
            return merge_nodes(tree, [one], other)
        case "split":
            parts = [TaxonomyNode(f"{letter}{number}", None, f"{letter}{second}") for letter in "PQ"]
            return split_node(tree, one, parts, keep=False)
        case "restore":
            return restore_node(tree, one)
    return rollback(tree, versions[first % len(versions)].nodes)


@settings(max_examples=120, deadline=None)
@given(acts, st.integers(0, 30), st.integers(0, 30))
def test_between_any_two_versions_every_path_in_use_leads_to_paths_in_use(sequence, first, second):
    versions = [BEFORE]
    for number, (kind, one, other) in enumerate(sequence):
        try:
            versions.append(Taxonomy(act(versions, kind, one, other, number)))
        except AppError:
            continue
    before, after = versions[first % len(versions)], versions[second % len(versions)]
    rows = {row.node_id: row for row in migration(before.nodes, after.nodes, {})}
    in_use = {node.id for node in after.walk()}
    assert {row.node_id for row in rows.values() if row.old_path} == {node.id for node in before.walk()} - {"root"}
    assert {row.new_node_ids[0] for row in rows.values() if row.new_node_ids == (row.node_id,)} == in_use - {"root"}
    for row in rows.values():
        assert row.new_node_ids
        assert set(row.new_node_ids) <= in_use
        assert row.new_paths == tuple(after.names(node_id) for node_id in row.new_node_ids)
        if row.kind is ChangeKind.UNCHANGED:
            assert row.new_paths == (row.old_path,)


def test_replacements_in_a_circle_are_refused():
    gone = [TaxonomyNode(a, "root", a, NodeStatus.DEPRECATED, b) for a, b in (("a", "b"), ("b", "a"))]
    with pytest.raises(AppError, match="circle"):
        live_replacements(Taxonomy([TaxonomyNode("root", None, "All"), *gone]), "a")
