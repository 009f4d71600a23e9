"""The image grid: selection in the browser, one message to Python when somebody acts on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from core.services.review import GridItem
from pages._shared import state
from pages._shared.words import price

_FOLDER = Path(__file__).parent
_HTML = """
<div class="grid-root" data-testid="image-grid">
  <div class="tiles" role="listbox" aria-multiselectable="true"></div>
  <div class="foot" hidden></div>
  <div class="bar" data-testid="grid-actions" role="toolbar" aria-label="Selected products" hidden></div>
  <div class="preview" popover="manual" data-testid="grid-preview" role="tooltip"></div>
</div>
"""
_component = st.components.v2.component(
    "shelfwise_image_grid",
    html=_HTML,
    css=(_FOLDER / "grid.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "grid.js").read_text(encoding="utf-8"),
)
MORE = "more"
STEP = 27


@dataclass(frozen=True, slots=True)
class GridAction:
    """A button of the grid's bar. `choices`: (id, label) of a menu; none makes it a plain button."""

    id: str
    label: str
    choices: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class GridAct:
    """What somebody did: the button, the choice of its menu, and the products selected."""

    action: str
    choice: str | None
    product_ids: tuple[int, ...]


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


def _read_act(key: str) -> GridAct | None:
    value = st.session_state[key].act
    if not value:
        return None
    return GridAct(str(value["action"]), value.get("choice"), tuple(int(number) for number in value["ids"]))


def image_grid(
    items: Sequence[GridItem],
    *,
    key: str,
    label: str,
    total: int | None = None,
    actions: Sequence[GridAction] = (),
    on_act: Callable[[GridAct], None] | None = None,
    size: Literal["small", "normal", "large"] = "normal",
) -> None:
    """Draw products as a grid of images in which several can be selected and acted on.

    Args:
        items: The products shown, in order.
        key: Widget key.
        label: What the grid holds, for a screen reader.
        total: How many products there are in all; more than shown offers `Show more`, an act named `more`.
        actions: Buttons that appear while something is selected; none makes the grid look-only.
        on_act: Called before the next run with what was done.
        size: How large the images are.
    """
    acts_key = state.GRID_ACTS.format(grid=key)

    def heard() -> None:
        st.session_state[acts_key] = st.session_state.get(acts_key, 0) + 1  # new data: the grid wakes from its wait
        act = _read_act(key)
        if act is not None and on_act is not None:
            on_act(act)

    data = {
        "key": key,
        "label": label,
        "items": [grid_item(item) for item in items],
        "total": len(items) if total is None else total,
        "step": STEP,
        "size": size,
        "n_acts": st.session_state.get(acts_key, 0),
        "actions": [
            {
                "id": action.id,
                "label": action.label,
                "choices": action.choices and [{"id": name, "label": text} for name, text in action.choices],
            }
            for action in actions
        ],
    }
    _component(key=key, data=data, on_act_change=heard)
