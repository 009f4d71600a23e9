"""A real Chromium and a Streamlit server for the browser tests of single components."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from bench.page_times import CHROMIUM, FLAGS
from tests.browser.grid_curator import Grid

ROOT = Path(__file__).resolve().parents[2]
GRID_PAGE = Path(__file__).with_name("grid_page.py")
START_S = 60
TIMEOUT_MS = 10_000
WINDOW = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a file: Playwright cannot run twice at a time, and the file of the whole loop starts its own."""
    if not shutil.which("chromium"):
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """A window as large as a laptop's screen; its tabs share what the browser has already loaded."""
    context = chromium.new_context(viewport=WINDOW, reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    yield context
    context.close()


@pytest.fixture(scope="module")
def tab(window: BrowserContext) -> Page:
    """One tab for a whole file, where loading the page again for every test would take most of the time."""
    return window.new_page()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """An empty tab."""
    page = window.new_page()
    yield page
    page.close()


@pytest.fixture(scope="session")
def serve_script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Start `streamlit run` for a script, once a script, and return its address; all end with the session."""
    started: dict[Path, tuple[str, subprocess.Popen[bytes]]] = {}

    def serve(script: Path) -> str:
        if script not in started:
            started[script] = _start(script, tmp_path_factory.mktemp("served") / "server.log")
        return started[script][0]

    yield serve
    for _address, process in started.values():
        process.terminate()
    for _address, process in started.values():
        process.wait(20)


@pytest.fixture(scope="session")
def thumbnail() -> bytes:
    """Stands in for every thumbnail: the page of the grid has no catalogue behind it."""
    data = BytesIO()
    Image.new("RGB", (256, 256), "teal").save(data, "WEBP")
    return data.getvalue()


@pytest.fixture
def open_grid(tab: Page, serve_script: Callable[[Path], str], thumbnail: bytes) -> Callable[..., Grid]:
    """Show the page of the grid as new, and return the grid once it is drawn."""

    def fulfil(route: Route) -> None:
        route.fulfill(body=thumbnail, content_type="image/webp", headers={"Cache-Control": "max-age=600"})

    def go(query: str = "") -> Grid:
        address = f"{serve_script(GRID_PAGE)}/?{query}"
        if tab.url == address:
            before = tab.get_by_text("acts").inner_text().split(":")[0]
            tab.keyboard.press("Escape")
            tab.get_by_role("button", name="Afresh").click()
            expect(tab.get_by_text(f"{before}:")).to_have_count(0)
            tab.evaluate("document.activeElement.blur()")
        else:
            tab.route("**/thumbs/*", fulfil)
            tab.goto(address)
        grid = Grid(tab)
        expect(grid.box.get_by_test_id("image-grid")).to_have_count(1)  # the grid before it may still be leaving
        grid.tile(0).wait_for()
        grid.logs()
        return grid

    return go


def _start(script: Path, log_path: Path) -> tuple[str, "subprocess.Popen[bytes]"]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port),
               "--server.address", "127.0.0.1", "--server.headless", "true"]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    with log_path.open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    _wait_until_healthy(address, process, log_path)
    return address, process


def _wait_until_healthy(address: str, process: "subprocess.Popen[bytes]", log_path: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"The page did not start: {log_path.read_text(encoding='utf-8', errors='replace')}")
