"""What the tests of the operations share."""

import pytest

from core.taxonomy.tree import Taxonomy
from tests.core.taxonomy.trees import tree


@pytest.fixture
def shoes() -> Taxonomy:
    return tree(
        ("shoes", "root", "Shoes"),
        ("boots", "shoes", "Boots"),
        ("ankle", "boots", "Ankle Boots"),
        ("sandals", "shoes", "Sandals"),
        ("bags", "root", "Bags"),
    )
