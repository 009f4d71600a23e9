"""Names known from taxonomies."""

import time
from pathlib import Path

import numpy as np
import pytest

from core.discovery.name_index import KnownName, NameIndex, squashed
from core.discovery.naming import build_token_counts, suggest_names
from core.domain.discovery import NameSource
from core.taxonomy.reference import read_reference

SHOPIFY = Path(__file__).resolve().parents[4] / "shared/data/taxonomies/shopify_taxonomy_2024-07.csv"


def known(*paths: str, source: NameSource = NameSource.REFERENCE) -> list[KnownName]:
    return [KnownName(tuple(path.split(" > ")), source, "Ref 1") for path in paths]


def matched(paths: list[str], shares: dict[str, float], category: tuple[str, ...] = (), elsewhere: float = 0.0):
    vocabulary = tuple(shares)
    here = np.array([list(shares.values())])
    index = NameIndex(known(*paths), category)
    (found,) = index.match(vocabulary, here, np.full_like(here, elsewhere), 0.12)
    return found


def first_names(groups: list[list[str]], index: NameIndex) -> list[list[tuple[str, str, str]]]:
    titles = [title.split() for group in groups for title in group]
    cluster_ids = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    counts, vocabulary = build_token_counts(titles, 1)
    named = suggest_names(counts, vocabulary, cluster_ids, len(groups), index=index)
    return [[(item.name, str(item.source), item.evidence) for item in of.suggestions] for of in named]


def test_a_name_counts_only_where_all_its_words_are_in_the_titles():
    names = ["Boots", "Horse Boots", "Ankle Boots"]
    found = matched(names, {"boots": 0.9, "ankle": 0.5, "ankle boots": 0.5})
    assert [match.known.name for match in found] == ["Boots", "Ankle Boots"]


def test_plurals_hyphens_and_spaces_do_not_matter():
    assert squashed("T-Shirts") == squashed("tshirt")
    assert [m.known.name for m in matched(["Flipflops"], {"flip": 1.0, "flip flops": 0.9})] == ["Flipflops"]


def test_one_kind_of_a_name_that_joins_two_is_enough_and_a_plain_name_comes_before_it():
    found = matched(["Shirts & Tops", "Shirts"], {"shirts": 0.9})
    assert [match.known.name for match in found] == ["Shirts", "Shirts & Tops"]
    assert matched(["Black & White Film"], {"black": 0.9}) == []


def test_names_in_a_place_like_the_category_are_taken_and_homonyms_left():
    names = ["Vehicles > Transmission > Clutches", "Fashion > Handbags > Clutches", "Fashion > Jewelry > Rings"]
    assert [m.known.path[0] for m in matched(names, {"clutches": 0.9}, ("Fashion", "Bags"))] == ["Fashion"]
    assert [m.known.name for m in matched(names, {"rings": 0.9}, ("Accessories", "Jewellery"))] == ["Rings"]


def test_a_name_as_frequent_elsewhere_is_not_offered():
    assert matched(["Boots"], {"boots": 0.5}, elsewhere=0.5) == []


def test_the_evidence_names_the_place_and_the_shares():
    index = NameIndex(known("Apparel > Shoes > Sneakers", "Apparel > Shoes > Boots"), ("Shoes",))
    sneakers, sandals = first_names([["canvas sneaker"] * 3 + ["runner"], ["beach sandal"] * 4], index)
    assert sneakers[0] == (
        "Sneakers",
        "reference",
        "Ref 1: … > Shoes > Sneakers; 'sneakers' in 75 % of titles here, 0 % elsewhere",
    )
    assert sandals[0] == ("Beach Sandals", "words", "'beach sandals' in 100 % of titles here, 0 % elsewhere")


def test_an_empty_index_changes_nothing():
    assert [names[0][1] for names in first_names([["boot"] * 3, ["hat"] * 3], NameIndex([], ("Shoes",)))] == [
        "words",
        "words",
    ]


@pytest.mark.skipif(not SHOPIFY.exists(), reason="the reference taxonomies are not at hand")
def test_twenty_clusters_are_compared_with_shopifys_names_while_a_slider_moves():
    names = [KnownName(node.path, NameSource.REFERENCE, "S") for node in read_reference(SHOPIFY).nodes]
    index = NameIndex(names, ("Apparel & Accessories",))
    assert len(index) > 500
    words = sorted({word for name in names for word in name.name.casefold().split()})[:3_000]
    share = np.random.default_rng(0).random((20, len(words)))
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        index.match(words, share, share[::-1], 0.12)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.05


@pytest.mark.skipif(not SHOPIFY.exists(), reason="the reference taxonomies are not at hand")
def test_shopify_offers_sneakers_for_sneakers():
    names = [KnownName(node.path, NameSource.REFERENCE, "Shopify 2024-07") for node in read_reference(SHOPIFY).nodes]
    index = NameIndex(names, ("Footwear", "Shoes"))
    (first, *_), _ = first_names([["canvas sneaker"] * 5 + ["low sneakers"] * 3, ["ankle boot"] * 6], index)
    assert first[:2] == ("Sneakers", "reference")
    assert first[2].startswith("Shopify 2024-07: … > Shoes > Sneakers")
