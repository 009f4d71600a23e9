"""The map of a run: points in the browser, drawn on the graphics card; Python hears of what somebody picked."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from core.services.run_map import READ_TOKEN, MapColour
from pages._shared import palette

_FOLDER = Path(__file__).parent
_HTML = """
<div class="sw-map" data-testid="cluster-map">
  <div class="sw-map-tools" role="toolbar" aria-label="Map"></div>
  <div class="sw-map-stage" tabindex="0" role="group">
    <div class="sw-map-plot"></div>
    <canvas class="sw-map-overlay" aria-hidden="true"></canvas>
    <div class="sw-map-said" role="status" hidden></div>
  </div>
  <div class="sw-map-legend" role="group" aria-label="Legend: press to hide or show"></div>
  <div class="sw-map-notes"></div>
  <div class="sw-map-card" popover="manual" role="tooltip"></div>
</div>
"""
_SCRIPTS = ("map_points.js", "map_overlay.js", "map_legend.js", "map_tools.js", "map.js")
# Without a shadow root: the rules that plotly.js needs are added to the document, where it looks for them.
_component = st.components.v2.component(
    "shelfwise_cluster_map",
    html=_HTML,
    css=(_FOLDER / "map.css").read_text(encoding="utf-8"),
    js="\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    isolate_styles=False,
)


@dataclass(frozen=True, slots=True)
class MapAct:
    """What somebody did on a map: drew around products, clicked on one, or took that back."""

    action: Literal["lasso", "point", "clear"]
    product_ids: tuple[int, ...]


@cache
def library_url() -> str:
    """Where the browser finds plotly.js; another version has another address, so that it may be kept for ever."""
    return f"/library/plotly-{version('plotly')}.js"


def points_url(run_id: int, colour: MapColour, revision: str) -> str:
    """Where the browser finds a map; only addresses made by this process are answered."""
    return f"/runs/{run_id}/map?" + urlencode({"colour": str(colour), "revision": revision, "token": READ_TOKEN})


def point_url(run_id: int) -> str:
    """Where the browser finds what to say of a product; `{id}` stands for it."""
    return f"/runs/{run_id}/point/{{id}}?" + urlencode({"token": READ_TOKEN})


def read_act(value: dict[str, object] | None) -> MapAct | None:
    """What the browser said; None where it said nothing that a map says."""
    if not value or value.get("action") not in ("lasso", "point", "clear"):
        return None
    ids = value.get("ids")
    return MapAct(value["action"], tuple(int(number) for number in ids) if isinstance(ids, list) else ())  # type: ignore[arg-type]


def cluster_map(
    run_id: int,
    *,
    key: str,
    colour: MapColour,
    revision: str,
    open_cluster: int | None,
    on_act: Callable[[MapAct], None] | None = None,
    height: int = 420,
    forget: int = 0,
) -> None:
    """Draw the map of a run.

    Args:
        run_id: The run.
        key: Widget key.
        colour: What the colours say.
        revision: Changes whenever a point may have changed its cluster, name or colour; the points are fetched anew.
        open_cluster: Cluster of any level whose products stand out; None for none.
        on_act: Called before the next run with what was done.
        height: Of the map without its legend, in pixels.
        forget: Another number than before makes the map forget what was drawn around.
    """

    def heard() -> None:
        act = read_act(st.session_state[key].act)
        if act is not None and on_act is not None:
            on_act(act)

    aside, others = palette.quiet_colours()
    is_ordered = colour is MapColour.CONFIDENCE
    data = {
        "key": key,
        "run": run_id,
        "library": library_url(),
        "points": points_url(run_id, colour, revision),
        "point": point_url(run_id),
        "colour": str(colour),
        "colours": palette.confidence_colours() if is_ordered else palette.group_colours(),
        "quiet": {"none": aside, "other": others},
        "cluster_id": open_cluster,
        "height": height,
        "forget": forget,
    }
    _component(key=key, data=data, on_act_change=heard)
