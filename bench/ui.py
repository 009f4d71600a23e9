"""How quick the review workspace and the taxonomy editor are in a real browser, with a real catalogue.

`python -m bench.ui --data FOLDER --taxonomy FILE` imports the fashion pack (35,257 products), starts the taxonomy from
Shopify's (10,281 nodes), discovers in a category by titles alone, and measures what a curator waits for: the time from
the press of a key or button to the frame that shows what it did, taken in the page itself.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.discovery_workspace import open_hidden
from bench.measure import machine
from bench.page_times import CHROMIUM, DRAWN, FLAGS, serve
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import AppError
from core.domain.product import parse_path
from core.domain.progress import NullProgress
from core.services.catalogue import catalogue_totals
from core.services.discovery import run_discovery
from core.services.reference import import_reference
from core.services.review import list_runs
from core.services.starting_taxonomy import start_from_reference
from core.services.taxonomy import find_category, taxonomy_view

CATEGORY = "Footwear > Shoes"
N_TIMES = 7
WARM_UP = 2
GLANCE_MS = 1_000
"""How long a curator looks at a page of 48 images at the very least."""
GIVE_UP_MS = 30_000
WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
LIMITS_MS = {
    "page change": 500,
    "page change, one after another": 500,
    "selection": 100,
    "lasso of 5,000 points": 1_000,
    "tree search": 300,
}
TIMER = """([ready, act]) => new Promise((resolve, reject) => {
  const isReady = new Function('return (' + ready + ')()');
  const began = performance.now();
  const limit = setTimeout(() => reject(new Error('nothing changed')), 30000);
  const look = () => {
    if (isReady()) { clearTimeout(limit); requestAnimationFrame(() => resolve(performance.now() - began)); }
    else requestAnimationFrame(look);
  };
  new Function(act)();
  requestAnimationFrame(look);
})"""
ROOT_OF = "[...document.querySelectorAll('*')].map((n) => n.shadowRoot).find((r) => r && r.querySelector('{inside}'))"
GRID = f"({ROOT_OF.format(inside='[data-testid=image-grid]')})"
TREE = f"({ROOT_OF.format(inside='[data-testid=category-tree]')})"
IN_SIGHT = f"""const tiles = [...{GRID}.querySelectorAll('[data-testid=tile]')];
  const isInSight = ({{ top, bottom }}) => top < innerHeight && bottom > 0;  // others load when they come into sight
  const isLoaded = tiles.filter((tile) => isInSight(tile.getBoundingClientRect()))
    .every((tile) => !tile.querySelector('img') || tile.querySelector('img').complete);"""
HEADING = "(document.querySelector('.st-key-grid_heading')?.innerText || '').includes('chosen on the map')"
CTRL_A = "{ key: 'a', ctrlKey: true, bubbles: true, composed: true, cancelable: true }"
MANY = 5_000


@dataclass(frozen=True, slots=True)
class Wait:
    """What a curator waits for, and how long, in milliseconds."""

    what: str
    times: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median over the repeats."""
        return statistics.median(self.times)


def prepare(data: Path, taxonomy: Path, home: Path) -> int:
    """Import, start from the reference taxonomy and discover, where that has not been done.

    Returns:
        Products in the workspace.
    """
    context = open_hidden(data, home)
    if len(taxonomy_view(context).taxonomy) < MANY:
        reference = import_reference(context, taxonomy, "bench")
        start_from_reference(context, reference.name, "bench")
    if not list_runs(context):
        parameters = DiscoveryParameters(n_clusters=12, image_weight=0.0)
        category_id = find_category(context, parse_path(CATEGORY))
        run_discovery(context, category_id, parameters, "bench", NullProgress())
    return catalogue_totals(context).n_products


def measure(home: Path) -> list[Wait]:
    """All waits, in one browser."""
    with serve(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *WEBGL])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(GIVE_UP_MS)
        page.goto(f"{address}/review?author=bench")
        page.wait_for_function(DRAWN, timeout=60_000)
        page.get_by_test_id("tile").first.wait_for()
        page.locator('[data-id="run"]').click()  # all 5,857 products of the category
        page.wait_for_function(DRAWN)
        found = [_repeat("page change", lambda: _turn(page, GLANCE_MS)),
                 _repeat("page change, one after another", lambda: _turn(page)),
                 _repeat("selection", lambda: _select(page))]  # fmt: skip
        found.append(_repeat("lasso of 5,000 points", lambda: _lasso(page)))
        page.goto(f"{address}/taxonomy?author=bench")
        page.get_by_test_id("tree-row").first.wait_for()
        found += [_repeat("tree search", lambda word=word: _search(page, word)) for word in ("boot", "s", "dog bed")]
        browser.close()
    return found


