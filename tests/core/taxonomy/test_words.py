"""Names, descriptions and synonyms."""

import pytest

from core.domain.errors import TaxonomyError
from core.taxonomy.operations import deprecate_node, describe_node, rename_node, set_synonyms
from core.taxonomy.tree import Taxonomy


def test_a_node_may_change_the_case_of_its_own_name(shoes):
    assert Taxonomy(rename_node(shoes, "boots", "BOOTS")).node("boots").name == "BOOTS"
    assert Taxonomy(rename_node(shoes, "root", "Everything")).root.name == "Everything"


def test_a_rename_to_a_siblings_name_is_refused(shoes):
    with pytest.raises(TaxonomyError, match="already"):
        rename_node(shoes, "boots", "sandals")


def test_the_name_of_a_deprecated_sibling_is_free(shoes):
    after = Taxonomy(deprecate_node(shoes, "sandals"))
    assert Taxonomy(rename_node(after, "boots", "Sandals")).node("boots").name == "Sandals"


def test_a_description_is_trimmed_and_can_be_taken_away(shoes):
    described = Taxonomy(describe_node(shoes, "boots", "  Cover the ankle. \r\nNot rain boots.\n "))
    assert described.node("boots").description == "Cover the ankle.\nNot rain boots."
    assert Taxonomy(describe_node(described, "boots", " ")).node("boots").description == ""
    for text in ("x" * 2001, "bell \a"):
        with pytest.raises(TaxonomyError):
            describe_node(shoes, "boots", text)


def test_synonyms_stand_once_without_the_name_itself(shoes):
    after = Taxonomy(set_synonyms(shoes, "boots", [" booties ", "BOOTS", "Booties", "", "ankle | chelsea"]))
    assert after.node("boots").synonyms == ("ankle | chelsea", "booties")
    renamed = Taxonomy(rename_node(after, "boots", "Booties"))
    assert renamed.node("boots").synonyms == ("ankle | chelsea",)
    with pytest.raises(TaxonomyError, match="'>'"):
        set_synonyms(shoes, "boots", ["a > b"])
