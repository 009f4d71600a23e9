"""The words of titles that may be part of a name."""

import pytest

from core.discovery.name_words import name_words
from core.domain.errors import ShapeError


def words_of(title: str, brand: str = "") -> list[str]:
    (words,) = name_words([title], [brand])
    return words


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("Running Shoe XL", ["running", "shoe"]),
        ("Running Shoe UK 9", ["running", "shoe"]),
        ("Running Shoe, size 42.5", ["running", "shoe"]),
        ("Jeans 32", ["jeans"]),
        ("Shampoo 500ml", ["shampoo"]),
        ("Shampoo 500 ml", ["shampoo"]),
        ("Router TL-WR841N", ["router", "tl"]),
        ("Women's Ankle Boots", ["ankle", "boots"]),
    ],
)
def test_sizes_model_numbers_and_people_go(title, left):
    assert words_of(title) == left


def test_the_products_own_brand_goes_also_where_the_title_spells_its_start_alone():
    assert words_of("Turtle Check Shirt", "Turtle Clothing") == ["check", "shirt"]
    assert words_of("L'Oréal Lipstick", "L'Oreal") == ["lipstick"]


def test_a_known_brand_goes_from_the_titles_of_others():
    titles = ["Nordpeak Parka", "Nordpeak Scarf", "Strap for Nordpeak Parka"]
    assert name_words(titles, ["Nordpeak", "Nordpeak", ""]) == [["parka"], ["scarf"], ["strap", "|", "parka"]]


def test_a_brand_that_is_an_ordinary_word_elsewhere_stays_there():
    titles = ["Gold Watch", "Gold Ring", "Gold Necklace", "Gold Earrings"]
    left = name_words(titles, ["Gold", "", "", ""])
    assert left == [["watch"], ["gold", "ring"], ["gold", "necklace"], ["gold", "earrings"]]


def test_phrases_are_kept_apart():
    assert words_of("Back Cover for Apple iPad, Slim") == ["back", "cover", "|", "apple", "ipad", "|", "slim"]
    assert words_of("Boots in Brown Nubuck") == ["boots", "|", "brown", "nubuck"]
    assert words_of("Semi-formal Shoes - Leather") == ["semi", "formal", "shoes", "|", "leather"]


def test_a_count_before_of_goes_and_the_thing_stays():
    assert words_of("Pack of 3 Socks") == ["socks"]
    assert words_of("Set of 2 Golden Bangles") == ["golden", "bangles"]


def test_there_must_be_a_brand_for_every_title():
    with pytest.raises(ShapeError):
        name_words(["Boots"], [])
