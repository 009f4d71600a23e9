"""Words find products whatever their case, on each kind of database."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.models import ClusterRow, MemberRow, ProductRow, RunRow
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.products import insert_products
from db.repositories.search import members_found, products_found, products_listed
from db.session import Database

TITLES = {
    "Über-Sneaker WEISS": {"brand": "Ölwerk", "description": "größe 42"},
    "über-sneaker weiss": {"brand": "ÖLWERK", "description": "Größe 43"},
    "100% cotton_shirt": {"brand": "A*B"},
    "100 percent cotton shirt": {"brand": "AxB"},
    "Κόκκινο Φόρεμα": {},
    "КРАСНОЕ платье": {},
    "Plain [boxed] pump": {"description": r"back\slash ^caret"},
    "Plain boxed pump": {},
}


@pytest.fixture
def filled(database):
    """Products by the titles above; the first four are in run 1, two in each of its clusters."""
    with database.write() as session:
        taxonomy_rows.ensure_root(session)
        rows = [
            {"platform": "shop", "external_id": f"SKU-{index}", "title": title, "node_id": "root",
             "content_hash": "", **rest}
            for index, (title, rest) in enumerate(TITLES.items())
        ]  # fmt: skip
        ids = [insert_products(session, [row])[0] for row in rows]
        session.add(RunRow(id=1, category_id="root", status="ready", parameters={}, n_products=4, author=""))
        session.flush()
        session.add_all(ClusterRow(id=number, run_id=1, number=number, level=1, status="open") for number in (1, 2))
        session.flush()
        session.add_all(
            MemberRow(run_id=1, product_id=product_id, position=place, cluster_id=2 - place // 2, distance=4.0 - place)
            for place, product_id in enumerate(ids[:4])
        )
    return database


def titles_of(database: Database, words: str) -> set[str]:
    with database.read() as session:
        by_id = {row.id: row.title for row in session.query(ProductRow)}
        return {by_id[row.product_id] for row in products_found(session, 1, words)}


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("ÜBER", {"Über-Sneaker WEISS", "über-sneaker weiss"}),
        ("weiss über", {"Über-Sneaker WEISS", "über-sneaker weiss"}),
        ("ölWERK GRÖßE", {"Über-Sneaker WEISS", "über-sneaker weiss"}),
        ("größe 43", {"über-sneaker weiss"}),
        ("u\N{COMBINING DIAERESIS}ber 42", {"Über-Sneaker WEISS"}),
        ("κΌκκινο", {"Κόκκινο Φόρεμα"}),
        ("красное ПЛАТЬЕ", {"КРАСНОЕ платье"}),
        ("100%", {"100% cotton_shirt"}),
        ("cotton_", {"100% cotton_shirt"}),
        ("a*b", {"100% cotton_shirt"}),
        ("[boxed]", {"Plain [boxed] pump"}),
        ("back\\slash", {"Plain [boxed] pump"}),
        ("^caret", {"Plain [boxed] pump"}),
        ("sku-7", {"Plain boxed pump"}),
        ("plain über", set()),
        ("   ", set(TITLES)),
    ],
)
def test_all_words_are_found_whatever_their_case_and_marks_mean_themselves(filled, words, titles):
    assert titles_of(filled, words) == titles


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=st.text(st.characters(codec="utf-8", exclude_categories=("C", "M", "Z")), min_size=1, max_size=4))
def test_a_word_is_found_in_a_title_that_holds_it(filled, word):
    with filled.write() as session:
        row = session.query(ProductRow).filter_by(external_id="SKU-7").one()
        row.title = title = unicodedata.normalize("NFC", f"before é{word} after")
    try:
        assert title in titles_of(filled, word)
        assert title in titles_of(filled, f"É{word}")  # a letter beyond ASCII takes another road
    finally:
        with filled.write() as session:
            session.query(ProductRow).filter_by(external_id="SKU-7").one().title = "Plain boxed pump"


def test_words_in_the_title_come_before_words_elsewhere(filled):
    with filled.write() as session:
        rows = {row.title: row for row in session.query(ProductRow)}
        rows["Über-Sneaker WEISS"].description = "a pump"
    with filled.read() as session:
        found = [row.product_id for row in products_found(session, 1, "pump")]
    plain = [rows["Plain [boxed] pump"].id, rows["Plain boxed pump"].id]
    assert found == [*plain, rows["Über-Sneaker WEISS"].id]


def test_members_of_a_cluster_come_most_typical_first_and_a_run_cluster_by_cluster(filled):
    with filled.read() as session:
        ids = [row.id for row in session.query(ProductRow).order_by(ProductRow.id)]
        run = members_found(session, 1)
        assert [row.product_id for row in run] == [ids[3], ids[2], ids[1], ids[0]]
        assert [row.cluster_id for row in run] == [1, 1, 2, 2]
        assert [row.product_id for row in members_found(session, 1, [2])] == [ids[1], ids[0]]
        assert [row.product_id for row in members_found(session, 1, None, "über 43")] == [ids[1]]


def test_listed_products_keep_their_order_and_say_whether_the_run_holds_them(filled):
    with filled.read() as session:
        ids = [row.id for row in session.query(ProductRow).order_by(ProductRow.id)]
        found = products_listed(session, 1, [ids[6], ids[0], ids[6], 999])
    assert [(row.product_id, row.is_in_run) for row in found] == [(ids[6], False), (ids[0], True)]
