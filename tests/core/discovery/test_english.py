"""Plurals and kinds."""

import pytest

from core.discovery.english import is_mass_noun, plural, rejoined, singular

PAIRS = [
    ("boot", "boots"),
    ("watch", "watches"),
    ("brush", "brushes"),
    ("dress", "dresses"),
    ("box", "boxes"),
    ("body", "bodies"),
    ("scarf", "scarves"),
    ("shoe", "shoes"),
    ("t-shirt", "t-shirts"),
    ("key", "keys"),
    ("accessory", "accessories"),
]


@pytest.mark.parametrize(("one", "many"), PAIRS)
def test_a_word_and_its_plural_meet(one, many):
    assert plural(one) == many
    assert singular(many) == one
    assert singular(one) == one
    assert plural(many) == many


@pytest.mark.parametrize("word", ["jewellery", "footwear", "innerwear", "cookware"])
def test_a_mass_noun_has_no_plural(word):
    assert is_mass_noun(word)
    assert plural(word) == word


@pytest.mark.parametrize("word", ["capris", "jeans", "501s", "x2"])
def test_what_is_said_as_a_plural_or_is_no_word_stays(word):
    assert plural(word) == word


def test_a_t_shirt_is_one_word_and_strays_go():
    assert rejoined(["men", "s", "t", "shirt", "42", "xl"]) == ["men", "t-shirt", "xl"]
    assert rejoined(["t"]) == []
