"""The image grid under a real keyboard."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
BOOTS, SANDALS = "1", "2"


def test_keys_rest_while_a_field_has_the_focus(open_grid):
    grid = open_grid()
    grid.tile(1).click()
    field = grid.page.get_by_label("Name")
    field.fill("")
    field.press_sequentially("ezn1?m")
    expect(field).to_have_value("ezn1?m")
    expect(grid.page.get_by_role("dialog")).to_have_count(0)
    grid.page.keyboard.press("Tab")
    grid.page.keyboard.press("Tab")
    grid.tile(2).click()
    grid.page.keyboard.press("e")
    grid.logs("exclude None 1 [2]")


def test_a_key_leads_into_a_field_and_escape_leads_back_without_a_trace(open_grid):
    grid = open_grid()
    grid.tile(3).click()
    grid.page.keyboard.press("n")
    field = grid.page.get_by_label("Name")
    expect(field).to_be_focused()
    grid.page.keyboard.type("Slippers")
    grid.page.keyboard.press("Escape")
    expect(field).to_have_value("Loafers")
    grid.focus_comes_to(3)


def test_the_keyboard_alone_selects_moves_and_goes_on(open_grid):
    grid = open_grid()
    grid.page.keyboard.press("ArrowRight")
    grid.page.keyboard.press("ArrowRight")
    assert grid.focused() == "1"
    grid.page.keyboard.press("Space")
    grid.page.keyboard.press("Shift+ArrowRight")
    grid.page.keyboard.press("Shift+ArrowRight")
    grid.page.keyboard.press("Shift+ArrowLeft")
    assert grid.selected() == [1, 2]
    grid.page.keyboard.press("m")
    menu = grid.box.get_by_role("menu")
    grid.page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitem", name="Beach sandals")).to_be_focused()
    grid.page.keyboard.press("Enter")
    grid.logs("move sandals 2 [1, 2]")
    expect(grid.tile(1)).to_have_count(0)
    assert grid.focused() == "3"
    grid.page.keyboard.press("End")
    assert grid.focused() == str(grid.shown()[-1])
    grid.page.keyboard.press("z")
    grid.logs("move sandals 2 [1, 2]", "undo None 0 []")
    grid.page.keyboard.press("Shift+Z")
    grid.logs("move sandals 2 [1, 2]", "undo None 0 []", "redo None 0 []")


def test_an_act_key_takes_the_tile_in_focus_and_without_one_asks_for_a_selection(open_grid):
    grid = open_grid()
    grid.page.keyboard.press("e")
    expect(grid.box.get_by_test_id("grid-note")).to_have_text("Select products first")
    grid.page.keyboard.press("ArrowDown")
    grid.page.keyboard.press("e")
    grid.logs("exclude None 1 [0]")


def test_looking_keeps_the_selection(open_grid):
    grid = open_grid()
    grid.tile(4).click()
    grid.page.keyboard.press("f")
    grid.logs("similar None 1 [4]")
    assert grid.selected() == [4]


def test_the_list_of_keys_holds_what_this_grid_has(open_grid):
    grid = open_grid()
    grid.page.keyboard.press("?")
    keys = grid.box.get_by_role("dialog", name="Keys")
    for text in ("Ankle boots", "Exclude", "Undo", "Search by words", "Turn the page"):
        expect(keys.get_by_text(text, exact=True)).to_be_visible()
    grid.page.keyboard.press("Escape")
    expect(keys).to_have_count(0)


def test_a_grid_that_left_the_page_hears_no_keys_and_one_that_came_back_hears_them_once(open_grid):
    grid = open_grid()
    shown = grid.page.get_by_text("Shown", exact=True)
    grid.tile(2).click()
    shown.click()
    expect(grid.tiles).to_have_count(0)
    grid.page.keyboard.press("z")
    shown.click()
    grid.tile(2).wait_for()
    assert grid.selected() == [2]
    grid.page.keyboard.press("z")
    grid.logs("undo None 0 []")


def test_digits_send_the_selection_at_once_and_the_next_act_does_not_wait_for_the_answer(open_grid):
    grid = open_grid("wait=0.4")
    grid.tile(1).click()
    grid.tile(2).click(modifiers=["Control"])
    grid.page.keyboard.press(BOOTS)
    assert grid.tile(1).get_attribute("class") == "tile going"
    grid.tile(5).click()
    grid.page.keyboard.press(SANDALS)
    grid.page.keyboard.press("e")
    grid.logs("move boots 2 [1, 2]", "move sandals 1 [5]", "exclude None 1 [6]")
    assert grid.shown()[:4] == [0, 3, 4, 7]
    assert grid.focused() == "7"


def test_of_two_grids_the_one_with_commands_owns_the_page(open_grid):
    grid = open_grid("also=1")
    grid.tile(1).click()
    grid.page.get_by_text("Grid", exact=True).click()
    grid.page.keyboard.press("e")
    grid.logs("exclude None 1 [1]")
    other = grid.page.locator(".st-key-other_grid").get_by_test_id("tile")
    other.nth(1).click()
    grid.page.keyboard.press("e")
    grid.logs("exclude None 1 [1]", "exclude None 1 [901]")
    grid.page.keyboard.press("z")
    grid.logs("exclude None 1 [1]", "exclude None 1 [901]", "undo None 0 []")
