from core.discovery.review_order import SCREEN
from core.services.review import GridItem
from pages._shared.grid import STEP, grid_item, thumb_url


def item(**changes):
    values = {"product_id": 1, "external_id": "a1", "title": "Boot", "brand": "Nord", "platform": "two", "price": 9.5,
              "currency": "EUR", "image_hash": "f" * 64, "path": "Apparel > Shoes", "note": ""}  # fmt: skip
    return GridItem(**{**values, **changes})


def test_a_product_without_an_image_has_no_address_for_one():
    assert thumb_url(None) is None
    assert grid_item(item(image_hash=None))["thumb"] is None


def test_an_image_is_found_by_its_content():
    assert thumb_url("ab" * 32) == f"/thumbs/{'ab' * 32}"


def test_the_enlargement_lists_what_is_known_and_nothing_else():
    known = dict(grid_item(item(brand="", price=None))["facts"])
    assert known == {"Platform": "two", "Path": "Apparel > Shoes", "Id": "a1"}


def test_the_platform_stands_in_for_a_missing_brand():
    assert grid_item(item())["subtitle"] == "Nord"
    assert grid_item(item(brand=""))["subtitle"] == "two"


def test_a_grid_opens_with_the_screen_that_was_mixed_for_it():
    assert STEP == SCREEN
