"""How long each page takes to draw, measured in a real browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.measure import ROOT

PAGES = {
    "Home": "", "Import": "import", "Catalogue": "catalogue", "Discover": "discover", "Review": "review",
    "Retrain": "retrain", "Predictions": "predictions", "Taxonomy": "taxonomy", "Encoders": "encoders",
    "Jobs": "jobs", "Classify": "classify", "Drift": "drift", "Label check": "label-check", "Models": "models",
    "Experiments": "experiments",
}  # fmt: skip
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
DRAWN = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.getAttribute('data-test-script-state') === 'notRunning'
    && document.querySelector('[data-testid="stMain"] h1') !== null
    && document.querySelector('[data-testid="stSkeleton"]') === null;
}"""


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a server; one that is too busy to end in good order is killed. Its worker ends with it."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """The app on a free port, for a workspace; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SHELFWISE_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
               "--server.address", "127.0.0.1", "--server.headless", "true"]  # fmt: skip
    home.mkdir(parents=True, exist_ok=True)
    with (home / "app.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)


def measure_pages(home: Path) -> list[tuple[str, float, float]]:
    """Seconds until each page stands still: from its link in the sidebar, first and second time.

    Returns:
        (page, first draw, second draw).
    """
    with serve(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_function(DRAWN, timeout=60_000)
        times = [[_draw(page, path) for path in PAGES.values()] for _ in range(2)]
        browser.close()
    return [(name, times[0][index], times[1][index]) for index, name in enumerate(PAGES)]


def _draw(page: Page, path: str) -> float:
    other = "jobs" if path != "jobs" else "taxonomy"
    _follow(page, other)
    started = time.monotonic()
    _follow(page, path)
    return time.monotonic() - started


def _follow(page: Page, path: str) -> None:
    page.locator(f'[data-testid="stSidebar"] a[href="{path}"]').click()
    page.wait_for_function(f"() => location.pathname === '/{path}'", timeout=10_000)
    page.wait_for_function(DRAWN, timeout=60_000)


def _wait_until_healthy(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("The app ended before it answered; see app.log in the workspace.")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The app did not answer within a minute; see app.log in the workspace.")
