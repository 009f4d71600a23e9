import re

import pytest

from core.services.grid_items import GridItem
from pages._shared.grid import GridAct, grid_item, grid_module, read_act, thumb_url


def item(**changes):
    values = {"product_id": 1, "external_id": "a1", "title": "Boot", "brand": "Nord", "platform": "two", "price": 9.5,
              "currency": "EUR", "image_hash": "f" * 64, "path": "Apparel > Shoes", "note": ""}  # fmt: skip
    return GridItem(**{**values, **changes})


def sent(**changes):
    values = {"action": "move", "choice": "7", "ids": [3, 1], "is_all": False, "filter_key": "boots"}
    return {**values, **changes}


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


def test_an_act_names_its_products():
    assert read_act(sent(), "boots") == GridAct("move", "7", (3, 1))
    assert read_act(None, "boots") is None


def test_everything_in_a_filter_is_only_done_under_that_filter():
    everything = sent(is_all=True)
    assert read_act(everything, "boots") == GridAct("move", "7", (3, 1), is_all=True)
    assert read_act(everything, "sandals") is None
    assert read_act(sent(), "sandals") is not None


@pytest.fixture(scope="module")
def module():
    return grid_module()


def test_the_parts_of_the_module_join_into_one(module):
    assert len(re.findall(r"^export ", module, re.MULTILINE)) == 1
    assert re.findall(r"^import ", module, re.MULTILINE) == []


def test_no_two_parts_of_the_module_use_a_name_for_themselves(module):
    names = re.findall(r"^(?:const|let|class|function|async function) (\w+)", module, re.MULTILINE)
    assert len(names) > 20
    assert len(names) == len(set(names))


def test_the_module_never_reads_words_of_a_catalogue_as_html(module):
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", module) == []
