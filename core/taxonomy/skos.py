"""A taxonomy as SKOS concepts in Turtle, which thesaurus and ontology tools read, and back again.

Each category is a `skos:Concept`, the root the `skos:ConceptScheme`. What SKOS has no word for (the order of siblings,
drafts, which replacement is the first) stands beside it in terms of our own, so that reading gives the same tree.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from core.domain.errors import CatalogueFormatError, ParameterError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.cells import whole_path
from core.taxonomy.tree import Taxonomy

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

Triple = tuple["Node", "Node", "Node"]

CONCEPT, SCHEME, TERMS = "urn:shelfwise:concept:", "urn:shelfwise:scheme:", "urn:shelfwise:terms:"
_LANGUAGE = re.compile(r"([A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)?")


def write_taxonomy_skos(file_path: Path, nodes: Iterable[TaxonomyNode], language: str = "en") -> int:
    """Write all nodes as SKOS in Turtle, whole or not at all.

    Args:
        file_path: Where to.
        nodes: All nodes of the taxonomy, the root and deprecated ones among them.
        language: Language tag of names, synonyms and descriptions, such as "de" or "pt-BR"; '' writes none.

    Returns:
        Number of nodes.

    Raises:
        ParameterError: If the language is no such tag.
        TaxonomyError: If the nodes are no tree.
    """
    from rdflib import DCTERMS, OWL, SKOS, Graph  # rdflib takes a third of a second to import

    if not _LANGUAGE.fullmatch(language):
        raise ParameterError(f"'{language}' is no language tag.", "Write one such as en, de or pt-BR.")
    taxonomy = Taxonomy(nodes)
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in (("skos", SKOS), ("dct", DCTERMS), ("owl", OWL), ("concept", CONCEPT), ("sw", TERMS)):
        graph.bind(prefix, namespace)
    for node in taxonomy.nodes:
        for triple in (*_words(node, taxonomy, language), *_place(node, taxonomy), *_state(node, taxonomy)):
            graph.add(triple)
    with whole_path(file_path) as unfinished:
        graph.serialize(str(unfinished), format="turtle", encoding="utf-8")
    return len(taxonomy)


def read_taxonomy_skos(file_path: Path) -> tuple[TaxonomyNode, ...]:
    """Read what `write_taxonomy_skos` wrote.

    Returns:
        All nodes, the root first. Revisions are not in the file and come back as 0; synonyms in alphabetical order.

    Raises:
        CatalogueFormatError: If the file is no Turtle, holds no such scheme, or a value is not what it should be.
        TaxonomyError: If the nodes are no tree.
    """
    from rdflib import RDF, SKOS, Graph

    graph = Graph(bind_namespaces="none")
    try:
        graph.parse(data=file_path.read_bytes().decode("utf-8-sig"), format="turtle")
    except Exception as error:  # the parser raises whatever its parts do: SyntaxError, ValueError, AssertionError
        raise CatalogueFormatError(
            f"{file_path.name} is no Turtle: {str(error).partition(chr(10))[0] or type(error).__name__}.",
            "Export the taxonomy again.",
        ) from error
    schemes = [scheme for scheme in graph.subjects(RDF.type, SKOS.ConceptScheme) if str(scheme).startswith(SCHEME)]
    if len(schemes) != 1:
        raise CatalogueFormatError(
            f"{file_path.name} expected one concept scheme <{SCHEME}…>, got {len(schemes)}.",
            "Choose a taxonomy that Shelfwise exported.",
        )
    root = _node(graph, schemes[0], None)
    concepts = sorted(graph.subjects(RDF.type, SKOS.Concept))
    return Taxonomy([root, *(_node(graph, concept, root.id) for concept in concepts)]).nodes


def _iri(node: TaxonomyNode | str, taxonomy: Taxonomy) -> "URIRef":
    from rdflib import URIRef

    node_id = node if isinstance(node, str) else node.id
    return URIRef((SCHEME if node_id == taxonomy.root.id else CONCEPT) + quote(node_id, safe=""))


def _words(node: TaxonomyNode, taxonomy: Taxonomy, language: str) -> Iterator[Triple]:
    from rdflib import RDF, SKOS, Literal

    here, tag = _iri(node, taxonomy), language or None
    yield here, RDF.type, SKOS.ConceptScheme if node.parent_id is None else SKOS.Concept
    yield here, SKOS.prefLabel, Literal(node.name, lang=tag)
    for synonym in node.synonyms:
        yield here, SKOS.altLabel, Literal(synonym, lang=tag)
    if node.description:
        yield here, SKOS.definition, Literal(node.description, lang=tag)
    if node.external_id:
        yield here, SKOS.notation, Literal(node.external_id)


def _place(node: TaxonomyNode, taxonomy: Taxonomy) -> Iterator[Triple]:
    from rdflib import SKOS, Literal, URIRef

    here, root = _iri(node, taxonomy), _iri(taxonomy.root, taxonomy)
    if node.position:
        yield here, URIRef(f"{TERMS}position"), Literal(node.position)
    if node.parent_id is None:
        return
    yield here, SKOS.inScheme, root
    if node.parent_id == taxonomy.root.id:
        yield here, SKOS.topConceptOf, root
        yield root, SKOS.hasTopConcept, here
    else:
        above = _iri(node.parent_id, taxonomy)
        yield here, SKOS.broader, above
        yield above, SKOS.narrower, here


def _state(node: TaxonomyNode, taxonomy: Taxonomy) -> Iterator[Triple]:
    from rdflib import DCTERMS, OWL, Literal, URIRef

    here = _iri(node, taxonomy)
    yield here, URIRef(f"{TERMS}createdInVersion"), Literal(node.created_in_version)
    if node.status is NodeStatus.DEPRECATED:
        yield here, OWL.deprecated, Literal(True)
    elif node.status is NodeStatus.DRAFT:
        yield here, URIRef(f"{TERMS}status"), Literal(str(node.status))
    for replacement in dict.fromkeys((*(() if node.replaced_by is None else (node.replaced_by,)), *node.split_into)):
        yield here, DCTERMS.isReplacedBy, _iri(replacement, taxonomy)
    if node.split_into:
        # Of several replacements, RDF keeps no order.
        if node.replaced_by is not None:
            yield here, URIRef(f"{TERMS}replacedBy"), _iri(node.replaced_by, taxonomy)
        for number, part in enumerate(node.split_into, start=1):
            yield here, URIRef(f"{TERMS}part{number}"), _iri(part, taxonomy)


def _node(graph: "Graph", subject: "Node", root_id: str | None) -> TaxonomyNode:
    from rdflib import DCTERMS, OWL, SKOS, URIRef

    def one(predicate: Any) -> Any:
        return graph.value(subject, predicate)

    def own(name: str) -> Any:
        return one(URIRef(TERMS + name))

    parts = []
    while (part := own(f"part{len(parts) + 1}")) is not None:
        parts.append(_id(part))
    replaced_by = own("replacedBy") if parts else one(DCTERMS.isReplacedBy)
    above = one(SKOS.broader)
    is_deprecated = one(OWL.deprecated)
    try:
        status = NodeStatus.DEPRECATED if is_deprecated is not None and is_deprecated.toPython() is True else None
        return TaxonomyNode(
            id=_id(subject),
            parent_id=root_id if above is None else _id(above),
            name=str(_needed(one(SKOS.prefLabel), subject)),
            status=status or NodeStatus(str(own("status") or NodeStatus.APPROVED)),
            replaced_by=None if replaced_by is None else _id(replaced_by),
            created_in_version=int(own("createdInVersion") or 1),
            description=str(one(SKOS.definition) or ""),
            position=int(own("position") or 0),
            synonyms=tuple(sorted((str(label) for label in graph.objects(subject, SKOS.altLabel)), key=_alphabetical)),
            external_id=str(one(SKOS.notation) or ""),
            split_into=tuple(parts),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise CatalogueFormatError(f"<{subject}> holds something unexpected: {error}.", "Export it again.") from error


def _needed(value: Any, subject: "Node") -> Any:
    if value is None:
        raise ValueError(f"{subject} has no skos:prefLabel")
    return value


def _id(iri: "Node") -> str:
    text = str(iri)
    for start in (CONCEPT, SCHEME):
        if text.startswith(start):
            return unquote(text.removeprefix(start))
    raise CatalogueFormatError(
        f"<{text}> is no category that Shelfwise exported.", "Choose a file that it exported itself."
    )


def _alphabetical(word: str) -> tuple[str, str]:
    return word.casefold(), word
