"""Nodes from outside are checked."""

import pytest

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.operations import check_name, validate
from tests.core.taxonomy.trees import tree

DEPRECATED = NodeStatus.DEPRECATED


def test_a_name_of_120_characters_is_accepted():
    assert check_name("x" * 120) == "x" * 120


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([("a", "root", "A"), ("b", "root", "a")], "already"),
        ([("a", "root", "A > B")], "'>'"),
        ([("a", "root", " A")], "blank"),
        ([("a", "root", "A", DEPRECATED, "root"), ("b", "a", "B")], "deprecated"),
        ([("a", "root", "A", DEPRECATED, "b"), ("b", "root", "B", DEPRECATED, "a")], "circle"),
        ([("a", "root", "A", DEPRECATED)], "nothing in use replaced it"),
        ([("a", "root", "A", DEPRECATED, "gone")], "missing"),
        ([("a", "root", "A", NodeStatus.APPROVED, "root")], "names a replacement"),
    ],
)
def test_nodes_from_outside_that_break_a_rule_are_refused(rows, fault):
    with pytest.raises(TaxonomyError, match=fault):
        validate(tree(*rows).nodes)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"synonyms": ("B", "A")}, "alphabetical"),
        ({"synonyms": ("shoes",)}, "synonyms"),
        ({"description": "x "}, "blanks"),
        ({"split_into": ("root",)}, "names a replacement"),
        ({"status": DEPRECATED, "replaced_by": "root", "split_into": ("gone",)}, "missing"),
    ],
)
def test_words_and_parts_from_outside_that_break_a_rule_are_refused(values, fault):
    with pytest.raises(TaxonomyError, match=fault):
        validate([TaxonomyNode("root", None, "All"), TaxonomyNode("a", "root", "Shoes", **values)])


def test_a_deprecated_root_is_refused():
    with pytest.raises(TaxonomyError, match="root"):
        validate([TaxonomyNode("root", None, "All", DEPRECATED)])
