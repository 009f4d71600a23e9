import unicodedata
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.clean import clean_rows, clean_text, parse_category, parse_price, uses_bare_slashes
from core.catalogue.columns import suggest_mapping
from core.catalogue.table import read_table
from core.domain.product import Offer, Reject, RejectReason

SHARED = Path(__file__).parents[4] / "shared" / "data"


def clean(rows: list[dict[str, str]], **options) -> list[Offer | Reject]:
    frame = pd.DataFrame(rows, dtype=str).fillna("")
    return list(clean_rows(frame, {name: name for name in frame.columns}, "shop", **options))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.299,00 €", (1299.0, "EUR")),
        ("$12.50", (12.5, "USD")),
        ("1,299.00", (1299.0, "")),
        ("INR 500", (500.0, "INR")),
        ("Rs. 1,29,999/-", (129999.0, "INR")),
        ("rs.500", (500.0, "INR")),
        ("12,5", (12.5, "")),
        ("1.299", (1.299, "")),
        ("€ 1.299", (1299.0, "EUR")),
        ("€0.125", (0.125, "EUR")),
        ("1,299", (1299.0, "")),
        ("1.299.000", (1299000.0, "")),
        ("1\u202f299,00\u00a0€", (1299.0, "EUR")),
        ("CHF 1'299.50", (1299.5, "CHF")),
        ("£10.00 - £20.00", (10.0, "GBP")),
        ("&pound;5", (5.0, "GBP")),
        ("<b>5</b> EUR", (5.0, "EUR")),
        ("$.99", (0.99, "USD")),
        ("1e3", (1000.0, "")),
        ("0", (0.0, "")),
        ("-5", (None, "")),
        ("€ -5,00", (None, "EUR")),
        ("free", (None, "")),
        ("n/a", (None, "")),
        ("9" * 400, (None, "")),
        ("", (None, "")),
    ],
)
def test_prices_are_read_as_shops_write_them(text, expected):
    assert parse_price(text) == expected


@given(st.text(max_size=30) | st.text("0123456789.,-' €$e", max_size=20))
def test_any_price_text_gives_a_finite_amount_or_none(text):
    amount, currency = parse_price(text)
    assert amount is None or 0 <= amount < float("inf")
    assert len(currency) in (0, 3)


@given(st.integers(0, 10**9).map(lambda cents: cents / 100), st.sampled_from(["{:,.2f} $", "$ {:,.2f}", "{:.2f}"]))
def test_a_formatted_amount_is_read_back(amount, pattern):
    text = pattern.format(amount)
    assert parse_price(text)[0] == amount
    german = text.replace(",", "\0").replace(".", ",").replace("\0", ".")
    assert parse_price(german)[0] == amount


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Apparel > Shoes", ("Apparel", "Shoes")),
        ("Apparel>Shoes", ("Apparel", "Shoes")),
        ("Home &gt; Bed &amp; Bath", ("Home", "Bed & Bath")),
        ("Beauty > Bath/Body > A / B", ("Beauty", "Bath/Body", "A / B")),
        ("Apparel >> Shoes", ("Apparel", "Shoes")),
        ("Apparel » Shoes › Heels → Red", ("Apparel", "Shoes", "Heels", "Red")),
        ("Apparel -> Shoes", ("Apparel", "Shoes")),
        ("Apparel|Shoes/Boots", ("Apparel", "Shoes/Boots")),
        ("Apparel / Shoes", ("Apparel", "Shoes")),
        ("Bath/Body", ("Bath/Body",)),
        ('["A >> B >> C"]', ("A", "B", "C")),
        ('["A >> B", "C >> D"]', ("A", "B")),
        ('["A &quot;x&quot; >> B"]', ('A "x"', "B")),
        ("['A', 'B & C']", ("A", "B & C")),
        ('[["A", "B/C"], ["D"]]', ("A", "B/C")),
        ("[]", ()),
        ("[Sale] Shoes", ("[Sale] Shoes",)),
        (" > > ", ()),
        ("nan", ()),
        ("", ()),
    ],
)
def test_category_paths_are_split_as_shops_write_them(text, expected):
    assert parse_category(text) == expected


def test_bare_slashes_split_only_where_the_column_uses_them_for_paths():
    assert uses_bare_slashes(["Apparel/Shoes/Heels", "Apparel/Bags", ""])
    assert uses_bare_slashes(["/Apparel/Shoes"])
    assert not uses_bare_slashes(["Bath/Body", "Food/Drink"])
    assert not uses_bare_slashes(["A/B/C", "Beauty &gt; Bath/Body"])
    paths = [row.category_path for row in clean([{"title": "t", "category": c, "sku": c} for c in ("A/B/C", "A/D")])]
    assert paths == [("A", "B", "C"), ("A", "D")]


NAME = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8).map(
    lambda text: unicodedata.normalize("NFC", text)
)


