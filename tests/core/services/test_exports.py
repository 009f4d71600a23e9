"""The taxonomy, the products' places and migrations as files, and a taxonomy file read back."""

import csv
import json
import time
from dataclasses import replace
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from core.domain.errors import CatalogueFormatError, ParameterError, TaxonomyError
from core.domain.taxonomy import AssignmentSource, NodeStatus, TaxonomyNode
from core.services import history
from core.services.context import Context
from core.services.exports import (
    AssignmentKind,
    ExportKind,
    MigrationKind,
    export_assignments,
    export_migration,
    export_taxonomy,
)
from core.services.taxonomy import find_category, list_versions, taxonomy_view
from core.services.taxonomy_edit import add_category, deprecate, merge, rename, set_synonyms
from core.services.taxonomy_import import import_taxonomy
from core.services.versions import save_version
from core.taxonomy.cells import split_values
from core.taxonomy.export_json import write_taxonomy_json
from core.taxonomy.operations import validate
from db.models import ProductRow
from db.repositories import assignments
from db.repositories import taxonomy as taxonomy_rows

SHOES = ("Apparel & Accessories", "Shoes")
KINDS = list(ExportKind)


def nodes_of(context: Context) -> dict[str, TaxonomyNode]:
    with context.database.read() as session:
        return {node.id: node for node in taxonomy_rows.load_nodes(session)}


def contents(nodes: dict[str, TaxonomyNode]) -> dict[str, TaxonomyNode]:
    """Nodes without what counts the edits and versions of one workspace."""
    return {key: replace(node, revision=0, created_in_version=0) for key, node in nodes.items()}


def places_of(context: Context) -> dict[int, str]:
    with context.database.read() as session:
        return dict(session.query(ProductRow.id, ProductRow.node_id).all())


def edited(context: Context) -> str:
    """A category below Shoes with synonyms, and another merged into it; the id of the latter."""
    shoes = find_category(context, SHOES)
    [boots] = add_category(context, shoes, "=Boots | high", revisions={}, author="Ada").node_ids
    set_synonyms(context, boots, ["Wellies", "Stiefel"], revisions={}, author="Ada")
    [booties] = add_category(context, shoes, "Booties", revisions={}, author="Ada").node_ids
    merge(context, [booties], boots, revisions={}, author="Ada")
    return booties


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_exported_is_the_same_when_it_is_read_back(imported, kind):
    edited(imported)
    before, versions = nodes_of(imported), len(list_versions(imported))
    summary = import_taxonomy(imported, export_taxonomy(imported, kind), "Ada")
    assert summary.event_id is None
    assert nodes_of(imported) == before
    assert len(list_versions(imported)) == versions


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_workspace_takes_in_the_whole_tree(imported, context, kind):
    edited(imported)
    file_path = export_taxonomy(imported, kind)
    summary = import_taxonomy(context, file_path, "Ada", "From the other one")
    there, here = nodes_of(imported), nodes_of(context)
    assert summary.n_added == len(there) - 1
    assert contents(here) == contents(there)
    assert list_versions(context)[0].note == "From the other one"
    assert history.undo(context, "taxonomy", "Ada") == summary.summary
    assert len(taxonomy_view(context).taxonomy.leaves()) == 1
    assert history.redo(context, "taxonomy", "Ada") == summary.summary
    live = {key for key, node in there.items() if node.status is not NodeStatus.DEPRECATED}
    assert {node.id for node in taxonomy_view(context).taxonomy.walk()} == live


