"""How much speaks for another discovery, and how it is said."""

import pytest

from core.discovery.reduction import MINIMUM_PRODUCTS
from core.inference.discovery_worth import Evidence, is_markedly_worse, worth
from core.inference.drift_change import GrowingCategory
from core.inference.proportions import wilson_interval
from core.services.discovery_proposals import WORTHWHILE


def test_corrections_count_by_their_lower_bound():
    score, reasons = worth(Evidence(200, n_decided=80, n_corrected=31), 0.0)
    assert score == pytest.approx(wilson_interval(31, 80)[0])
    assert reasons == ("31 of 80 decided predictions were corrected.",)


@pytest.mark.parametrize("evidence", [
    Evidence(200),
    Evidence(200, n_decided=1, n_corrected=1),
    Evidence(200, n_decided=9, n_corrected=9),
    Evidence(200, n_decided=200, n_corrected=10),
    Evidence(200, n_predicted=5, n_unsure=5),
    Evidence(200, n_predicted=200, n_unsure=20),
    Evidence(200, n_unsorted=200),
    Evidence(200, n_unsorted=29, n_subcategories=3),
    Evidence(200, growth=GrowingCategory("x", 20, 100, 15, 100, 1.1)),
])  # fmt: skip
def test_a_few_cases_and_ordinary_mistakes_propose_nothing(evidence):
    assert worth(evidence, 0.1) == (0.0, ())


def test_every_reason_adds_and_the_strongest_comes_first():
    growth = GrowingCategory("x", 110, 1000, 40, 1000, 1.9)
    evidence = Evidence(400, 80, 31, 400, 120, 120, 6, growth=growth, growth_week="2026-W07")
    score, reasons = worth(evidence, 0.05)
    assert reasons == (
        "It grew from 4 % to 11 % of new products (110 in week 7), at least 1.9 times as much.",
        "31 of 80 decided predictions were corrected.",
        "120 of 400 predictions are unsure: 30 %, against 5 % in the whole catalogue.",
        "120 products are in none of its 6 subcategories.",
    )
    assert max(1 - 1 / 1.9, wilson_interval(31, 80)[0]) < score < 1


def test_what_came_since_the_last_discovery_is_said_so():
    _, reasons = worth(Evidence(100, n_unsorted=60, n_subcategories=1, was_discovered=True), 0.0)
    assert reasons == ("60 products that came since its last discovery are not in its one subcategory.",)


def test_markedly_worse_is_twice_the_odds():
    assert is_markedly_worse(0.5, 1 / 3 - 1e-9)
    assert not is_markedly_worse(0.5, 1 / 3 + 1e-6)
    assert is_markedly_worse(0.9, 0.8)
    assert not is_markedly_worse(0.0, 0.3)


def test_what_is_proposed_is_large_enough_to_be_discovered():
    assert WORTHWHILE >= MINIMUM_PRODUCTS
