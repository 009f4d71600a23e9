"""What rose and what grew: certain and large changes are told, small numbers and chance are not."""

import pytest

from core.domain.drift import DriftWeek
from core.inference.drift_change import Measure, growing_categories, newest_telling_week, share_changes
from core.inference.proportions import critical_value, difference_interval

PARENT = {"boots": ("shoes", "boots"), "heels": ("shoes", "heels"), "coats": ("coats",), "gone": ()}


def week(platform, number, n=200, unsure=10, brands=0, words=0, categories=None):
    """So many products with a brand and five words each, of which these are unseen."""
    return DriftWeek(platform, f"2026-W{number}", n, n, unsure, n, brands, 5 * n, words, categories or {"coats": n})


def risen(weeks, number):
    found = share_changes(weeks, f"2026-W{number}")
    return [(change.platform, change.measure) for change in found if change.has_risen]


def test_a_share_that_doubles_in_many_products_has_risen():
    weeks = [week("a", 40), week("a", 41, unsure=12), week("a", 42, unsure=60)]
    assert risen(weeks, 42) == [("a", Measure.UNSURE)]
    [change] = [one for one in share_changes(weeks, "2026-W42") if one.has_risen]
    assert (change.share, change.share_before, change.n_products_before) == (0.3, 22 / 400, 400)
    assert not change.is_against_others
    assert 0 < change.low < 0.3 - 22 / 400


def test_small_numbers_never_rise():
    weeks = [week("a", 40), week("a", 41), week("a", 42, n=8, unsure=8, brands=8, words=40)]
    assert risen(weeks, 42) == []
    assert risen([week("a", 40, n=20, unsure=0), week("a", 41, n=20, unsure=20)], 41) == []


def test_chance_and_trifles_do_not_rise():
    assert risen([week("a", 40, unsure=10), week("a", 41, unsure=16)], 41) == [], "6 more of 200 may be chance"
    many = [week("a", 40, n=200_000, unsure=10_000), week("a", 41, n=200_000, unsure=11_000)]
    assert share_changes(many, "2026-W41")[0].low > 0
    assert risen(many, 41) == [], "half a point is certain, and does not matter"


def test_a_fall_is_not_told():
    assert risen([week("a", 40, unsure=150), week("a", 41, unsure=5)], 41) == []


def test_brands_and_words_of_the_yardstick_are_compared_with_nothing():
    first, second = week("a", 40), week("a", 41, brands=50, words=300)
    assert {change.measure for change in share_changes([first, second], "2026-W40")} == {Measure.UNSURE}
    told = {change.measure: change.share_before for change in share_changes([first, second], "2026-W41")}
    assert told == {Measure.UNSURE: 0.05, Measure.BRANDS: None, Measure.WORDS: None}
    assert risen([first, second], 41) == []


def test_a_new_platform_is_compared_with_the_others():
    weeks = [week("a", 40), week("a", 41, brands=10), week("a", 42, brands=8), week("new", 42, brands=200)]
    assert risen(weeks, 42) == [("new", Measure.BRANDS)]
    changes = [change for change in share_changes(weeks, "2026-W42") if change.platform == "new"]
    assert all(change.is_against_others for change in changes)


def test_words_count_no_more_than_the_titles_they_come_from():
    weeks = [week("a", 40), week("a", 41, n=40, unsure=0, words=16), week("a", 42, n=40, unsure=0, words=40)]
    z = critical_value(3)
    assert difference_interval(40, 200, 16, 200, z)[0] > 0, "certain, if each word were drawn by itself"
    assert risen(weeks, 42) == []


def test_a_category_that_grows_is_found_at_every_level():
    before = [week("a", 40 + number, categories={"boots": 4, "heels": 40, "coats": 156}) for number in range(3)]
    now = week("a", 43, categories={"boots": 40, "heels": 40, "coats": 120})
    grown = growing_categories([*before, now], "2026-W43", PARENT.get)
    assert [one.node_id for one in grown] == ["boots", "shoes"]
    assert (grown[0].n, grown[0].n_week, grown[0].n_before, grown[0].n_weeks_before) == (40, 200, 12, 600)
    assert 1 < grown[0].ratio_low < grown[0].share / grown[0].share_before == pytest.approx(10)
    assert 1 < grown[1].ratio_low < 80 / 200 / (132 / 600)


def test_a_handful_of_products_is_no_growth():
    before = week("a", 40, categories={"coats": 200})
    assert (
        growing_categories([before, week("a", 41, categories={"boots": 9, "coats": 191})], "2026-W41", PARENT.get) == []
    )
    assert growing_categories([before, week("a", 41, n=20, categories={"boots": 20})], "2026-W41", PARENT.get) == []


def test_predictions_of_a_node_that_nobody_knows_any_more_are_left_out():
    weeks = [week("a", 40, categories={"coats": 200}), week("a", 41, categories={"gone": 150, "coats": 50})]
    assert growing_categories(weeks, "2026-W41", PARENT.get) == []


def test_the_newest_week_with_enough_products_is_the_one_to_tell_of():
    assert newest_telling_week([week("a", 40)]) is None
    assert newest_telling_week([week("a", 40), week("a", 41), week("a", 42, n=3)]) == "2026-W41"
    assert newest_telling_week([week("a", 40), week("a", 41, n=3)]) == "2026-W41", "few are better than none"
