"""The taxonomy on screen and as files."""

import csv
from pathlib import Path

import pytest

from core.domain.errors import CategoryNotFoundError
from core.services.exports import AssignmentKind, ExportKind, export_assignments, export_taxonomy
from core.services.review import approve_clusters, open_review, undo
from core.services.taxonomy import find_category, list_versions, taxonomy_view

COLUMNS = ["node_id", "path", "parent_id", "level", "name", "status", "n_products", "created_in_version", "replaced_by",
           "description", "synonyms", "external_id", "split_into", "position"]  # fmt: skip


def read(file_path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with file_path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        return list(reader.fieldnames or []), list(reader)


def test_counts_are_of_whole_subtrees(imported):
    view = taxonomy_view(imported)
    shoes = find_category(imported, ("Apparel & Accessories", "Shoes"))
    apparel = find_category(imported, ("Apparel & Accessories",))
    assert view.counts[shoes] == view.direct_counts[shoes] == 92
    assert view.counts[apparel] == 170
    assert apparel not in view.direct_counts
    assert view.counts["root"] == 222


def test_the_export_has_the_promised_columns_and_every_node(trained):
    columns, rows = read(export_taxonomy(trained, ExportKind.CSV))
    assert columns[: len(COLUMNS)] == COLUMNS
    by_path = {row["path"]: row for row in rows}
    first = by_path["Apparel & Accessories > Shoes > First kind"]
    assert (first["level"], first["name"], first["status"], first["created_in_version"]) == (
        "3", "First kind", "approved", "3",
    )  # fmt: skip
    assert first["parent_id"] == by_path["Apparel & Accessories > Shoes"]["node_id"]
    assert by_path["Apparel & Accessories"]["parent_id"] == ""
    assert by_path["Apparel & Accessories > Shoes"]["n_products"] == "92"
    assert int(first["n_products"]) > 0
    assert len(rows) == len(taxonomy_view(trained).taxonomy) - 1


def test_the_export_says_what_a_deprecated_node_became(discovered):
    cluster = open_review(discovered, 1).clusters[0]
    [boots] = approve_clusters(discovered, 1, {cluster.id: "Boots"}, "", "Ada").node_ids
    undo(discovered, 1, "Ada")
    _, rows = read(
        export_taxonomy(discovered, ExportKind.CSV, file_path=discovered.workspace.home / "out" / "taxonomy.csv")
    )
    row = next(row for row in rows if row["node_id"] == boots)
    assert (row["status"], row["n_products"]) == ("deprecated", "0")
    assert row["replaced_by"] == find_category(discovered, ("Apparel & Accessories", "Shoes"))


def test_the_assignments_say_where_every_product_is_and_who_said_so(trained):
    columns, rows = read(export_assignments(trained, AssignmentKind.CSV))
    assert columns == ["product_id", "platform", "title", "path", "node_id", "source", "confidence"]
    assert len(rows) == 222
    kinds = {row["source"] for row in rows if row["path"].endswith(("First kind", "Second kind"))}
    assert kinds == {"cluster"}
    assert {row["source"] for row in rows} == {"cluster", "import"}


def test_versions_are_listed_newest_first_with_what_they_added(trained):
    versions = list_versions(trained)
    assert [version.number for version in versions] == [3, 2, 1]
    assert [version.n_added for version in versions] == [2, 4, 1]
    assert versions[0].author == "Ada"
    assert "First kind" in versions[0].note


def test_a_category_is_found_by_its_path_and_an_unknown_one_suggests_others(imported):
    assert find_category(imported, ()) == "root"
    assert find_category(imported, ("apparel & accessories", "SHOES"))
    with pytest.raises(CategoryNotFoundError) as caught:
        find_category(imported, ("Apparel & Accessories", "Shoe"))
    assert "'Apparel & Accessories > Shoes'" in caught.value.remedy
