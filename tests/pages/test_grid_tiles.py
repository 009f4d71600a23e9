"""Tiles that say more than which product they show."""

from pages._shared.grid import GridTarget, GridTile, _tile_targets, read_act, tile_item
from tests.pages.test_grid import item, sent


def test_a_tile_is_named_by_its_own_id_and_keeps_the_products_title_for_the_enlargement():
    drawn = tile_item(
        GridTile(9, item(), "Boots", "now in Shoes", sure=0.4321, is_doubtful=True, alert="stages disagree")
    )
    assert (drawn["id"], drawn["title"], drawn["heading"]) == (9, "Boots", "Boot")
    assert (drawn["sure"], drawn["sure_text"], drawn["is_doubtful"]) == (0.4321, "43 %", True)


def test_a_tile_that_is_not_judged_has_no_bar():
    assert "sure" not in tile_item(GridTile(9, item(), "Boots", ""))


def test_a_tile_names_its_targets_by_their_place():
    targets = [GridTarget("a", "A"), GridTarget("b", "B")]
    assert _tile_targets(targets, {7: ["b"], 8: []}) == {"7": [1], "8": []}
    assert _tile_targets(targets, None) is None


def test_an_act_tells_which_tile_has_the_focus_after_it():
    assert read_act(sent(focus=4), "boots").focus == 4
    assert read_act(sent(), "boots").focus is None
