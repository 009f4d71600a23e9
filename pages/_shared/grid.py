"""The image grid: selection in the browser, one message to Python when somebody acts on it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from core.services.grid_items import GridItem
from pages._shared import state
from pages._shared.words import price, sure

_FOLDER = Path(__file__).parent
_HTML = """
<div class="grid-root" data-testid="image-grid">
  <div class="field">
    <div class="tiles" role="listbox"></div>
    <div class="band" data-testid="grid-band" hidden></div>
  </div>
  <div class="nothing" tabindex="-1" hidden></div>
  <div class="foot" hidden></div>
  <div class="dock">
    <div class="bar" data-testid="grid-actions" role="toolbar" aria-label="Selected products" hidden></div>
  </div>
  <div class="said" role="status" aria-live="polite"></div>
  <div class="menu" popover="manual" role="menu"></div>
  <div class="card" popover="manual" role="tooltip" data-testid="grid-card"></div>
  <dialog class="lightbox" data-testid="grid-preview"></dialog>
  <dialog class="help" data-testid="grid-keys" aria-label="Keys"></dialog>
</div>
"""
PAGE, MOVE = "page", "move"
PAGE_SIZE = 48


def grid_module() -> str:
    """The grid's ES module: the files `grid_*.js`, one class each, then `grid.js`, which puts them to use."""
    files = [*sorted(_FOLDER.glob("grid_*.js")), _FOLDER / "grid.js"]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


_component = st.components.v2.component(
    "shelfwise_image_grid", html=_HTML, css=(_FOLDER / "grid.css").read_text(encoding="utf-8"), js=grid_module()
)


@dataclass(frozen=True, slots=True)
class GridTile:
    """A tile that says more than which product it shows.

    Attributes:
        id: What acts name instead of the product; alone of its kind in the grid.
        product: What is shown.
        title: Under the picture, instead of the product's.
        subtitle: Below it.
        facts: Name and value of what the card and the enlargement say.
        sure: A bar under the picture, in [0, 1].
        is_doubtful: The bar is drawn in the colour of doubt.
        marks: Short badges on the picture.
        alert: A badge that stands out.
    """

    id: int
    product: GridItem
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...] = ()
    sure: float | None = None
    is_doubtful: bool = False
    marks: tuple[str, ...] = ()
    alert: str = ""


@dataclass(frozen=True, slots=True)
class GridAction:
    """A button of the bar.

    Attributes:
        id: What the act is called.
        label: What the button says.
        choices: (id, label) of a menu; none makes it a plain button.
        key: A letter that does the same; empty for none.
        keeps: The act only looks: the products stay listed and selected.
    """

    id: str
    label: str
    choices: tuple[tuple[str, str], ...] | None = None
    key: str = ""
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class GridTarget:
    """Where a selection can be sent, by the act `move` with this id; the first nine by their digit."""

    id: str
    label: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class GridCommand:
    """A key of the whole page that needs no selection.

    Attributes:
        id: What the act is called.
        label: What the list of keys says.
        key: Such as `z`, `shift+z` or `/`.
        focuses: Key of a widget whose field gets the focus instead; nothing is sent then.
        steps: Tiles to go on by instead, back where negative; past the last one the page turns.
    """

    id: str
    label: str
    key: str
    focuses: str = ""
    steps: int = 0


@dataclass(frozen=True, slots=True)
class GridAct:
    """What somebody did: the button or key, the choice of its menu, and the products selected.

    Attributes:
        action: Id of the action or command; `move` for a target, `page` for another page, `look` where another tile
            has the focus or others are selected.
        choice: Id of the choice or target, or the number of the page.
        product_ids: The products selected, those on other pages too.
        is_all: Everything in the filter is meant, listed in `product_ids` or not.
        focus: The tile that has the focus after the act; None where it is not known.
    """

    action: str
    choice: str | None
    product_ids: tuple[int, ...]
    is_all: bool = False
    focus: int | None = None


def thumb_url(image_hash: str | None) -> str | None:
    """Where the browser finds a thumbnail; None for a product without an image."""
    return f"/thumbs/{image_hash}" if image_hash else None


def grid_item(item: GridItem) -> dict[str, Any]:
    """A product as the grid draws it."""
    facts = [
        ("Brand", item.brand),
        ("Platform", item.platform),
        ("Price", price(item.price, item.currency)),
        ("Path", item.path),
        ("Id", item.external_id),
    ]
    return {
        "id": item.product_id,
        "thumb": thumb_url(item.image_hash),
        "title": item.title,
        "subtitle": item.brand or item.platform,
        "badge": item.note,
        "facts": [list(fact) for fact in facts if fact[1]],
    }


