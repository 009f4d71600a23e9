"""The review workspace in a real Chromium, on a small catalogue that was imported and discovered for real."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from bench.page_times import DRAWN, serve
from core.domain.workspace import Workspace
from core.jobs.worker import worker_lock
from core.services import history
from core.services.context import Context, open_context
from core.services.review import Review, open_review
from db.models import ProductRow
from db.repositories import runs

RUN = 1
EVIL = "<img src=x onerror=\"document.title='taken over'\"> boot"
pytestmark = pytest.mark.browser


@pytest.fixture
def home(discovered_template: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace of this test's own. No act of the review needs a worker: the lock keeps servers from starting one."""
    home = Path(shutil.copytree(discovered_template, tmp_path / "home"))
    with worker_lock(Workspace(home)) as is_mine:
        assert is_mine
        yield home


@pytest.fixture
def context(home: Path) -> Iterator[Context]:
    """The same workspace from the side of the services."""
    opened = open_context(Workspace(home))
    yield opened
    opened.database.engine.dispose()


class Workbench:
    """The review page as a curator meets it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.grid = page.get_by_test_id("image-grid").first
        self.tiles = self.grid.get_by_test_id("tile")
        self.rows = page.get_by_test_id("rail-row")

    def row(self, cluster_id: int) -> Locator:
        return self.page.locator(f'[data-id="cluster:{cluster_id}"]')

    def field(self) -> Locator:
        return self.page.locator(".st-key-cluster_name input").first

    def shown(self) -> list[int]:
        return self.tiles.evaluate_all("nodes => nodes.map((node) => Number(node.dataset.productId))")

    def settle(self) -> None:
        self.page.wait_for_function(DRAWN)


def opened(window: BrowserContext, address: str, author: str = "Ada") -> Workbench:
    """The page in a tab of its own, with a name given."""
    page = window.new_page()
    page.goto(f"{address}/review?author={author}")
    page.wait_for_function(DRAWN, timeout=60_000)
    bench = Workbench(page)
    bench.tiles.first.wait_for()
    return bench


def review_of(context: Context) -> Review:
    return open_review(context, RUN)


def groups(context: Context) -> list:
    return [cluster for cluster in review_of(context).clusters if cluster.level == 1]


def place_of(context: Context, product_id: int) -> int | None:
    with context.database.read() as session:
        return next(m.cluster_id for m in runs.member_rows(session, RUN) if m.product_id == product_id)


def eventually(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for something that only the database shows."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("It did not come to pass within ten seconds.")


def test_keyboard_only_from_opening_a_cluster_to_its_approval(window, home, context):
    with serve(home) as address:
        bench = opened(window, address)
        keyboard = bench.page.keyboard
        first = groups(context)[0]
        keyboard.press("n")
        expect(bench.field()).to_be_focused()
        keyboard.type("Street shoes")
        keyboard.press("Enter")
        eventually(bench.page, lambda: groups(context)[0].name == "Street shoes")
        bench.settle()
        keyboard.press("a")
        eventually(bench.page, lambda: str(groups(context)[0].status) == "approved")
        expect(bench.row(first.id)).to_have_class("row done ")
        bench.page.close()


def test_three_interactions_name_and_approve_a_cluster(window, home, context):
    """Type the name, Enter, Approve; where the suggestion is right, A alone."""
    with serve(home) as address:
        bench = opened(window, address)
        bench.field().fill("City shoes")
        bench.field().press("Enter")
        eventually(bench.page, lambda: groups(context)[0].name == "City shoes")
        bench.settle()
        bench.page.get_by_role("button", name="Approve", exact=True).click()
        eventually(bench.page, lambda: str(groups(context)[0].status) == "approved")
        assert groups(context)[0].name == "City shoes"
        bench.page.close()


def test_digits_send_a_selection_and_undo_and_redo_survive_a_restart(window, home, context):
    with serve(home) as address:
        bench = opened(window, address)
        here, there = (cluster.id for cluster in groups(context)[:2])
        moving = bench.shown()[:2]
        bench.tiles.nth(0).click()
        bench.tiles.nth(1).click(modifiers=["Shift"])
        bench.page.keyboard.press("2")
        eventually(bench.page, lambda: {place_of(context, key) for key in moving} == {there})
        bench.settle()
        bench.page.keyboard.press("z")
        eventually(bench.page, lambda: {place_of(context, key) for key in moving} == {here})
        bench.page.close()
    with serve(home) as address:
        bench = opened(window, address)
        bench.page.keyboard.press("Shift+Z")
        eventually(bench.page, lambda: {place_of(context, key) for key in moving} == {there})
        bench.settle()
        bench.page.keyboard.press("z")
        eventually(bench.page, lambda: {place_of(context, key) for key in moving} == {here})
        bench.page.close()


def test_a_new_act_asks_before_it_ends_a_branch_of_history(window, home, context):
    with serve(home) as address:
        bench = opened(window, address)
        first = bench.shown()[0]
        bench.tiles.nth(0).click()
        bench.page.keyboard.press("e")
        eventually(bench.page, lambda: place_of(context, first) is None)
        bench.settle()
        bench.page.keyboard.press("z")
        eventually(bench.page, lambda: place_of(context, first) is not None)
        bench.settle()
        bench.tiles.nth(1).click()
        bench.page.keyboard.press("e")
        expect(bench.page.get_by_role("dialog")).to_contain_text("Start a new branch of history?")
        scope = history.run_scope(RUN)
        assert history.dropped_by_next_act(context, scope, "Ada") == 1
        bench.page.locator(".st-key-held_go button").click()
        eventually(bench.page, lambda: review_of(context).n_excluded == 1)
        assert history.dropped_by_next_act(context, scope, "Ada") == 0
        bench.page.close()


def test_a_title_with_markup_is_shown_as_text(window, home, context):
    first = groups(context)[0].id
    with context.database.write() as session:
        member = next(m for m in runs.member_rows(session, RUN) if m.cluster_id == first)
        session.get_one(ProductRow, member.product_id).title = EVIL
    with serve(home) as address:
        bench = opened(window, address)
        bench.page.locator(".st-key-grid_search input").fill("onerror")
        bench.page.locator(".st-key-grid_search input").press("Enter")
        expect(bench.tiles).to_have_count(1)
        expect(bench.tiles.first).to_contain_text(EVIL)
        bench.tiles.first.hover()
        bench.page.get_by_test_id("grid-card").wait_for()
        assert bench.page.title() != "taken over"
        bench.page.close()


def test_a_box_on_the_map_brings_its_products_to_the_grid_and_all_of_them_can_be_sent(window, home, context):
    with serve(home) as address:
        bench = opened(window, address)
        page, target = bench.page, groups(context)[1]
        page.get_by_test_id("map-legend-entry").first.wait_for()
        page.get_by_test_id("map-tool-select").click()
        stage = page.locator(".sw-map-stage")
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()
        page.mouse.move(box["x"] + 3, box["y"] + 3)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3, steps=8)
        page.mouse.up()
        n_products = review_of(context).run.n_products
        expect(page.locator(".st-key-grid_heading")).to_contain_text(f"{n_products} products chosen on the map")
        bench.settle()
        bench.tiles.first.focus()
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+a")
        expect(page.get_by_test_id("grid-selected-count")).to_contain_text(f"{n_products}")
        page.keyboard.press("2")
        eventually(page, lambda: {c.id: c.size for c in groups(context)}[target.id] == n_products)
        page.close()


def test_keys_rest_while_somebody_types(window, home, context):
    with serve(home) as address:
        bench = opened(window, address)
        before = review_of(context).revision
        bench.tiles.nth(0).click()
        bench.page.keyboard.press("/")
        expect(bench.page.locator(".st-key-grid_search input")).to_be_focused()
        bench.page.keyboard.type("ear2zas")
        expect(bench.page.locator(".st-key-grid_search input")).to_have_value("ear2zas")
        bench.page.keyboard.press("Escape")
        bench.settle()
        assert review_of(context).revision == before
        bench.page.close()


def test_two_browsers_on_one_cluster_see_each_other_and_lose_nothing(chromium, home, context):
    with serve(home) as address:
        windows = [chromium.new_context(viewport={"width": 1440, "height": 900}) for _ in range(2)]
        for each in windows:
            each.set_default_timeout(20_000)
        ada, bea = (opened(each, address, name) for each, name in zip(windows, ("Ada", "Bea"), strict=True))
        first, second = (cluster.id for cluster in groups(context)[:2])
        expect(ada.row(first).locator(".who")).to_have_text("BE", timeout=30_000)
        moving = bea.shown()[0]
        ada.tiles.first.wait_for()
        ada.tiles.nth(0).click()
        ada.page.keyboard.press("2")
        eventually(ada.page, lambda: place_of(context, moving) == second)
        expect(bea.grid.locator(f'[data-product-id="{moving}"]')).to_have_count(0, timeout=30_000)
        ada.field().fill("Boots of Ada")
        ada.field().press("Enter")
        eventually(ada.page, lambda: groups(context)[0].name == "Boots of Ada")
        expect(bea.field()).to_have_value("Boots of Ada", timeout=30_000)
        for each in windows:
            each.close()
