"""A curator in a real Chromium: from an empty workspace to the downloaded taxonomy, without a terminal."""

import csv
import re
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from bench.page_times import CHROMIUM, DRAWN, FLAGS, serve
from core.discovery.quality import purity
from core.domain.discovery import DiscoveryParameters
from core.domain.product import parse_path
from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.services.context import open_context
from core.services.discovery import run_discovery
from core.services.taxonomy import find_category
from db.repositories import products, runs

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium"),
]
MINUTE = 60_000
TIME_LIMIT_S = 360
SHOES = "Apparel & Accessories > Shoes"
N_KINDS_OF_SHOES = 5


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SHELFWISE_IMAGE_SECONDS", raising=False)
        patch.delenv("DATABASE_URL", raising=False)
        yield tmp_path_factory.mktemp("browser") / "workspace"


@pytest.fixture
def page(home):
    with serve(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=address, accept_downloads=True)
        page.set_default_timeout(MINUTE / 2)
        yield page
        browser.close()


def test_a_curator_does_the_whole_loop_on_the_demo(page: Page, tmp_path: Path):
    started = time.monotonic()
    load_the_demo(page)
    discover_shoes(page)
    renamed, approved = review_clusters(page)
    retrain_and_promote(page)
    decide_predictions(page)
    nodes = export_taxonomy(page, tmp_path)
    paths = {node["path"]: node for node in nodes}
    assert renamed != approved
    for name in (renamed, approved):
        node = paths[f"{SHOES} > {name}"]
        assert node["status"] == "approved"
        assert int(node["n_products"]) > 0
        assert node["parent_id"] == paths[SHOES]["node_id"]
        assert int(node["created_in_version"]) > 1
    assert time.monotonic() - started < TIME_LIMIT_S


def test_the_true_number_of_clusters_parts_the_true_kinds_of_shoes(home: Path, tmp_path: Path):
    """In the workspace of the loop above, whose encoder is trained."""
    if not (home / "demo" / "truth.csv").exists():
        pytest.skip("the loop above has not loaded the demo")
    with (home / "demo" / "truth.csv").open(encoding="utf-8", newline="") as stream:
        truth = {(row["platform"], row["product_id"]): row["subtype"] for row in csv.DictReader(stream)}
    context = open_context(Workspace(home))
    category = find_category(context, parse_path(SHOES))
    parameters = DiscoveryParameters(n_clusters=N_KINDS_OF_SHOES, levels=1, seed=11)
    run_id = run_discovery(context, category, parameters, "test", NullProgress())
    with context.database.read() as session:
        members = runs.member_rows(session, run_id)
        found = products.load_products(session, [member.product_id for member in members])
    cluster_ids = np.array([-1 if member.cluster_id is None else member.cluster_id for member in members])
    kinds = [truth[product.platform, product.external_id] for product in found]
    assert purity(cluster_ids, kinds) >= 0.9


def load_the_demo(page: Page) -> None:
    page.goto("/?author=Ada")
    button(page, "load_demo").click()
    expect(page.locator(".st-key-next_step")).to_be_visible(timeout=3 * MINUTE)
    expect(page.get_by_text("1,515", exact=True).first).to_be_visible()


def discover_shoes(page: Page) -> None:
    visit(page, "discover")
    page.get_by_test_id("tree-row").filter(has_text="Shoes").click()
    form = page.locator(".st-key-discover_form")
    expect(form.get_by_role("heading", name="Shoes")).to_be_visible()
    expect(form).to_contain_text("603 products")
    button(page, "discover_go").click()
    button(page, "discover_next").wait_for(timeout=5 * MINUTE)
    button(page, "discover_next").click()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_visible()


def review_clusters(page: Page) -> tuple[str, str]:
    """Rename one cluster, move a product into it, approve it, and approve another as it is called."""
    settled(page)
    rows = page.get_by_test_id("rail-row")
    first, second = (rows.nth(index).get_attribute("data-id") for index in top_rows(page)[:2])
    page.locator(".st-key-cluster_name input").first.fill("Street Sneakers")
    page.locator(".st-key-cluster_name input").first.press("Enter")
    expect(page.locator(f"[data-id='{first}'] .name")).to_have_text("Street Sneakers")
    settled(page)
    before = size(page, first)
    page.locator(f"[data-id='{second}']").click()
    expect(page.locator(f"[data-id='{second}']")).to_have_class(re.compile("open"))
    settled(page)
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    expect(page.locator(f"[data-id='{first}'] .size")).to_have_text(f"{before + 1:,}")
    settled(page)
    suggested = page.locator(".st-key-cluster_name input").first.input_value()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("1 approved", exact=False).first).to_be_visible()
    settled(page)
    page.locator(f"[data-id='{first}']").click()
    expect(page.locator(".st-key-cluster_name input").first).to_have_value("Street Sneakers")
    settled(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("2 approved", exact=False).first).to_be_visible()
    return "Street Sneakers", suggested


def top_rows(page: Page) -> list[int]:
    """Places in the rail of the clusters of the first level."""
    is_top = (
        "nodes => nodes.map((n, i) => n.dataset.id.startsWith('cluster:') && !n.classList.contains('part') ? i : -1)"
    )
    return [index for index in page.get_by_test_id("rail-row").evaluate_all(is_top) if index >= 0]


def retrain_and_promote(page: Page) -> None:
    visit(page, "retrain")
    button(page, "retrain_go").click()
    button(page, "promote").wait_for(timeout=4 * MINUTE)
    expect(page.locator(".st-key-model_candidate")).to_contain_text("hF1")
    button(page, "promote").click()
    expect(page.locator(".st-key-model_active")).to_be_visible()


def decide_predictions(page: Page) -> None:
    visit(page, "predictions")
    page.get_by_test_id("tile").first.wait_for()
    page.keyboard.press("a")
    expect(page.get_by_text("Accepted 1", exact=True)).to_be_visible()
    settled(page)
    page.keyboard.press("c")
    page.keyboard.type("Street Sneakers")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Retrain with 2 decisions").first).to_be_visible()


def export_taxonomy(page: Page, folder: Path) -> list[dict[str, str]]:
    visit(page, "taxonomy")
    page.get_by_role("tab", name="Import & export").click()
    settled(page)
    with page.expect_download() as download:
        page.locator(".st-key-downloads button").first.click()
    file_path = folder / "taxonomy.csv"
    download.value.save_as(file_path)
    with file_path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def visit(page: Page, path: str) -> None:
    page.locator(f'[data-testid="stSidebar"] a[href="{path}"]').click()
    page.wait_for_url(f"**/{path}*")
    settled(page)


def settled(page: Page) -> None:
    page.wait_for_function(DRAWN, timeout=MINUTE)


def button(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} button").first


def size(page: Page, row_id: str) -> int:
    return int(page.locator(f"[data-id='{row_id}'] .size").inner_text().replace(",", ""))