def _repeat(what: str, once: Callable[[], float]) -> Wait:
    times = [once() for _ in range(WARM_UP + N_TIMES)]
    return Wait(what, tuple(times[WARM_UP:]))


def _timed(page: Page, ready: str, act: str) -> float:
    """Milliseconds from an act in the page to the frame in which `ready` holds."""
    return float(page.evaluate(TIMER, [ready, act]))


def _turn(page: Page, glance_ms: int = 0) -> float:
    """The next page of the grid, after a glance at the present one: new products, every image in sight there."""
    page.wait_for_timeout(glance_ms)
    first = page.get_by_test_id("tile").first.get_attribute("data-product-id")
    ready = f"() => {{ {IN_SIGHT} return tiles.length > 1 && tiles[0].dataset.productId !== '{first}' && isLoaded; }}"
    taken = _timed(page, ready, f"{GRID}.querySelector('[data-testid=grid-next]').click()")
    page.wait_for_function(DRAWN)
    return taken


def _select(page: Page) -> float:
    """Ctrl+A over a page of tiles, until all are marked."""
    page.get_by_test_id("tile").first.focus()
    n_tiles = page.get_by_test_id("tile").count()
    marked = f"() => {GRID}.querySelectorAll('[data-testid=tile][aria-selected=true]').length === {n_tiles}"
    press = f"{GRID}.activeElement.dispatchEvent(new KeyboardEvent('keydown', {CTRL_A}))"
    taken = _timed(page, marked, press)
    page.keyboard.press("Escape")
    return taken


def _lasso(page: Page) -> float:
    """A box around the whole map, from letting go of the button to the grid that shows what is in it."""
    page.locator('[data-id="run"]').click()
    page.wait_for_function(DRAWN)
    page.wait_for_function(f"() => !{HEADING}")
    page.get_by_test_id("map-clear").wait_for(state="hidden")
    page.get_by_test_id("map-legend-entry").first.wait_for()
    page.get_by_test_id("map-tool-select").click()
    page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")  # from under the bar on top
    stage = page.locator(".sw-map-stage")
    box = stage.bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3, steps=12)
    page.evaluate(f"""() => {{ window.taken = 0; addEventListener('pointerup', () => {{
      const began = performance.now();
      const look = () => {{ {IN_SIGHT} if ({HEADING} && isLoaded) window.taken = performance.now() - began;
        else requestAnimationFrame(look); }};
      look(); }}, {{ once: true, capture: true }}); }}""")
    page.mouse.up()
    page.wait_for_function("() => window.taken > 0")
    n_picked = page.locator(".st-key-grid_heading").inner_text()
    if int("".join(filter(str.isdigit, n_picked))) < MANY:
        raise AppError(f"The lasso took '{n_picked}'.", "Measure on a run with more products.")
    return float(page.evaluate("() => window.taken"))


def _search(page: Page, word: str) -> float:
    """A word typed into the search of the tree, until its rows are drawn."""
    field = f"{TREE}.querySelector('input[type=search]')"
    ready = f"() => {TREE}.querySelector('.status').textContent.includes('found')"
    page.evaluate(f"() => {{ {field}.value = ''; {field}.dispatchEvent(new Event('input', {{ bubbles: true }})); }}")
    page.wait_for_function(f"() => !{TREE}.querySelector('.status').textContent.includes('found')")
    return _timed(
        page, ready, f"{field}.value = '{word}'; {field}.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the fashion pack")
    parser.add_argument("--taxonomy", type=Path, required=True, help="Shopify's taxonomy as CSV")
    parser.add_argument("--home", type=Path, help="workspace to make or go on with; default: a temporary one")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            home = options.home or Path(folder) / "home"
            n_products = prepare(options.data, options.taxonomy, home)
            found = measure(home)
    except AppError as fault:
        raise SystemExit(str(fault)) from fault
    print(f"{n_products:,} products, {machine()}\n")
    print("| wait | median ms | worst ms | asked ms |\n|---|---:|---:|---:|")
    for wait in found:
        print(f"| {wait.what} | {wait.median:.0f} | {max(wait.times):.0f} | {LIMITS_MS[wait.what]:,} |")


if __name__ == "__main__":
    main()
