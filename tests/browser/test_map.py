"""The map and the tree in a real Chromium, on a page of their own."""

import os
import select
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from scipy.sparse import csr_matrix
from sqlalchemy import insert

from bench.measure import ROOT
from bench.page_times import CHROMIUM, FLAGS
from core.discovery.cut import cut
from core.discovery.linkage import ward_dendrogram
from core.discovery.run_file import RunFile
from core.domain.discovery import ClusterQuality, DiscoveryParameters, NameSource, NameSuggestion, RunStatus
from core.domain.workspace import Workspace
from core.services.context import open_context
from db.models import ProductRow
from db.repositories import runs
from db.repositories import taxonomy as taxonomy_rows

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's chromium: apt-get install chromium"),
]
N_PRODUCTS = 240
CORNERS = np.array([[-8.0, -8.0], [8.0, -8.0], [0.0, 8.0]])
HOSTILE = "<img src=x onerror=document.title='broken'>"
SCRIPT = """
import streamlit as st
from core.services import review
from pages._parts import map_panel
from pages._shared import caches, layout
st.set_page_config(layout="wide")
layout.apply_style()
ctx = caches.context()
@st.fragment
def part():
    st.number_input("Open", 0, 9, key="open")
    def heard(act):
        st.session_state["heard"] = f"{act.action} {','.join(str(n) for n in sorted(act.product_ids))}"
    def cut(k):
        review.recut(ctx, 1, k, "Ada")
    view = st.segmented_control("View", [map_panel.MAP, map_panel.TREE], default=map_panel.MAP)
    with st.container(width=440):
        review_1, opened = caches.open_review(ctx, 1), st.session_state["open"] or None
        map_panel.draw(ctx, review_1, opened, on_lasso=heard, on_cut=cut, view=view)
    st.text(f"heard {st.session_state.get('heard')}")
part()
"""
HOST = """
import streamlit as st
import app as product
app = st.App({script!r}, routes=product.ROUTES)
"""


def make_workspace(home: Path) -> None:
    """Three kinds of products, each in a corner of the map; kind of a product: its id modulo 3."""
    context = open_context(Workspace(home))
    draw = np.random.default_rng(5)
    kinds = np.arange(1, N_PRODUCTS + 1) % 3
    positions = (CORNERS[kinds] + draw.normal(scale=0.8, size=(N_PRODUCTS, 2))).astype(np.float32)
    tree = ward_dendrogram(positions, 0)
    clusters = cut(tree, 3)
    with context.database.write() as session:
        root = next(node for node in taxonomy_rows.load_nodes(session) if node.parent_id is None)
        products = [{"id": number + 1, "platform": "shop", "external_id": str(number), "title": HOSTILE,
                     "node_id": root.id, "content_hash": ""} for number in range(N_PRODUCTS)]  # fmt: skip
        session.execute(insert(ProductRow), products)
        quality = {"n_clusters": 3.0, "silhouette": 0.9, "stability": 0.9}
        run = runs.add_run(session, root.id, DiscoveryParameters(), N_PRODUCTS, {}, quality, "test")
        run.status, run.n_clusters = str(RunStatus.READY), 3
        names = [NameSuggestion(f"Kind {kind}", NameSource.WORDS, "") for kind in range(3)]
        ids = [runs.add_cluster(session, run.id, n + 1, 1, None, [names[n]], [], ClusterQuality(0.9)) for n in range(3)]
        members = [{"run_id": run.id, "product_id": number + 1, "position": number, "cluster_id": ids[clusters[number]]}
                   for number in range(N_PRODUCTS)]  # fmt: skip
        runs.add_members(session, members)
    file = RunFile(np.arange(1, N_PRODUCTS + 1), positions, positions, tree, np.zeros(N_PRODUCTS, dtype=bool),
                   np.zeros(N_PRODUCTS, dtype=np.float32), csr_matrix((N_PRODUCTS, 1)), ("word",))  # fmt: skip
    file.save(context.workspace.runs / "1.npz")


