import re
from collections import Counter

import pytest

from core.catalogue.demo_kinds import BAGS, CLOTHING, SHOES, SUBTYPES
from core.catalogue.demo_plan import Entry, Fault, plan_entries
from core.catalogue.demo_shops import BRANDS, SHOPS
from core.catalogue.demo_titles import type_words

N_PRODUCTS = 1500


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return plan_entries(N_PRODUCTS, seed=7)


@pytest.fixture(scope="module")
def offers(entries: list[Entry]) -> list[Entry]:
    sound = [entry for entry in entries if entry.fault is Fault.NONE]
    return list({(entry.product_id, entry.shop.name): entry for entry in sound}.values())


def share(entries: list[Entry], noisy: list[bool]) -> float:
    return sum(noisy) / len(entries)


def test_subtypes_have_their_shares_and_sneakers_lead_the_shoes(offers: list[Entry]) -> None:
    counts = Counter(entry.subtype.name for entry in offers)
    for subtype in SUBTYPES:
        assert abs(counts[subtype.name] - subtype.share) <= 6, subtype.name
    shoes = {subtype.name: counts[subtype.name] for subtype in SUBTYPES if subtype.category == SHOES}
    assert max(shoes, key=shoes.__getitem__) == "Sneakers"
    assert sum(shoes.values()) == pytest.approx(600, abs=12)


def test_handbags_and_backpacks_share_one_category() -> None:
    assert {subtype.name for subtype in SUBTYPES if subtype.category == BAGS} == {"Handbags", "Backpacks"}


def test_brands_are_missing_for_about_a_tenth(offers: list[Entry]) -> None:
    assert 0.08 < share(offers, [not entry.brand for entry in offers]) < 0.12


def test_about_one_title_in_twelve_names_no_type(offers: list[Entry]) -> None:
    words = type_words()
    untyped = [not words & set(re.findall(r"[\w-]+", entry.title.lower())) for entry in offers]
    assert 0.06 < share(offers, untyped) < 0.10


def test_few_labels_are_wrong(offers: list[Entry]) -> None:
    wrong = [entry.category != entry.subtype.category for entry in offers]
    assert 0.01 < share(offers, wrong) < 0.02
    assert {entry.category for entry in offers} == {SHOES, CLOTHING, BAGS}


def test_some_offers_are_listed_twice(entries: list[Entry]) -> None:
    listed = Counter((entry.product_id, entry.shop.name) for entry in entries)
    twice = sum(count == 2 for count in listed.values())
    assert max(listed.values()) == 2
    assert 0.008 < twice / N_PRODUCTS < 0.012


def test_about_ten_rows_are_faulty_each_in_one_way(entries: list[Entry]) -> None:
    faults = Counter(entry.fault for entry in entries if entry.fault is not Fault.NONE)
    assert set(faults) == set(Fault) - {Fault.NONE}
    assert 8 <= sum(faults.values()) <= 14


def test_five_shops_and_many_brands_sell_with_skew(offers: list[Entry]) -> None:
    shops = Counter(entry.shop.name for entry in offers)
    brands = Counter(entry.brand for entry in offers if entry.brand)
    assert len(shops) == len(SHOPS) == 5
    assert shops.most_common(1)[0][1] > 2 * min(shops.values())
    assert set(brands) == set(BRANDS)
    assert brands.most_common(1)[0][1] > 2 * min(brands.values())


def test_brands_keep_to_what_they_make(offers: list[Entry]) -> None:
    assert all(entry.subtype.category in BRANDS[entry.brand] for entry in offers if entry.brand)


def test_type_words_vary_within_every_subtype(offers: list[Entry]) -> None:
    for subtype in SUBTYPES:
        words = {word.lower() for model in subtype.models for word in (*subtype.words, *model.words)}
        titles = " | ".join(entry.title.lower() for entry in offers if entry.subtype is subtype)
        assert sum(word in titles for word in words) >= 5, subtype.name


def test_gtins_carry_a_valid_check_digit(offers: list[Entry]) -> None:
    gtins = [entry.gtin for entry in offers if entry.gtin]
    assert len(gtins) > 0.8 * len(offers)
    for gtin in gtins:
        weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gtin))
        assert len(gtin) == 13
        assert weighted % 10 == 0


def test_titles_are_one_trimmed_line(offers: list[Entry]) -> None:
    for entry in offers:
        assert entry.title == " ".join(entry.title.split())
        assert entry.title


def test_a_small_catalogue_still_holds_every_subtype_and_fault() -> None:
    small = plan_entries(60, seed=7)
    assert {entry.subtype.name for entry in small} == {subtype.name for subtype in SUBTYPES}
    assert {entry.fault for entry in small} == set(Fault)
    assert {entry.category for entry in small} >= {SHOES, CLOTHING, BAGS}