@given(st.lists(NAME.filter(clean_text), min_size=1, max_size=5), st.sampled_from([" > ", ">", " >> ", " | ", " / "]))
def test_a_joined_path_is_split_again(names, separator):
    if len(names) > 1 or clean_text(names[0]):
        assert parse_category(separator.join(names)) == tuple(names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Blue \t\n shoe\u00a0x ", "Blue shoe x"),
        ("Tom &amp; Jerry&#39;s", "Tom & Jerry's"),
        ("<p>Soft<br/>cotton</p>", "Soft cotton"),
        ("&lt;p&gt;Soft&lt;/p&gt;", "Soft"),
        ("a<script>alert(1)</script>b<style>p {}</style>", "a b"),
        ("size <5 and > 3, I <3 it", "size <5 and > 3, I <3 it"),
        ("nul\x00l\x1f\x85 end", "nul l end"),
        ("zero\u200bwidth\ufeff so\u00adft", "zerowidth soft"),
        ("Cafe\u0301", "Café"),
        ("NaN", ""),
        (" None ", ""),
        ("n/a", ""),
    ],
)
def test_text_is_made_fit_for_people(text, expected):
    assert clean_text(text) == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_cleaned_text_is_normal_storable_and_stays_as_it_is(text):
    cleaned = clean_text(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == " ".join(cleaned.split())
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")
    if "&" not in cleaned and "<" not in cleaned:
        assert clean_text(cleaned) == cleaned


def test_a_full_row_becomes_an_offer():
    row = {"product_id": " 7 ", "platform": "Acme", "title": "Shoe &amp; sole", "brand": "Nike"}
    row |= {"price": "12,50 €", "category": "Apparel > Shoes", "image": "7.jpg", "description": "<b>x</b>"}
    [offer] = clean([row])
    assert offer == Offer(1, "Acme", "7", "Shoe & sole", "Nike", "x", 12.5, "EUR", ("Apparel", "Shoes"), "7.jpg")


def test_missing_words_mean_missing_and_the_platform_falls_back():
    row = {"title": "t", "category": "c", "brand": "NULL", "description": "nan", "price": "None", "platform": "n/a"}
    [offer] = clean([row | {"sku": "nan", "image": "null"}])
    assert (offer.brand, offer.description, offer.price, offer.platform) == ("", "", None, "shop")
    assert offer.image_ref is None
    assert offer.external_id != "nan"


def test_the_currency_column_beats_the_price_text():
    rows = [{"title": "t", "category": "c", "price": "$5", "currency": c, "sku": c} for c in ("cad", "€", "points", "")]
    assert [offer.currency for offer in clean(rows)] == ["CAD", "EUR", "points", "USD"]


def test_rows_without_title_or_category_are_turned_away_with_the_reason():
    rows = [{"title": "", "category": "c", "sku": "1"}, {"title": "t", "category": " > ", "sku": "2"}]
    first, second = clean(rows)
    assert (first.row, first.reason, first.external_id) == (1, RejectReason.MISSING_TITLE, "1")
    assert (second.row, second.reason, second.title) == (2, RejectReason.MISSING_CATEGORY, "t")
    assert isinstance(clean(rows, require_category=False)[1], Offer)


def test_the_second_of_two_rows_with_one_identity_is_a_duplicate():
    rows = [{"title": t, "category": "c", "product_id": "1", "platform": p} for t, p in ("ax", "bx", "ay")]
    kept, duplicate, elsewhere = clean(rows)
    assert isinstance(kept, Offer)
    assert isinstance(elsewhere, Offer)
    assert (duplicate.reason, duplicate.detail) == (RejectReason.DUPLICATE, "same platform and product id as row 1")


def test_a_rejected_row_does_not_take_the_identity():
    rows = [{"title": t, "category": "c", "product_id": "1"} for t in ("", "good", "late")]
    results = clean(rows)
    assert isinstance(results[1], Offer)
    assert results[2].detail == "same platform and product id as row 2"


def test_identity_falls_back_from_product_id_to_offer_to_sku_to_gtin_to_url():
    names = ["product_id", "offer_id", "sku", "gtin", "url"]
    rows = [
        {"title": "t", "category": "c", **{n: f"{n} {i}" for n in names[i:]}, **dict.fromkeys(names[:i], "")}
        for i in range(5)
    ]
    assert [offer.external_id for offer in clean(rows)] == [f"{name} {i}" for i, name in enumerate(names)]


def test_without_any_id_the_content_is_the_identity_whatever_the_order():
    rows = [{"title": t, "brand": "b", "category": "c", "image": f"{t}.jpg"} for t in "abca"]
    results = clean(rows)
    assert results[3].reason is RejectReason.DUPLICATE
    assert results[3].detail == "same platform, title, brand and image as row 1"
    again = clean(rows[2::-1])
    assert {o.title: o.external_id for o in again} == {o.title: o.external_id for o in results[:3]}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a.jpg", "a.jpg"),
        ('["http://x/a.jpg", "http://x/b.jpg"]', "http://x/a.jpg"),
        ("http://x/a,1.jpg, http://x/b.jpg", "http://x/a,1.jpg"),
        ("http://x/a.jpg|http://x/b.jpg", "http://x/a.jpg"),
        ("http://x/a.jpg?v=1&amp;w=2", "http://x/a.jpg?v=1&w=2"),
        ("[]", None),
        ("", None),
    ],
)
def test_the_first_picture_of_a_cell_is_meant(cell, expected):
    assert clean([{"title": "t", "category": "c", "image": cell}])[0].image_ref == expected


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent")
def test_the_real_text_catalogue_loses_only_rows_without_category():
    frame = read_table(SHARED / "flipkart_text" / "products.csv").frame
    results = list(clean_rows(frame, suggest_mapping(list(frame.columns)), "flipkart"))
    assert Counter(r.reason for r in results if isinstance(r, Reject)) == {RejectReason.MISSING_CATEGORY: 314}
    assert len({r.category_path for r in results if isinstance(r, Offer)}) == frame["category_path"].nunique() - 1