def tile_item(tile: GridTile) -> dict[str, Any]:
    """A tile as the grid draws it."""
    said = [["Product", tile.product.title]] if not tile.facts else [list(fact) for fact in tile.facts if fact[1]]
    drawn = grid_item(tile.product) | {"id": tile.id, "title": tile.title, "subtitle": tile.subtitle, "facts": said}
    drawn |= {
        "heading": tile.product.title,
        "marks": list(tile.marks),
        "alert": tile.alert,
        "is_doubtful": tile.is_doubtful,
    }
    return drawn if tile.sure is None else drawn | {"sure": round(tile.sure, 4), "sure_text": sure(tile.sure)}


def read_act(value: Mapping[str, Any] | None, filter_key: str) -> GridAct | None:
    """What the browser sent, or None where there is nothing to do.

    Args:
        value: The message; none between two acts.
        filter_key: The filter as it is now. "All in this filter" said under another one is not done: it would
            reach products that nobody has seen.
    """
    if not value:
        return None
    is_all = bool(value.get("is_all"))
    if is_all and value.get("filter_key") != filter_key:
        return None
    ids = tuple(int(number) for number in value["ids"])
    focus = value.get("focus")
    return GridAct(str(value["action"]), value.get("choice"), ids, is_all, None if focus is None else int(focus))


def image_grid(
    items: Sequence[GridItem | GridTile],
    *,
    key: str,
    label: str,
    total: int | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    following: Sequence[GridItem | GridTile] = (),
    filter_key: str | None = None,
    actions: Sequence[GridAction] = (),
    targets: Sequence[GridTarget] = (),
    tile_targets: Mapping[int, Sequence[str]] | None = None,
    commands: Sequence[GridCommand] = (),
    on_act: Callable[[GridAct], None] | None = None,
    size: Literal["small", "normal", "large"] = "normal",
    empty: str = "Nothing here.",
    listens: bool = False,
    looked_at: int | None = None,
    clears: int = 0,
) -> None:
    """Draw one page of products as a grid of images in which several can be selected and acted on.

    Args:
        items: The products of the page, in order.
        key: Widget key.
        label: What the grid holds, for a screen reader.
        total: How many products there are on all pages; those of `items` where it is not given.
        page: Number of the page, from 1. Another is asked for by the act `page`.
        page_size: Products on a full page.
        following: The products of the next page, so that it is there at once.
        filter_key: Says which products these are; a new one starts without a selection. The label by default.
        actions: Buttons that appear while something is selected. Without any, and without targets, the grid is
            look-only.
        targets: Where a selection can be sent.
        tile_targets: Tile → ids of those of the targets that are offered while it has the focus, in order.
        commands: Keys of the whole page. Of several grids with commands, the last drawn owns the page.
        on_act: Called before the next run with what was done.
        size: How large the images are.
        empty: What stands there where there are no products.
        listens: Whether selection and hovering are shared with a map on the page, by window events.
        looked_at: The tile that something beside the grid shows. Where it is given, the act `look` tells of every
            tile that gets the focus and of what is selected; a click shows a tile instead of selecting it, and keys
            act on the one in focus from anywhere.
        clears: Another number than before takes the selection back: what was selected was acted on elsewhere.
    """
    acts_key = state.GRID_ACTS.format(grid=key)
    filter_name = label if filter_key is None else filter_key

    def heard() -> None:
        st.session_state[acts_key] = st.session_state.get(acts_key, 0) + 1  # new data: the grid hears its answer
        act = read_act(st.session_state[key].act, filter_name)
        if act is not None and on_act is not None:
            on_act(act)

    data = {
        **{"key": key, "label": label, "size": size, "empty": empty, "listens": listens, "filter_key": filter_name},
        **{"items": _drawn(items), "following": _drawn(following), "page": page, "page_size": page_size},
        "total": len(items) if total is None else total,
        "n_acts": st.session_state.get(acts_key, 0),
        "actions": [_action(action) for action in actions],
        "targets": [asdict(target) for target in targets],
        "tile_targets": _tile_targets(targets, tile_targets),
        "looks": looked_at is not None,
        "looked_at": looked_at,
        "clears": clears,
        "commands": [asdict(command) for command in commands],
    }
    _component(key=key, data=data, on_act_change=heard)


def _drawn(items: Sequence[GridItem | GridTile]) -> list[dict[str, Any]]:
    return [tile_item(item) if isinstance(item, GridTile) else grid_item(item) for item in items]


def _tile_targets(
    targets: Sequence[GridTarget], offered: Mapping[int, Sequence[str]] | None
) -> dict[str, list[int]] | None:
    """Places among the targets instead of their ids, which are long."""
    if offered is None:
        return None
    places = {target.id: place for place, target in enumerate(targets)}
    return {str(tile): [places[target_id] for target_id in ids] for tile, ids in offered.items()}


def _action(action: GridAction) -> dict[str, Any]:
    choices = action.choices and [{"id": name, "label": text} for name, text in action.choices]
    return {**asdict(action), "choices": choices}
