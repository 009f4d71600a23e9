"""A taxonomy as SKOS in Turtle."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from rdflib import DCTERMS, OWL, RDF, SKOS, Graph, Literal, URIRef

from core.domain.errors import CatalogueFormatError, ParameterError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.skos import CONCEPT, SCHEME, read_taxonomy_skos, write_taxonomy_skos
from tests.core.taxonomy.strategies import trees

NODES = (
    TaxonomyNode("root", None, "Katalog"),
    TaxonomyNode("a", "root", "Schuhe", external_id="google:187", synonyms=("Footwear", "Treter")),
    TaxonomyNode("b", "a", "Stiefel", description="Über den Knöchel."),
    TaxonomyNode("c", "a", "Sneaker"),
    TaxonomyNode("d", "a", "Alles", NodeStatus.DEPRECATED, "c", split_into=("c", "b")),
    TaxonomyNode("e", "a", "Boots", NodeStatus.DEPRECATED, "b"),
)


def concept(node_id: str) -> URIRef:
    return URIRef(CONCEPT + node_id)


@pytest.fixture
def graph(tmp_path) -> Graph:
    assert write_taxonomy_skos(tmp_path / "t.ttl", NODES, "de") == 6
    return Graph().parse(tmp_path / "t.ttl", format="turtle")


def test_words_carry_the_language(graph):
    assert graph.value(concept("a"), SKOS.prefLabel) == Literal("Schuhe", lang="de")
    assert set(graph.objects(concept("a"), SKOS.altLabel)) == {
        Literal("Treter", lang="de"), Literal("Footwear", lang="de"),
    }  # fmt: skip
    assert graph.value(concept("b"), SKOS.definition) == Literal("Über den Knöchel.", lang="de")
    assert graph.value(concept("a"), SKOS.notation) == Literal("google:187")


def test_the_tree_stands_in_both_directions(graph):
    scheme = URIRef(SCHEME + "root")
    assert (scheme, RDF.type, SKOS.ConceptScheme) in graph
    assert (concept("a"), SKOS.topConceptOf, scheme) in graph
    assert (scheme, SKOS.hasTopConcept, concept("a")) in graph
    assert (concept("b"), SKOS.broader, concept("a")) in graph
    assert (concept("a"), SKOS.narrower, concept("b")) in graph
    assert set(graph.subjects(SKOS.inScheme, scheme)) == {concept(node.id) for node in NODES[1:]}


def test_deprecated_categories_say_what_replaced_them(graph):
    assert set(graph.subjects(OWL.deprecated, Literal(True))) == {concept("d"), concept("e")}
    assert set(graph.objects(concept("d"), DCTERMS.isReplacedBy)) == {concept("b"), concept("c")}
    assert set(graph.objects(concept("e"), DCTERMS.isReplacedBy)) == {concept("b")}


@pytest.mark.parametrize("language", ["", "pt-BR", "en"])
def test_any_language_tag_reads_back(tmp_path, language):
    write_taxonomy_skos(tmp_path / "t.ttl", NODES, language)
    assert {node.id: node for node in read_taxonomy_skos(tmp_path / "t.ttl")} == {node.id: node for node in NODES}


def test_a_language_that_is_none_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="'in English'"):
        write_taxonomy_skos(tmp_path / "t.ttl", NODES, "in English")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("this is no turtle", "no Turtle"),
        ("", "one concept scheme"),
        ("<http://example.org/s> a <http://www.w3.org/2004/02/skos/core#ConceptScheme> .", "one concept scheme"),
        (
            "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . "
            '<urn:shelfwise:scheme:root> a skos:ConceptScheme ; skos:prefLabel "All" . '
            "<urn:shelfwise:concept:a> a skos:Concept .",
            "no skos:prefLabel",
        ),
        (
            "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . "
            '<urn:shelfwise:scheme:root> a skos:ConceptScheme ; skos:prefLabel "All" . '
            '<http://example.org/a> a skos:Concept ; skos:prefLabel "A" .',
            "no category that Shelfwise exported",
        ),
    ],
)
def test_another_file_is_refused_with_the_reason(tmp_path, text, fault):
    (tmp_path / "t.ttl").write_text(text)
    with pytest.raises(CatalogueFormatError, match=fault):
        read_taxonomy_skos(tmp_path / "t.ttl")


@settings(max_examples=60, deadline=None)
@given(trees(largest=8))
def test_export_then_import_is_the_identity(nodes):
    with TemporaryDirectory() as folder:
        write_taxonomy_skos(Path(folder) / "t.ttl", nodes)
        read = read_taxonomy_skos(Path(folder) / "t.ttl")
    assert {node.id: node for node in read} == {node.id: node for node in nodes}


def test_rdflib_is_imported_only_when_it_is_used():
    code = "import sys, core.services.exports; sys.exit('rdflib' in sys.modules or 'pyarrow.parquet' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