def answers(port: int) -> bool:
    """Whether the server is up; waits a little where it is not."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
            return True
    except OSError:
        select.select([], [], [], 0.1)
        return False


@contextmanager
def serve_panel(folder: Path) -> Iterator[str]:
    """The panel on a free port."""
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    host = folder / "host.py"
    host.write_text(HOST.format(script=str(folder / "script.py")), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SHELFWISE_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "streamlit", "run", str(host), "--server.port", str(port),
               "--server.address", "127.0.0.1", "--server.headless", "true"]  # fmt: skip
    with (folder / "app.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        while not answers(port):
            assert process.poll() is None, (folder / "app.log").read_text(encoding="utf-8")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    make_workspace(folder / "home")
    with serve_panel(folder) as address:
        yield address


@pytest.fixture(scope="module")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browsing(playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser.new_context(viewport={"width": 1280, "height": 900})
    browser.close()


@pytest.fixture
def page(browsing, address):
    page = browsing.new_page()
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(address)
    drawn(page)
    yield page
    page.close()
    assert not faults, faults


def drawn(page: Page) -> None:
    page.locator(".sw-map[data-drawn]").wait_for(timeout=60_000)


def stage(page: Page) -> dict[str, float]:
    box = page.locator(".sw-map-stage").bounding_box()
    assert box
    return box


def at(page: Page, kind: int) -> tuple[float, float]:
    """Where the middle of a kind lies on the screen."""
    x, y = page.evaluate(
        """([x, y]) => { const { xaxis, yaxis } = document.querySelector('.sw-map-plot')._fullLayout;
           return [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)]; }""",
        CORNERS[kind].tolist(),
    )
    box = stage(page)
    return box["x"] + x, box["y"] + y


def lasso(page: Page, kind: int, radius: float = 75) -> None:
    x, y = at(page, kind)
    page.mouse.move(x + radius, y)
    page.mouse.down()
    for turn in np.linspace(0, 2 * np.pi, 24):
        page.mouse.move(x + radius * float(np.cos(turn)), y + radius * float(np.sin(turn)))
    page.mouse.up()


def heard(page: Page, what: str) -> None:
    expect(page.get_by_text(f"heard {what}", exact=True)).to_be_visible(timeout=15_000)


def ids_of(kind: int) -> str:
    return ",".join(str(number) for number in range(1, N_PRODUCTS + 1) if number % 3 == kind)


def test_products_drawn_around_arrive_by_their_ids_and_escape_forgets_them(page):
    lasso(page, 2)
    heard(page, f"lasso {ids_of(2)}")
    expect(page.get_by_test_id("map-clear")).to_contain_text("80 picked")
    page.keyboard.press("Escape")
    heard(page, "clear ")
    expect(page.get_by_test_id("map-clear")).to_have_count(0)


def test_a_box_picks_too_and_a_group_that_is_hidden_is_not_picked(page):
    page.get_by_test_id("map-tool-select").click()
    expect(page.get_by_test_id("map-tool-select")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("map-legend-entry").first.click()
    hidden = page.get_by_test_id("map-legend-entry").first
    expect(hidden).to_have_attribute("aria-pressed", "false")
    box = stage(page)
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 4, steps=6)
    page.mouse.up()
    expect(page.get_by_test_id("map-clear")).to_contain_text("160 picked")


def test_what_is_selected_in_the_grid_stands_out_without_the_server(page):
    overlay = page.locator(".sw-map-overlay")
    page.evaluate("dispatchEvent(new CustomEvent('shelfwise:selection', {detail: {grid: 'g', ids: [1, 2, 999999]}}))")
    expect(overlay).to_have_attribute("data-picked", "2")
    expect(page.locator(".sw-map")).to_have_attribute("data-fade", "strong")
    page.evaluate("dispatchEvent(new CustomEvent('shelfwise:hover', {detail: {ids: [7]}}))")
    expect(overlay).to_have_attribute("data-hovered", "1")
    page.evaluate("dispatchEvent(new CustomEvent('shelfwise:selection', {detail: {grid: 'g', ids: []}}))")
    expect(page.locator(".sw-map")).to_have_attribute("data-fade", "")


def test_pointing_at_a_product_shows_its_title_as_text_and_tells_the_page(page):
    page.evaluate("addEventListener('shelfwise:map-hover', (e) => (window.pointed = e.detail.ids))")
    x, y = at(page, 1)
    for step in range(40):
        page.mouse.move(x + step % 8 * 2 - 8, y + step // 8 * 4 - 8)
        if page.evaluate("window.pointed?.length"):
            break
    card = page.locator(".sw-map-card")
    expect(card).to_contain_text(HOSTILE)
    expect(card).to_contain_text("Kind")
    assert page.evaluate("window.pointed[0] % 3") == 1
    assert page.title() != "broken"


def test_the_open_cluster_stands_out_and_the_view_stays(page):
    page.get_by_test_id("map-tool-pan").click()
    x, y = at(page, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=4)
    page.mouse.up()
    moved = at(page, 0)
    assert moved[0] == pytest.approx(x + 60, abs=3)
    page.get_by_test_id("stNumberInputField").fill("2")
    page.get_by_test_id("stNumberInputField").press("Enter")
    expect(page.locator(".sw-map-overlay")).to_have_attribute("data-open", "80")
    assert at(page, 0) == pytest.approx(moved, abs=1)


def test_the_tree_is_cut_where_somebody_clicks_and_by_keyboard(page):
    page.get_by_role("radio", name="Tree").click()
    tree = page.get_by_test_id("cut-tree")
    expect(tree.locator(".now")).to_have_text("3 clusters")
    slider = tree.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(tree.locator(".wish")).to_contain_text("cut here: 4 clusters")
    page.keyboard.press("Enter")
    expect(tree.locator(".now")).to_have_text("4 clusters", timeout=15_000)
    box = slider.bounding_box()
    line = tree.locator("line.ghost")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(tree.locator(".wish")).to_contain_text("cut here: 3 clusters")
    page.mouse.click(box["x"] + 1 + float(line.get_attribute("x1")), box["y"] + box["height"] / 2)
    expect(tree.locator(".now")).to_have_text("3 clusters", timeout=15_000)


def test_without_a_graphics_card_the_map_still_shows_and_says_so(playwright, address):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-3d-apis"])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    drawn(page)
    expect(page.locator(".sw-map-notes")).to_contain_text("without its graphics card")
    lasso(page, 2)
    heard(page, f"lasso {ids_of(2)}")
    browser.close()