def test_an_older_file_takes_edits_back_and_products_follow(imported):
    file_path = export_taxonomy(imported, ExportKind.JSON)
    before, places = nodes_of(imported), places_of(imported)
    shoes = find_category(imported, SHOES)
    deprecate(imported, [shoes], revisions={}, author="Ada")
    rename(imported, find_category(imported, SHOES[:1]), "Clothes", revisions={}, author="Ada")
    assert places_of(imported) != places
    summary = import_taxonomy(imported, file_path, "Grace")
    assert (summary.n_added, summary.n_changed, summary.n_deprecated) == (0, 2, 0)
    assert places_of(imported) == places
    assert {key: node.name for key, node in nodes_of(imported).items()} == {
        key: node.name for key, node in before.items()
    }
    assert nodes_of(imported)[shoes].revision > before[shoes].revision
    history.undo(imported, "taxonomy", "Grace")
    assert nodes_of(imported)[shoes].status is NodeStatus.DEPRECATED


def test_categories_that_the_file_lacks_stay_or_are_deprecated_as_asked(imported):
    file_path = export_taxonomy(imported, ExportKind.CSV)
    shoes = find_category(imported, SHOES)
    [boots] = add_category(imported, shoes, "Boots", revisions={}, author="Ada").node_ids
    [ankle] = add_category(imported, boots, "Ankle", revisions={}, author="Ada").node_ids
    assert import_taxonomy(imported, file_path, "Ada").event_id is None
    summary = import_taxonomy(imported, file_path, "Ada", replace=True)
    assert (summary.n_changed, summary.n_deprecated) == (2, 2)
    after = validate(nodes_of(imported).values())
    assert after.node(ankle).replaced_by == boots
    assert after.replacement(ankle).id == shoes


def test_a_file_that_would_break_the_tree_changes_nothing(imported, tmp_path):
    before = nodes_of(imported)
    shoes = before[find_category(imported, SHOES)]
    twin = TaxonomyNode("twin", shoes.parent_id, "SHOES")
    write_taxonomy_json(tmp_path / "t.json", [*before.values(), twin], 1)
    with pytest.raises(TaxonomyError, match="already"):
        import_taxonomy(imported, tmp_path / "t.json", "Ada")
    write_taxonomy_json(tmp_path / "t.json", [*before.values(), TaxonomyNode("x" * 33, "root", "Long id")], 1)
    with pytest.raises(CatalogueFormatError, match="32"):
        import_taxonomy(imported, tmp_path / "t.json", "Ada")
    assert nodes_of(imported) == before


@pytest.mark.parametrize(
    ("name", "content"), [("t.xml", b"<a/>"), ("t.csv", b"\xff\xfe"), ("t.json", b"\xff"), ("t.ttl", b"\xff")]
)
def test_a_file_of_another_kind_is_refused(context, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CatalogueFormatError):
        import_taxonomy(context, tmp_path / name, "Ada")
    with pytest.raises(CatalogueFormatError):
        import_taxonomy(context, tmp_path / f"missing-{name}", "Ada")


def test_an_earlier_version_is_exported_as_it_was(imported):
    edited(imported)
    save_version(imported, "", "Ada")
    first, newest = list_versions(imported)[-1].number, list_versions(imported)[0].number
    document = json.loads(export_taxonomy(imported, ExportKind.JSON, first).read_text())
    assert (document["taxonomy_version"], len(document["nodes"])) == (first, 1)
    assert len(json.loads(export_taxonomy(imported, ExportKind.JSON, newest).read_text())["nodes"]) == len(
        nodes_of(imported)
    )
    with pytest.raises(TaxonomyError, match="no version 99"):
        export_taxonomy(imported, ExportKind.JSON, 99)


def test_assignments_are_the_same_in_csv_and_parquet(imported):
    shoes = find_category(imported, SHOES)
    with imported.database.write() as session:
        first = min(places_of(imported))
        assignments.assign(session, [(first, shoes)], AssignmentSource.CLASSIFIER, "model 1", confidences=[0.25])
        assignments.assign(session, [(first, shoes)], AssignmentSource.CURATOR, "Ada", confidences=[0.75])
    with export_assignments(imported, AssignmentKind.CSV).open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    table = pq.read_table(export_assignments(imported, AssignmentKind.PARQUET)).to_pylist()
    assert len(rows) == len(table) == 222
    assert [(row["product_id"], row["path"], row["source"]) for row in rows] == [
        (row["product_id"], " > ".join(row["path"]), row["source"]) for row in table
    ]
    assert (table[0]["path"], table[0]["source"], table[0]["confidence"]) == (list(SHOES), "curator", 0.75)
    assert {row["source"] for row in table[1:]} == {"import"}


