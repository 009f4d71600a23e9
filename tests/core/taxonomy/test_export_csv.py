"""Taxonomies and assignments as CSV."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from core.domain.errors import CatalogueFormatError
from core.domain.taxonomy import AssignmentSource, NodeStatus, TaxonomyNode
from core.taxonomy.export_csv import (
    ASSIGNMENT_COLUMNS,
    TAXONOMY_COLUMNS,
    AssignmentRow,
    read_taxonomy_csv,
    taxonomy_rows,
    write_assignments_csv,
    write_taxonomy_csv,
)
from tests.core.taxonomy.strategies import trees

ROOT = TaxonomyNode("root", None, "Catalogue")
NODES = (
    ROOT,
    TaxonomyNode("a", "root", "Shoes"),
    TaxonomyNode("b", "a", "Boots", created_in_version=3),
    TaxonomyNode("c", "a", "Booties", NodeStatus.DEPRECATED, "b"),
    TaxonomyNode("d", "root", "Bags", NodeStatus.DRAFT),
)


def read_rows(file_path: Path) -> list[dict[str, str]]:
    with file_path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_rows_leave_the_root_out_and_count_whole_subtrees():
    rows = taxonomy_rows(NODES, {"a": 1, "b": 10, "c": 100, "d": 1000})
    assert [(row["path"], row["parent_id"], row["level"], row["n_products"]) for row in rows] == [
        ("Bags", "", 1, 1000),
        ("Shoes", "", 1, 111),
        ("Shoes > Booties", "a", 2, 100),
        ("Shoes > Boots", "a", 2, 10),
    ]
    assert tuple(rows[0]) == TAXONOMY_COLUMNS
    assert (rows[2]["status"], rows[2]["replaced_by"]) == ("deprecated", "b")


def test_the_file_holds_exactly_the_promised_columns(tmp_path):
    assert write_taxonomy_csv(tmp_path / "new folder" / "t.csv", NODES, {}) == 4
    header = (tmp_path / "new folder" / "t.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == (
        "node_id,path,parent_id,level,name,status,n_products,created_in_version,replaced_by,"
        "description,synonyms,external_id,split_into,position"
    )


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1+1", "''-x"])
def test_cells_a_spreadsheet_would_run_are_neutralised_and_come_back(tmp_path, name):
    write_taxonomy_csv(tmp_path / "t.csv", [ROOT, TaxonomyNode("a", "root", name)], {})
    row = read_rows(tmp_path / "t.csv")[0]
    assert row["name"] == row["path"] == f"'{name}"
    assert read_taxonomy_csv(tmp_path / "t.csv", ROOT)[1].name == name


def test_a_title_starting_with_a_tab_or_a_return_is_neutralised(tmp_path):
    rows = [AssignmentRow("1", "p", title, ("A",), "a", AssignmentSource.IMPORT, None) for title in ("\t=1", "\r=1")]
    assert write_assignments_csv(tmp_path / "a.csv", rows) == 2
    assert [row["title"] for row in read_rows(tmp_path / "a.csv")] == ["'\t=1", "'\r=1"]


def test_an_ordinary_apostrophe_stays_alone(tmp_path):
    write_taxonomy_csv(tmp_path / "t.csv", [ROOT, TaxonomyNode("a", "root", "'n Sync")], {})
    assert read_rows(tmp_path / "t.csv")[0]["name"] == "'n Sync"


def test_assignments_name_the_path_and_the_source(tmp_path):
    row = AssignmentRow("7", "shop", "Boot, black", ("Shoes", "Boots"), "b", AssignmentSource.CLASSIFIER, 0.91)
    write_assignments_csv(tmp_path / "a.csv", iter([row]))
    read = read_rows(tmp_path / "a.csv")[0]
    assert tuple(read) == ASSIGNMENT_COLUMNS
    assert read == {
        "product_id": "7",
        "platform": "shop",
        "title": "Boot, black",
        "path": "Shoes > Boots",
        "node_id": "b",
        "source": "classifier",
        "confidence": "0.9100",
    }


def test_a_failed_write_leaves_the_former_file_and_no_litter(tmp_path):
    write_taxonomy_csv(tmp_path / "t.csv", NODES, {})
    former = (tmp_path / "t.csv").read_bytes()

    def rows():
        yield AssignmentRow("1", "p", "t", ("A",), "a", AssignmentSource.IMPORT, None)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        write_assignments_csv(tmp_path / "t.csv", rows())
    assert (tmp_path / "t.csv").read_bytes() == former
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "t.csv").write_text("node_id,path\na,A\n")
    with pytest.raises(CatalogueFormatError, match="'parent_id'"):
        read_taxonomy_csv(tmp_path / "t.csv", ROOT)


def test_an_unreadable_cell_names_its_row(tmp_path):
    write_taxonomy_csv(tmp_path / "t.csv", NODES, {})
    text = (tmp_path / "t.csv").read_text().replace("approved,0,3", "approved,0,three")
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(CatalogueFormatError, match=r"Row 4 .*three"):
        read_taxonomy_csv(tmp_path / "t.csv", ROOT)


def test_an_older_file_without_the_newer_columns_is_read(tmp_path):
    old = [column for column in TAXONOMY_COLUMNS if column not in ("description", "synonyms", "position")]
    (tmp_path / "t.csv").write_text(",".join(old) + "\na,Shoes,,1,Shoes,approved,0,3,,google:1,\n")
    [_, node] = read_taxonomy_csv(tmp_path / "t.csv", ROOT)
    assert node == TaxonomyNode("a", "root", "Shoes", created_in_version=3, external_id="google:1")


def test_a_row_that_ends_early_is_named(tmp_path):
    (tmp_path / "t.csv").write_text(",".join(TAXONOMY_COLUMNS) + "\na,Shoes,,1,Shoes\n")
    with pytest.raises(CatalogueFormatError, match=r"Row 1 .*'status'"):
        read_taxonomy_csv(tmp_path / "t.csv", ROOT)


@settings(max_examples=80, deadline=None)
@given(trees())
def test_export_then_import_is_the_identity(nodes):
    with TemporaryDirectory() as folder:
        file_path = Path(folder) / "taxonomy.csv"
        write_taxonomy_csv(file_path, nodes, {})
        with file_path.open(newline="", encoding="utf-8") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        read = read_taxonomy_csv(file_path, nodes[0])
    assert {node.id: node for node in read} == {node.id: node for node in nodes}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) for cell in cells)
