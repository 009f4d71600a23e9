"""Reviewing predictions in a real Chromium, by keys and in bulk, on a small workspace that was trained for real."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from bench.page_times import DRAWN, serve
from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery
from core.domain.workspace import Workspace
from core.jobs.worker import worker_lock
from core.services import prediction_acts
from core.services.context import Context, open_context
from core.services.prediction_queue import PredictionItem, queue_ids, queue_page
from db.models import EventRow, PredictionRow
from db.repositories import events

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(trained_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace of this file's own. No act here needs a worker: the lock keeps the server from starting one."""
    home = Path(shutil.copytree(trained_template, tmp_path_factory.mktemp("predictions") / "home"))
    with worker_lock(Workspace(home)) as is_mine:
        assert is_mine
        yield home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """One server for the file."""
    with serve(home) as address:
        yield address


@pytest.fixture
def context(home: Path) -> Iterator[Context]:
    """The same workspace from the side of the services, where nothing is decided and the first three look alike."""
    opened = open_context(Workspace(home))
    with opened.database.write() as session:
        session.execute(update(PredictionRow).values(review_state="pending", is_sample=False, group_id=0))
        session.execute(update(EventRow).values(image=None, is_dropped=True))  # nothing to undo or to do again
    ids = queue_ids(opened, PredictionQuery())[:3]
    with opened.database.write() as session:
        session.execute(update(PredictionRow).where(PredictionRow.id.in_(ids)).values(group_id=77))
        events.record(session, "test", "reset", "Nothing is decided")  # what the page keeps is made anew
    yield opened
    opened.database.engine.dispose()


class Desk:
    """The page as a curator meets it."""

    def __init__(self, page: Page, context: Context) -> None:
        self.page, self.context = page, context
        self.tiles = page.get_by_test_id("tile")
        self.panel = page.locator(".st-key-prediction_panel")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def shows(self, item: PredictionItem) -> None:
        expect(self.panel.locator(".pq-title")).to_have_text(item.product.title)

    def decided(self, state: ReviewState) -> list[PredictionItem]:
        return queue_page(self.context, PredictionQuery(state=state), 500, 0)[0]

    def comes_to(self, n_accepted: int, n_corrected: int) -> None:
        """Wait for decisions that only the database shows."""
        wanted = (n_accepted, n_corrected)
        eventually(self.page, lambda: tuple(len(self.decided(s)) for s in (ACCEPTED, CORRECTED)) == wanted)
        self.page.wait_for_function(DRAWN)


ACCEPTED, CORRECTED = ReviewState.ACCEPTED, ReviewState.CORRECTED


@pytest.fixture
def desk(window: BrowserContext, address: str, context: Context) -> Iterator[Desk]:
    """The page in a tab of its own, with a name given."""
    page = window.new_page()
    page.goto(f"{address}/predictions?author=Ada")
    page.wait_for_function(DRAWN, timeout=60_000)
    desk = Desk(page, context)
    desk.tiles.first.wait_for()
    yield desk
    page.close()