def test_label_studio_tasks_offer_the_present_category_and_the_picture(imported):
    target = export_assignments(imported, AssignmentKind.LABEL_STUDIO)
    tasks = json.loads(target.read_text())
    assert len(tasks) == 222
    offered = ElementTree.parse(target.with_suffix(".xml")).getroot().find("Taxonomy")
    for task in tasks:
        element = offered
        for name in task["predictions"][0]["result"][0]["value"]["taxonomy"][0]:
            element = next(child for child in element if child.attrib["value"] == name)
    local = [task["data"]["image"].partition("?d=")[2] for task in tasks if task["data"]["image"]]
    assert local
    assert all((imported.workspace.home / name).is_file() for name in local)


def test_a_migration_counts_the_products_of_what_went(imported):
    first = list_versions(imported)[0].number
    shoes, apparel = find_category(imported, SHOES), find_category(imported, SHOES[:1])
    deprecate(imported, [shoes], revisions={}, author="Ada")
    save_version(imported, "", "Ada")
    with export_migration(imported, first).open(newline="", encoding="utf-8") as stream:
        rows = {row["node_id"]: row for row in csv.DictReader(stream)}
    assert (rows[shoes]["old_path"], rows[shoes]["kind"], rows[shoes]["n_products"]) == (
        "Apparel & Accessories > Shoes", "deprecated", "92",
    )  # fmt: skip
    assert split_values(rows[shoes]["new_paths"]) == ("Apparel & Accessories",)
    assert (rows[apparel]["kind"], rows[apparel]["n_products"]) == ("unchanged", "170")
    back = json.loads(export_migration(imported, first + 1, first, kind=MigrationKind.JSON).read_text())
    restored = [row for row in back["rows"] if row["node_id"] == shoes]
    assert [(row["kind"], row["new_paths"]) for row in restored] == [("restored", [list(SHOES)])]
    with pytest.raises(TaxonomyError, match="no version 99"):
        export_migration(imported, 99)


def test_a_failed_export_leaves_the_former_file(imported):
    former = export_taxonomy(imported, ExportKind.SKOS)
    content, listed = former.read_bytes(), sorted(imported.workspace.exports.iterdir())
    with pytest.raises(ParameterError):
        export_taxonomy(imported, ExportKind.SKOS, language="no language")
    assert former.read_bytes() == content
    assert sorted(imported.workspace.exports.iterdir()) == listed


def test_thirty_five_thousand_products_are_exported_within_seconds(imported):
    with imported.database.write() as session:
        for copy in range(158):
            session.connection().exec_driver_sql(
                "INSERT INTO product (platform, external_id, title, brand, description, currency, attributes, node_id, "
                f"source, content_hash, created_at, updated_at) SELECT 'copy {copy}', external_id, title, brand, '', "
                "currency, '{}', node_id, source, content_hash, created_at, updated_at FROM product WHERE platform "
                "NOT LIKE 'copy %'"
            )
        session.connection().exec_driver_sql(
            "INSERT INTO assignment (product_id, node_id, source, strength, confidence, author, created_at, "
            "is_retracted) SELECT id, node_id, source, 1, 1.0, 'Ada', created_at, 0 FROM product "
            "WHERE platform LIKE 'copy %'"
        )
    started = time.process_time()
    target = export_assignments(imported, AssignmentKind.PARQUET)
    assert time.process_time() - started < 5.0
    assert pq.read_metadata(target).num_rows == 222 * 159
