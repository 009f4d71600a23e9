"""What each week brought that no earlier week had, against counts made by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drift import DriftWeek
from core.inference.drift import N_SHOWN, ArrivedProduct, DriftCounter, iso_week

FIRST = datetime(2026, 11, 2, 12, tzinfo=UTC)  # the Monday of week 45
WEEKS = ("2026-W45", "2026-W46", "2026-W47")


def arrived(platform, week, title, brand="", node_id=None, confidence=None):
    return ArrivedProduct(platform, FIRST + timedelta(weeks=week), title, brand, node_id, confidence)


CATALOGUE = [
    arrived("a", 0, "Red boot", "Nord", "boots", 0.9),
    arrived("b", 0, "Blue boot", "", "boots", 0.4),
    arrived("a", 1, "Red clog, red!", "NORD", "clogs", 0.5),  # the brand is known, whatever its case
    arrived("a", 1, "Clog", "Sol", None, None),
    arrived("b", 1, "Clog and boot", "sol", "clogs", 0.3),  # as new as it is to the other platform that week
    arrived("b", 2, "Green clog", "Sol", "clogs", 0.2),
]
EXPECTED = [
    DriftWeek("a", WEEKS[0], 1, 1, 0, 1, 0, 2, 0, {"boots": 1}, {"brands": {}, "words": {}}),
    DriftWeek("b", WEEKS[0], 1, 1, 1, 0, 0, 2, 0, {"boots": 1}, {"brands": {}, "words": {}}),
    DriftWeek("a", WEEKS[1], 2, 1, 0, 2, 1, 4, 2, {"clogs": 1}, {"brands": {"Sol": 1}, "words": {"clog": 2}}),
    DriftWeek("b", WEEKS[1], 1, 1, 1, 1, 1, 3, 2, {"clogs": 1}, {"brands": {"Sol": 1}, "words": {"and": 1, "clog": 1}}),
    DriftWeek("b", WEEKS[2], 1, 1, 1, 1, 0, 2, 1, {"clogs": 1}, {"brands": {}, "words": {"green": 1}}),
]


def counted(products) -> list[DriftWeek]:
    counter = DriftCounter()
    counter.add(products)
    return counter.weeks()


def test_three_weeks_of_two_platforms_are_counted_as_by_hand():
    assert counted(CATALOGUE) == EXPECTED


@given(st.permutations(CATALOGUE))
def test_the_order_in_which_products_are_read_changes_no_count(products):
    def bare(weeks):
        return [
            (w.platform, w.week, w.n_products, w.n_unseen_brands, w.n_unseen_words, w.unseen["words"]) for w in weeks
        ]

    assert bare(counted(products)) == bare(EXPECTED)


def test_reading_in_parts_is_reading_at_once():
    counter = DriftCounter()
    for product in CATALOGUE:
        counter.add([product])
    assert counter.weeks() == EXPECTED


def test_the_first_week_is_the_yardstick_and_has_nothing_unseen():
    [week] = counted(CATALOGUE[:1])
    assert (week.n_unseen_brands, week.n_unseen_words, week.unseen) == (0, 0, {"brands": {}, "words": {}})


@pytest.mark.parametrize(("limit", "n_unsure"), [(0.2, 0), (0.4, 2), (0.95, 5)])
def test_a_prediction_is_unsure_below_the_limit_and_not_at_it(limit, n_unsure):
    counter = DriftCounter(unsure_below=limit)
    counter.add(CATALOGUE)
    assert sum(week.n_unsure for week in counter.weeks()) == n_unsure


def test_how_sure_a_model_is_of_what_taught_it_counts_for_nothing_but_its_category_does():
    taught = replace(arrived("a", 0, "Red boot", "Nord", "boots", 0.3), is_taught=True)
    [week] = counted([taught, arrived("a", 0, "Blue boot", "", "boots", 0.4)])
    assert (week.n_products, week.n_predicted, week.n_unsure) == (2, 1, 1)
    assert week.categories == {"boots": 2}


def test_only_the_most_frequent_terms_keep_their_names_but_all_count():
    words = [f"new{number:02d}" for number in range(N_SHOWN + 5)]
    title = " ".join([*words, words[-1]])
    later = counted([CATALOGUE[0], arrived("a", 1, title)])[1]
    assert later.n_unseen_words == N_SHOWN + 6
    assert list(later.unseen["words"].items())[:2] == [(words[-1], 2), (words[0], 1)]
    assert len(later.unseen["words"]) == N_SHOWN


def test_a_week_goes_by_utc_and_by_the_iso_year():
    evening = datetime(2026, 11, 8, 23, 30, tzinfo=timezone(-timedelta(hours=5)))
    assert iso_week(evening) == "2026-W46"
    assert iso_week(datetime(2027, 1, 1, tzinfo=UTC)) == "2026-W53"
