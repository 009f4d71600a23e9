from datetime import UTC, datetime, timedelta

import pytest

from core.domain.discovery import ClusterQuality
from pages._shared import words


@pytest.mark.parametrize(("n", "said"), [(0, "0 products"), (1, "1 product"), (2500, "2,500 products")])
def test_count_agrees_in_number(n, said):
    assert words.count(n, "product") == said


def test_count_takes_an_irregular_plural():
    assert words.count(2, "category", "categories") == "2 categories"


@pytest.mark.parametrize(("silhouette", "word"), [(0.7, "tight"), (0.3, "clear"), (0.1, "mixed"), (-0.4, "mixed")])
def test_quality_is_said_in_a_word(silhouette, word):
    assert words.quality_word(ClusterQuality(silhouette))[0] == word


def test_quality_help_gives_the_figures_behind_the_word():
    said = words.quality_help(ClusterQuality(0.42, 0.9))
    assert "0.42" in said
    assert "90 %" in said


@pytest.mark.parametrize(
    ("back", "said"),
    [(timedelta(seconds=5), "just now"), (timedelta(minutes=1), "1 minute ago"), (timedelta(hours=30), "1 day ago")],
)
def test_ago_rounds_down_to_one_unit(back, said):
    assert words.ago(datetime.now(UTC) - back) == said


def test_ago_takes_a_naive_moment_for_utc():
    assert words.ago(datetime.now(UTC).replace(tzinfo=None)) == "just now"


def test_plain_defuses_markdown_of_a_catalogue():
    assert words.plain("[a](b) **c** :red[d] $x$") == r"\[a\]\(b\) \*\*c\*\* \:red\[d\] \$x\$"


def test_price_without_a_value_is_empty():
    assert words.price(None, "EUR") == ""
    assert words.price(1234.5, "EUR") == "1,234.50 EUR"


def test_a_share_is_never_rounded_to_none_or_all():
    assert [words.sure(share) for share in (0.0, 0.0004, 0.5, 0.994, 0.9996, 1.0)] == [
        "0 %", "< 1 %", "50 %", "99 %", "> 99 %", "100 %",
    ]  # fmt: skip