def eventually(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for something that only the database shows."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("It did not come to pass within ten seconds.")


def waiting(context: Context, query: PredictionQuery | None = None) -> list[PredictionItem]:
    return queue_page(context, query or PredictionQuery(), 500, 0)[0]


def test_a_accepts_and_goes_on_a_digit_corrects_and_z_takes_back(desk, context):
    first, second, third, fourth, *_ = waiting(context)
    desk.shows(first)
    desk.press("ArrowRight", "ArrowRight", "ArrowRight")
    desk.shows(fourth)
    desk.press("k", "k", "k")
    desk.shows(first)
    desk.press("a")
    desk.shows(second)
    desk.comes_to(1, 0)
    target = desk.panel.locator(".st-key-prediction_to button").first.inner_text()
    desk.press("1")
    desk.comes_to(1, 1)
    [corrected] = desk.decided(CORRECTED)
    assert corrected.id == second.id
    assert corrected.current_path.split(" > ")[-1] in target
    desk.shows(third)
    desk.press("z")
    desk.comes_to(1, 0)
    desk.press("Shift+Z")
    desk.comes_to(1, 1)


def test_c_finds_a_category_in_the_tree_and_the_keyboard_returns_to_the_grid(desk, context):
    first = waiting(context)[0]
    target = "First kind" if not first.predicted_path.endswith("First kind") else "Second kind"
    desk.press("c")
    search = desk.panel.get_by_test_id("tree-search")
    expect(search).to_be_focused()
    desk.page.keyboard.type(target.lower())
    desk.press("Enter")
    desk.comes_to(0, 1)
    assert desk.decided(CORRECTED)[0].id == first.id
    assert desk.decided(CORRECTED)[0].current_path.endswith(target)
    expect(desk.page.get_by_text("Corrected 1", exact=True)).to_be_visible()  # the next product is in focus by now
    desk.press("a")
    desk.comes_to(1, 1)


def test_look_alikes_are_applied_in_one_act_and_listed_by_a_key(desk, context):
    ids = {item.id for item in waiting(context)[:3]}
    desk.press("s")
    expect(desk.tiles).to_have_count(3)
    desk.press("Backspace")
    expect(desk.page.get_by_text("look alike", exact=False)).to_have_count(0)
    desk.panel.locator(".st-key-prediction_apply button").first.click()
    eventually(desk.page, lambda: not ids & {item.id for item in waiting(context)})
    desk.press("z")
    eventually(desk.page, lambda: ids <= {item.id for item in waiting(context)})


def test_a_look_alike_is_left_out_by_a_click_even_where_the_act_follows_at_once(desk, context):
    first, second, third = waiting(context)[:3]
    pictures = desk.panel.get_by_test_id("look-alike")
    expect(pictures).to_have_count(2)
    pictures.locator(f"xpath=self::*[@data-id='{third.id}']").click()
    desk.press("Shift+A")
    eventually(desk.page, lambda: not {first.id, second.id} & {item.id for item in waiting(context)})
    assert third.id in {item.id for item in waiting(context)}
    desk.press("z")
    desk.shows(first)
    expect(desk.panel.locator(".st-key-prediction_apply button").first).to_contain_text("Apply to the look-alike")
    expect(pictures.locator(f"xpath=self::*[@data-id='{third.id}']")).to_have_attribute("aria-pressed", "false")


def test_after_a_click_on_accept_the_arrows_still_walk_through_the_queue(desk, context):
    _, second, third, *_ = waiting(context)
    desk.panel.locator(".st-key-prediction_accept button").first.click()
    desk.shows(second)
    desk.press("ArrowRight")
    desk.shows(third)


def test_several_are_selected_and_accepted_at_once(desk, context):
    chosen = [item.id for item in waiting(context)[:4]]
    desk.tiles.nth(0).click()
    desk.tiles.nth(3).click(modifiers=["Shift"])
    expect(desk.panel).to_contain_text("4 selected")
    desk.press("a")
    desk.comes_to(4, 0)
    assert {item.id for item in desk.decided(ACCEPTED)} == set(chosen)


def test_a_whole_filtered_set_is_accepted_after_one_question_and_taken_back_by_one_undo(desk, context):
    platform = waiting(context)[0].product.platform
    n = len(waiting(context, PredictionQuery(platform=platform)))
    desk.page.locator(".st-key-predictions_platform input").fill(platform)
    desk.press("Enter")
    button = desk.page.locator(".st-key-predictions_accept_all button").first
    expect(button).to_have_text(re.compile(rf"{n:,}$"))
    button.click()
    expect(desk.page.get_by_role("dialog")).to_contain_text(f"{n:,}")
    desk.page.locator(".st-key-predictions_all_go button").first.click()
    desk.comes_to(n, 0)
    desk.page.locator(".st-key-predictions_undo button").first.click()
    desk.comes_to(0, 0)


def test_a_reload_keeps_the_view(desk, context):
    platform = waiting(context)[0].product.platform
    desk.page.locator(".st-key-predictions_platform input").fill(platform)
    desk.press("Enter")
    desk.page.get_by_role("button", name="Changes").click()
    desk.page.wait_for_url(re.compile("only=changes"))
    desk.page.reload()
    desk.page.wait_for_function(DRAWN)
    expect(desk.page.locator(".st-key-predictions_platform input")).to_have_value(platform)
    n = len(waiting(context, PredictionQuery(platform=platform, only_changes=True)))
    expect(desk.tiles).to_have_count(min(n, 48))


def test_what_another_curator_decided_is_told_and_nothing_is_lost(desk, context):
    first, second, *_ = waiting(context)
    desk.shows(first)
    prediction_acts.accept(context, [first.id], "Bob")
    desk.press("a")
    expect(desk.page.get_by_role("alert").first).to_be_visible()
    desk.shows(second)
    desk.press("a")
    expect(desk.page.get_by_role("alert")).to_have_count(0)
