"""A taxonomy as a JSON document."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from core.domain.errors import CatalogueFormatError, TaxonomyError
from core.domain.taxonomy import TaxonomyNode
from core.taxonomy.export_json import read_taxonomy_json, write_taxonomy_json
from tests.core.taxonomy.strategies import trees

NODES = (TaxonomyNode("root", None, "All"), TaxonomyNode("a", "root", "Shoes", revision=4))


def test_the_document_says_what_it_is(tmp_path):
    assert write_taxonomy_json(tmp_path / "t.json", NODES, 7) == 2
    document = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert (document["format"], document["format_version"], document["taxonomy_version"]) == (
        "shelfwise-taxonomy", 1, 7,
    )  # fmt: skip
    assert "revision" not in document["nodes"][1]
    assert read_taxonomy_json(tmp_path / "t.json")[1].revision == 0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[1]", "shelfwise-taxonomy"),
        ('{"format": "shelfwise-taxonomy", "format_version": 2}', "format version 2"),
        ('{"format": "shelfwise-taxonomy", "format_version": 1}', "list of nodes"),
        ('{"format": "shelfwise-taxonomy", "format_version": 1, "nodes": [{"id": "a", "name": "A"}]}', "Node 1"),
        ('{"format": "shelfwise-taxonomy", "format_version": 1, "nodes": ["a"]}', "Node 1"),
        (
            '{"format": "shelfwise-taxonomy", "format_version": 1, '
            '"nodes": [{"id": "a", "parent_id": null, "name": "A", "synonyms": "B"}]}',
            "expected a list",
        ),
    ],
)
def test_another_document_is_refused_with_the_reason(tmp_path, text, fault):
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(CatalogueFormatError, match=fault):
        read_taxonomy_json(tmp_path / "t.json")


def test_nodes_that_are_no_tree_are_refused(tmp_path):
    with pytest.raises(TaxonomyError):
        write_taxonomy_json(tmp_path / "t.json", NODES[1:], 1)
    assert not list(tmp_path.iterdir())


@settings(max_examples=60, deadline=None)
@given(trees())
def test_export_then_import_is_the_identity(nodes):
    with TemporaryDirectory() as folder:
        write_taxonomy_json(Path(folder) / "t.json", nodes, 1)
        read = read_taxonomy_json(Path(folder) / "t.json")
    assert {node.id: node for node in read} == {node.id: node for node in nodes}
