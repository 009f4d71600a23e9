"""A category split into parts."""

import pytest

from core.domain.errors import TaxonomyError
from core.domain.taxonomy import NodeStatus
from core.taxonomy.operations import reorder_node, split_node, validate
from core.taxonomy.tree import Taxonomy
from tests.core.taxonomy.trees import names_below, part

DEPRECATED = NodeStatus.DEPRECATED


def test_a_split_puts_parts_in_the_place_of_the_node(shoes):
    ordered = Taxonomy(reorder_node(shoes, "boots", 0))
    after = Taxonomy(split_node(ordered, "boots", [part("p", "Rain boots"), part("q", "Boots")], keep=False))
    gone = after.node("boots")
    assert (gone.status, gone.replaced_by, gone.split_into) == (DEPRECATED, "p", ("p", "q"))
    assert names_below(after, "shoes") == ["Boots", "Rain boots", "Sandals"]
    assert after.names("ankle") == ("Shoes", "Rain boots", "Ankle Boots")
    assert validate(after.nodes)


def test_a_split_may_keep_the_node_beside_its_parts_or_above_them(shoes):
    beside = Taxonomy(split_node(shoes, "boots", [part("p", "Rain boots")], keep=True))
    assert beside.names("p") == ("Shoes", "Rain boots")
    below = Taxonomy(split_node(shoes, "boots", [part("p", "Rain boots")], keep=True, below=True))
    assert below.names("p") == ("Shoes", "Boots", "Rain boots")
    for after in (beside, below):
        assert after.node("boots") == shoes.node("boots")
        assert after.names("ankle") == ("Shoes", "Boots", "Ankle Boots")


@pytest.mark.parametrize(
    ("parts", "options", "fault"),
    [
        ([part("p", "A")], {"keep": False}, "two parts"),
        ([], {"keep": True}, "one part"),
        ([part("p", "A"), part("q", "a")], {"keep": False}, "already"),
        ([part("p", "Sandals"), part("q", "B")], {"keep": False}, "already"),
        ([part("p", "A"), part("p", "B")], {"keep": False}, "exists already"),
        ([part("p", "Boots")], {"keep": True}, "already"),
        ([part("p", "A"), part("q", "B")], {"keep": False, "below": True}, "cannot lie below it"),
    ],
)
def test_a_split_that_breaks_a_rule_is_refused(shoes, parts, options, fault):
    with pytest.raises(TaxonomyError, match=fault):
        split_node(shoes, "boots", parts, **options)
