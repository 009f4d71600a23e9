"""The history of one category."""

from core.services import history, taxonomy_edit
from core.services.node_history import history_of_node
from core.services.taxonomy import find_category

SHOES = ("Apparel & Accessories", "Shoes")


def test_a_category_knows_who_did_what_to_it_and_why_newest_first(imported):
    shoes, apparel = find_category(imported, SHOES), find_category(imported, SHOES[:1])
    taxonomy_edit.rename(imported, shoes, "Footwear", revisions={}, author="Ada", why="customers say so")
    taxonomy_edit.move(imported, [shoes], "root", revisions={}, author="Bob")
    told = history_of_node(imported, shoes)
    assert [(event.author, event.summary, event.why) for event in told] == [
        ("Bob", "Moved 'Footwear' to 'All products'", ""),
        ("Ada", "Renamed 'Shoes' to 'Footwear'", "customers say so"),
    ]
    assert history_of_node(imported, apparel) == []


def test_an_act_that_was_taken_back_says_so_and_is_told_once(imported):
    shoes = find_category(imported, SHOES)
    taxonomy_edit.rename(imported, shoes, "Footwear", revisions={}, author="Ada")
    history.undo(imported, history.TAXONOMY, "Ada")
    [event] = history_of_node(imported, shoes)
    assert (event.summary, event.is_undone) == ("Renamed 'Shoes' to 'Footwear'", True)
    history.redo(imported, history.TAXONOMY, "Ada")
    assert [event.is_undone for event in history_of_node(imported, shoes)] == [False]


def test_a_merge_is_told_of_every_category_it_touched(imported):
    shoes = find_category(imported, SHOES)
    ids = [taxonomy_edit.add_category(imported, shoes, name, revisions={}, author="Ada").node_ids[0] for name in "AB"]
    taxonomy_edit.merge(imported, [ids[0]], ids[1], revisions={}, author="Ada")
    assert history_of_node(imported, ids[0])[0].summary == "Merged 'A' into 'B'"
