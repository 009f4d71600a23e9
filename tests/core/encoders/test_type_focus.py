import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import ShapeError
from core.encoders.type_focus import TypeFocus

KINDS = ["heels", "backpack", "watch", "shirt", "lipstick", "socks"]
COLOURS = ["blue", "rouge", "青"]
TITLES = [f"Nike Men's {colour} {kind.title()} 42" for kind in KINDS for colour in COLOURS]
BRANDS = ["Nike"] * len(TITLES)
CATEGORIES = [kind for kind in KINDS for _ in COLOURS]
FASHION = Path(__file__).resolve().parents[4] / "shared" / "data" / "fashion" / "products.csv"


@pytest.fixture
def fitted():
    return TypeFocus.fit(TITLES, BRANDS, CATEGORIES)


@pytest.fixture
def unfitted():
    """Knows too few categories to say anything of its own."""
    return TypeFocus.fit(["a shoe", "a bag"], ["", ""], ["shoes", "bags"])


def test_words_spread_over_the_categories_go_in_any_language(fitted):
    assert fitted.focus(TITLES, BRANDS) == CATEGORIES


def test_words_never_seen_stay(fitted):
    assert fitted.focus(["Blue Espadrille"], [""]) == ["espadrille"]


def test_a_word_at_home_in_one_category_stays_however_frequent():
    titles = ["peep toe heels"] * 100 + TITLES
    focus = TypeFocus.fit(titles, [""] * len(titles), ["heels"] * 100 + CATEGORIES)
    assert focus.focus(["peep toe heels"], [""]) == ["peep toe heels"]


@pytest.mark.parametrize(
    ("title", "brand", "expected"),
    [
        ("PUMA runner", "Puma", "runner"),
        ("Pumas runner", "Puma", "pumas runner"),
        ("Nestle cereal by NESTLÉ", "Nestlé", "cereal"),
        ("United Colors of Benetton top", "United Colors of Benetton", "top"),
        ("Turtle checked shirt", "Turtle Clothing", "checked shirt"),
        ("checked turtle shirt", "Turtle Clothing", "checked turtle shirt"),
        ("L'Oréal Kajal", "L'Oreal", "kajal"),
        ("Home & Shoes clogs", "Home & Shoes", "clogs"),
        ("shoes", "", "shoes"),
    ],
)
def test_brands_go_as_whole_words_whatever_case_and_accents(unfitted, title, brand, expected):
    assert unfitted.focus([title], [brand]) == [expected]


def test_with_few_categories_colours_people_sizes_and_marketing_go(unfitted):
    titles = ["Women's Premium Navy Blue Sneakers Size 8.5", "Shampoo 500ml (Pack of 2)"]
    assert unfitted.focus(titles, ["", ""]) == ["sneakers", "shampoo"]


def test_with_few_categories_entropies_do_not_count():
    titles = ["striped shoes", "striped bag"]
    focus = TypeFocus.fit(titles, ["", ""], ["shoes", "bags"])
    assert focus.focus(titles, ["", ""]) == titles


def test_nothing_telling_leaves_an_empty_title(fitted, unfitted):
    assert fitted.focus(["Nike 42", ""], ["Nike", "Nike"]) == ["", ""]
    assert unfitted.tokens(["Blue 500ml", "---"], ["", ""]) == [[], []]


def test_letters_beyond_ascii_are_words(unfitted):
    assert unfitted.tokens(["Śpiwór ÜBERGANGSJACKE кроссовки"], [""]) == [["śpiwór", "übergangsjacke", "кроссовки"]]


def test_lists_of_different_lengths_are_refused(fitted):
    with pytest.raises(ShapeError):
        fitted.focus(["a"], [])
    with pytest.raises(ShapeError):
        TypeFocus.fit(["a"], ["b"], [])


@given(st.lists(st.tuples(st.text(), st.text(), st.sampled_from(KINDS))))
def test_any_text_is_survived_and_tokens_are_words_of_the_title(rows):
    titles, brands, categories = ([row[i] for row in rows] for i in range(3))
    focus = TypeFocus.fit(titles, brands, categories)
    assert focus.focus(titles, brands) == [" ".join(words) for words in focus.tokens(titles, brands)]
    assert len(focus.tokens(titles, brands)) == len(rows)


@pytest.mark.skipif(not FASHION.exists(), reason="needs ../shared/data/fashion")
def test_real_titles_keep_their_kind():
    with FASHION.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    titles, brands = [row["title"] for row in rows], [row["brand"] for row in rows]
    focus = TypeFocus.fit(titles, brands, [" > ".join(row["category_path"].split(" > ")[:2]) for row in rows])
    assert {"blue", "red", "men", "women"} <= focus.dropped
    assert not {"heels", "jeans", "backpack", "watch", "tshirt"} & focus.dropped
    assert sum(not words for words in focus.tokens(titles, brands)) < len(titles) / 1000
