"""What people and catalogues write is shown as they wrote it, never as formatting."""

import pytest

from core.discovery.reduction import MINIMUM_PRODUCTS
from core.services import review
from pages._parts import discover_form
from pages._shared import words

MARKS = "**bold** $x$ [a](b) &lt;"


def first_group(ctx):
    return next(cluster for cluster in review.open_review(ctx, 1).clusters if cluster.level == 1)


def name_first_group(at, ctx, name):
    prefix = f"name_{first_group(ctx).id}_"
    next(field for field in at.text_input if field.key.startswith(prefix)).set_value(name).run()


@pytest.mark.parametrize("mark", "*_`$[]<>~:&#|")
def test_every_mark_of_formatting_is_escaped(mark):
    assert words.plain(f"a{mark}b") == f"a\\{mark}b"


def test_a_name_that_is_refused_is_quoted_as_it_was_typed(home, ctx, open_page):
    at = open_page("review.py")
    name_first_group(at, ctx, f"{MARKS} > deeper")
    assert words.plain(MARKS) in at.error[0].value
    assert words.plain(MARKS) in at.toast[0].value


def test_what_was_taken_back_is_said_as_it_was_typed(home, ctx, open_page):
    at = open_page("review.py")
    name_first_group(at, ctx, MARKS)
    assert words.plain(MARKS) in at.button(key="review_undo").help
    at.button(key="review_undo").click().run()
    assert words.plain(MARKS) in at.toast[0].value


def test_the_form_asks_for_as_many_products_as_a_discovery_needs():
    assert discover_form.FEWEST == MINIMUM_PRODUCTS
