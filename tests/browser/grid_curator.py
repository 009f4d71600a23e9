"""What a curator sees of the grid on `grid_page.py`, and does with a mouse."""

import re

from playwright.sync_api import Locator, Page, expect

FOCUSED = """() => {
  let at = document.activeElement;
  while (at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
  return at.dataset.productId || at.tagName;
}"""


class Grid:
    """The page's main grid, as a curator meets it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.locator(".st-key-main_grid")
        self.tiles = self.box.get_by_test_id("tile")

    def tile(self, product_id: int) -> Locator:
        return self.box.locator(f'[data-product-id="{product_id}"]')

    def shown(self) -> list[int]:
        return self.tiles.evaluate_all("nodes => nodes.map((node) => Number(node.dataset.productId))")

    def selected(self) -> list[int]:
        chosen = "nodes => nodes.filter((n) => n.ariaSelected === 'true').map((n) => Number(n.dataset.productId))"
        return self.tiles.evaluate_all(chosen)

    def says(self, text: str) -> None:
        expect(self.box.get_by_test_id("grid-selected-count")).to_have_text(text)

    def logs(self, *acts: str) -> None:
        text = "\n".join([f"{len(acts)} acts", *acts])
        expect(self.page.get_by_test_id("stText").get_by_text(" acts")).to_have_text(
            re.compile(rf"^\w+: {re.escape(text)}$")
        )

    def focused(self) -> str:
        return self.page.evaluate(FOCUSED)

    def focus_comes_to(self, product_id: int) -> None:
        self.page.wait_for_function(f"({FOCUSED})() === '{product_id}'")

    def drag(self, start: Locator, end: Locator, *, from_gap: bool = False, modifier: str = "") -> None:
        """Draw a box from the start's corner, or from the gap before it, into the end's middle."""
        start.scroll_into_view_if_needed()
        first, last = start.bounding_box(), end.bounding_box()
        if modifier:
            self.page.keyboard.down(modifier)
        self.page.mouse.move(first["x"] + (-6 if from_gap else 20), first["y"] + 20)
        self.page.mouse.down()
        self.page.mouse.move(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2, steps=6)
        self.page.mouse.up()
        if modifier:
            self.page.keyboard.up(modifier)
