"""The image grid under a real mouse: selecting, turning pages, enlarging, and how quick it is."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
BOOTS = "1"
FEEDBACK_MS = 100
TURN_MS = 500


def test_a_click_selects_one_tile_alone_and_a_second_click_none(open_grid):
    grid = open_grid()
    grid.tile(4).click()
    grid.tile(6).click()
    assert grid.selected() == [6]
    grid.tile(6).click()
    assert grid.selected() == []


def test_ctrl_click_adds_and_takes_away_and_shift_click_takes_the_range(open_grid):
    grid = open_grid()
    grid.tile(2).click()
    grid.tile(9).click(modifiers=["Control"])
    grid.tile(12).click(modifiers=["Shift"])
    assert grid.selected() == [2, 9, 10, 11, 12]
    grid.tile(10).click(modifiers=["Shift"])
    assert grid.selected() == [2, 9, 10]
    grid.tile(2).click(modifiers=["Control"])
    assert grid.selected() == [9, 10]
    grid.says("2 selected")


def test_a_box_selects_what_it_touches_and_with_ctrl_adds(open_grid):
    grid = open_grid()
    columns = grid.tiles.evaluate_all("nodes => nodes.filter((n) => n.offsetTop === nodes[0].offsetTop).length")
    grid.drag(grid.tile(1), grid.tile(columns + 3), from_gap=True)
    rectangle = [1, 2, 3, columns + 1, columns + 2, columns + 3]
    assert grid.selected() == rectangle
    grid.drag(grid.tile(6), grid.tile(7), modifier="Control")
    assert grid.selected() == sorted([*rectangle, 6, 7])
    grid.drag(grid.tile(5), grid.tile(6))
    assert grid.selected() == [5, 6]


def test_ctrl_a_twice_selects_everything_in_the_filter(open_grid):
    grid = open_grid()
    grid.tile(0).click()
    grid.page.keyboard.press("Control+a")
    assert len(grid.selected()) == 48
    banner = grid.box.get_by_test_id("grid-banner")
    expect(banner).to_contain_text("All 48 on this page are selected.")
    expect(banner.get_by_role("button")).to_have_text("Select all 150 in this filter")
    grid.page.keyboard.press("Control+a")
    grid.says("All 150 selected")
    grid.page.keyboard.press(BOOTS)
    expect(grid.box.get_by_text("Nothing here.")).to_be_visible()
    expect(grid.page.get_by_text("move boots 150 all")).to_be_visible()


def test_a_click_takes_back_everything_in_the_filter(open_grid):
    grid = open_grid()
    grid.tile(0).click()
    grid.page.keyboard.press("Control+a")
    grid.box.get_by_test_id("grid-select-all").click()
    grid.says("All 150 selected")
    grid.tile(3).click()
    grid.says("1 selected")


def test_turning_the_page_keeps_the_selection_and_an_act_reaches_all_of_it(open_grid):
    grid = open_grid()
    grid.tile(1).click()
    grid.tile(2).click(modifiers=["Control"])
    expect(grid.box.get_by_test_id("grid-range")).to_have_text("1–48 of 150")
    grid.page.keyboard.press("PageDown")
    grid.tile(50).click(modifiers=["Control"])
    grid.says("3 selected, 2 of them on other pages")
    expect(grid.box.get_by_test_id("grid-range")).to_have_text("49–96 of 150")
    assert grid.focused() == "50"
    grid.page.keyboard.press("e")
    grid.logs("exclude None 3 [1, 2, 50]")
    number = grid.box.get_by_test_id("grid-page-number")
    number.fill("4")
    number.press("Enter")
    expect(grid.box.get_by_test_id("grid-range")).to_have_text("145–147 of 147")
    expect(grid.tile(149)).to_be_visible()
    expect(grid.box.get_by_test_id("grid-next")).to_be_disabled()


def test_pages_turned_faster_than_the_server_answers_end_on_the_last_one_asked_for(open_grid):
    grid = open_grid()
    grid.tile(0).click()
    for _ in range(3):
        grid.page.keyboard.press("PageDown")
    expect(grid.tiles.first).to_have_attribute("data-product-id", "144")
    grid.page.keyboard.press("PageUp")
    expect(grid.tiles.first).to_have_attribute("data-product-id", "96")
    grid.logs()


def test_another_filter_starts_without_a_selection(open_grid):
    grid = open_grid()
    grid.tile(1).click()
    grid.page.keyboard.press("/")
    grid.page.keyboard.type("sandal")
    grid.page.keyboard.press("Enter")
    expect(grid.tiles.first).to_have_attribute("data-product-id", "1")
    expect(grid.tile(5)).to_be_visible()
    assert grid.selected() == []
    grid.focus_comes_to(1)


def test_a_title_that_looks_like_html_is_shown_as_text(open_grid):
    grid = open_grid()
    hostile = '<img src=x onerror="window.harmed = true">'
    expect(grid.tile(3).locator(".title")).to_have_text(hostile)
    grid.tile(3).dblclick()
    expect(grid.box.get_by_role("dialog").get_by_role("heading")).to_have_text(hostile)
    grid.page.keyboard.press("Escape")
    grid.tile(3).hover()
    expect(grid.box.get_by_test_id("grid-card").get_by_role("heading")).to_have_text(hostile)
    assert grid.page.evaluate("window.harmed") is None


def test_enlarged_the_arrows_go_on_and_acts_work(open_grid):
    grid = open_grid()
    grid.tile(1).focus()
    grid.page.keyboard.press("Enter")
    box = grid.box.get_by_role("dialog")
    expect(box).to_contain_text("Apparel & Accessories > Shoes")
    expect(box).to_contain_text("20.90 EUR")
    grid.page.keyboard.press("ArrowRight")
    expect(box.get_by_role("heading")).to_have_text("Light running shoe 2")
    grid.page.keyboard.press(BOOTS)
    grid.logs("move boots 1 [2]")
    expect(box.get_by_role("heading")).to_contain_text("onerror")
    grid.page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    assert grid.focused() == "3"


def test_the_grid_talks_with_a_map_by_events_of_the_window(open_grid):
    grid = open_grid()
    grid.page.evaluate(
        "window.heard = null; addEventListener('shelfwise:selection', (event) => { window.heard = event.detail; })"
    )
    grid.tile(7).click()
    grid.page.wait_for_function("() => window.heard && window.heard.ids.length === 1")
    heard = grid.page.evaluate("heard")
    assert heard["ids"] == [7]
    assert heard["grid"].startswith("grid_")
    grid.page.evaluate("dispatchEvent(new CustomEvent('shelfwise:map-hover', { detail: { ids: [2, 5] } }))")
    pointed = grid.tiles.evaluate_all("ns => ns.filter((n) => n.matches('.pointed')).map((n) => n.dataset.productId)")
    assert pointed == ["2", "5"]


def test_a_box_drawn_to_the_edge_scrolls_and_goes_on(open_grid):
    grid = open_grid("per=60")
    start = grid.tile(0).bounding_box()
    grid.page.mouse.move(start["x"] + 10, start["y"] + 10)
    grid.page.mouse.down()
    grid.page.mouse.move(1300, 880, steps=4)
    expect(grid.tile(59)).to_have_attribute("aria-selected", "true")
    grid.page.mouse.up()
    assert grid.selected() == list(range(60))


PRESS = """async (tile) => {
  const press = (key) => tile.dispatchEvent(new KeyboardEvent('keydown',
    { key, ctrlKey: key === 'a', bubbles: true, composed: true, cancelable: true }));
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const times = [];
  for (let round = 0; round < 9; round += 1) {
    const began = performance.now();
    press('a');
    await painted();
    times.push(performance.now() - began);
    press('Escape');
    await painted();
  }
  return times;
}"""


def test_selecting_sixty_tiles_is_drawn_within_a_tenth_of_a_second(open_grid):
    grid = open_grid("per=60")
    grid.tile(0).focus()
    grid.page.keyboard.press("Control+a")
    assert len(grid.selected()) == 60
    grid.page.keyboard.press("Escape")
    times = sorted(grid.tile(0).evaluate(PRESS))
    print("selection feedback, ms:", [round(time) for time in times])
    assert times[len(times) // 2] < FEEDBACK_MS


def test_the_next_page_is_drawn_within_half_a_second(open_grid):
    grid = open_grid("per=60")
    took = grid.box.get_by_test_id("grid-next").evaluate(
        """async (next) => {
          const root = next.getRootNode();
          const began = performance.now();
          next.click();
          const id = root.querySelector('.tile').dataset.productId;
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          return { id, ms: performance.now() - began };
        }"""
    )
    print("next page, ms:", round(took["ms"]))
    assert took["id"] == "60"
    assert took["ms"] < TURN_MS
