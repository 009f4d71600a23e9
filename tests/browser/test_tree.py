"""The tree in a real Chromium: ten thousand nodes, keyboard alone, what a screen reader is told, and every act."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PAGE = Path(__file__).with_name("tree_page.py")
SHOPIFY = Path(__file__).resolve().parents[3] / "shared" / "data" / "taxonomies" / "shopify_taxonomy_2024-07.csv"
SEARCH_MS = 300
MOST_ROWS = 60
needs_shopify = pytest.mark.skipif(not SHOPIFY.exists(), reason="needs Shopify's taxonomy in the shared data")

TYPE = """async ([root, text]) => {
  const input = root.querySelector('input[type=search]');
  const started = performance.now();
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  root.querySelector('.list').getBoundingClientRect();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - started;
}"""


@pytest.fixture
def big(page: Page, serve_script):
    page.goto(serve_script(PAGE))
    rows(page).first.wait_for()
    return page


@pytest.fixture
def small(page: Page, serve_script):
    page.goto(f"{serve_script(PAGE)}/?small=1")
    rows(page).first.wait_for()
    return page


def rows(page):
    return page.get_by_test_id("tree-row")


def row(page, path):
    return page.locator(f'[data-testid="tree-row"][data-path="{path}"]')


def tree_of(page):
    return page.get_by_test_id("tree-list")


def press(page, *keys):
    for key in keys:
        tree_of(page).press(key)


def active_name(page):
    return page.locator("[data-testid=tree-row].active .name").inner_text()


@needs_shopify
def test_a_search_of_ten_thousand_nodes_answers_at_once_and_draws_only_what_is_in_sight(big):
    root = big.get_by_test_id("category-tree").element_handle()
    times = {text: big.evaluate(TYPE, [root, text]) for text in ("s", "sh", "shoe", "women shirts", "a", "boots")}
    assert max(times.values()) < SEARCH_MS, times
    assert rows(big).count() <= MOST_ROWS
    press(big, "End")
    assert rows(big).count() <= MOST_ROWS
    sizes = rows(big).last.evaluate("row => [row.ariaSetSize, row.ariaPosInSet, row.ariaLevel].map(Number)")
    assert all(size > 0 for size in sizes)


@needs_shopify
def test_the_best_match_comes_first_under_its_ancestors_and_whole_paths_match(big):
    search = big.get_by_test_id("tree-search")
    search.fill("boots")
    expect(big.locator("[data-testid=tree-row].active .name")).to_have_text("Boots")
    assert rows(big).nth(1).inner_text().split("\n")[1] == "Apparel & Accessories"
    search.fill("apparel & accessories > shoes > boots")
    expect(big.locator("[data-testid=tree-row].active")).to_have_attribute(
        "data-path", "All products > Apparel & Accessories > Shoes > Boots"
    )
    search.fill("no such thing at all")
    expect(big.get_by_text("Nothing by that name.")).to_be_visible()


@needs_shopify
def test_open_branches_and_the_scroll_position_survive_reruns_and_an_edit(big):
    row(big, "All products > Apparel & Accessories").locator(".chevron").click()
    row(big, "All products > Apparel & Accessories > Clothing").wait_for()
    tree_of(big).evaluate("list => { list.scrollTop = 320; }")
    for button in ("Again", "Edit"):
        before = big.get_by_text("runs:").inner_text()
        big.get_by_role("button", name=button, exact=True).click()
        expect(big.get_by_text(before, exact=True)).to_have_count(0)
        assert tree_of(big).evaluate("list => list.scrollTop") == 320
        expect(row(big, "All products > Apparel & Accessories")).to_have_attribute("aria-expanded", "true")
    big.get_by_test_id("tree-search").fill("edited name")
    expect(big.locator("[data-testid=tree-row].active .name")).to_have_text("Edited name")


def test_a_name_is_text_and_synonyms_and_accents_are_found(small):
    expect(rows(small).filter(has_text="<img src=x onerror=")).to_have_count(1)
    search = small.get_by_test_id("tree-search")
    for text in ("FUR KINDER", "schuhe für", "kids foot"):
        search.fill(text)
        expect(rows(small).filter(has_text="Schuhe für Kinder")).to_have_count(1)
    search.fill("kids")
    expect(small.get_by_text("also: Kids' footwear")).to_be_visible()
    assert small.evaluate("window.harmed") is None


def test_the_keyboard_alone_walks_opens_and_chooses(small):
    small.get_by_test_id("tree-search").focus()
    small.keyboard.press("ArrowDown")
    expect(tree_of(small)).to_be_focused()
    press(small, "Home", "ArrowDown")
    assert active_name(small) == "Schuhe für Kinder"
    press(small, "ArrowLeft")
    expect(row(small, "All products > Schuhe für Kinder")).to_have_attribute("aria-expanded", "false")
    press(small, "ArrowRight", "ArrowRight")
    assert active_name(small).startswith("<img")
    press(small, "ArrowLeft", "Enter")
    expect(small.get_by_text("chosen: a", exact=True)).to_be_visible()
    press(small, "b")
    assert active_name(small) == "Bags"
    expect(tree_of(small)).to_have_attribute("aria-activedescendant", "tree-3")
    press(small, "Home", "ArrowUp")
    expect(small.get_by_test_id("tree-search")).to_be_focused()


def test_several_are_chosen_with_ctrl_shift_and_the_keyboard(small):
    row(small, "All products > Bags").click()
    row(small, "All products > Schuhe für Kinder").click(modifiers=["Control"])
    expect(small.get_by_text("chosen: c a", exact=True)).to_be_visible()
    row(small, "All products > Schuhe für Kinder").click()
    expect(small.get_by_text("chosen: a", exact=True)).to_be_visible()
    press(small, "Shift+ArrowDown", "Shift+ArrowDown")
    expect(small.get_by_text("chosen: a b c", exact=True)).to_be_visible()
    press(small, "Escape")
    expect(small.get_by_text("chosen: c", exact=True)).to_be_visible()


def test_every_act_is_told_once_with_the_revision_that_was_seen(small):
    press(small, "Home", "b", "F2")
    name = small.get_by_test_id("tree-name")
    expect(name).to_be_focused()
    name.fill("Handbags")
    name.press("Enter")
    expect(small.get_by_text("act: rename c Handbags 0 {'c': 0}", exact=True)).to_be_visible()
    press(small, "Insert")
    name.fill("Totes")
    name.press("Enter")
    expect(small.get_by_text("act: add c Totes 0 {'c': 0}", exact=True)).to_be_visible()
    press(small, "Alt+ArrowUp")
    expect(small.get_by_text("act: reorder c 0 {'c': 0}", exact=True)).to_be_visible()
    press(small, "ArrowUp", "Delete")
    expect(small.get_by_text("act: deprecate b 0 {'b': 3}", exact=True)).to_be_visible()
    assert small.get_by_text("act: ").count() == 4


def test_a_row_dragged_onto_another_is_told_and_never_onto_itself_or_below(small):
    row(small, "All products > Bags").drag_to(row(small, "All products > Schuhe für Kinder"))
    expect(small.get_by_text("act: drop c 0 a {'c': 0}", exact=True)).to_be_visible()
    row(small, "All products > Schuhe für Kinder").drag_to(rows(small).filter(has_text="<img"))
    small.get_by_role("button", name="Again", exact=True).click()
    assert small.get_by_text("act: ").count() == 1


def test_what_is_out_of_use_is_shown_and_found_only_where_asked_for(small):
    expect(row(small, "All products > Old bags")).to_have_count(0)
    small.get_by_test_id("tree-search").fill("bags")
    expect(small.get_by_test_id("tree-status")).to_have_text("1 found")
    small.get_by_text("Only what is out of use").click()
    expect(row(small, "All products > Old bags")).to_have_count(1)
    small.get_by_test_id("tree-search").fill("")
    expect(small.get_by_test_id("tree-status")).to_have_text("1 category")
    press(small, "End", "F2", "Delete")
    expect(small.get_by_test_id("tree-name")).to_have_count(0)
    assert small.get_by_text("act: ").count() == 0


def test_a_choice_made_by_python_is_shown_until_somebody_clicks(small):
    small.get_by_role("button", name="Choose Bags").click()
    expect(small.get_by_text("chosen: c", exact=True)).to_be_visible()
    expect(row(small, "All products > Bags")).to_have_attribute("aria-selected", "true")
    row(small, "All products > Schuhe für Kinder").click()
    expect(small.get_by_text("chosen: a", exact=True)).to_be_visible()
