"""The look-alikes of a prediction as small pictures: all are seen, and each can be left out of what is done to them."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.services.prediction_queue import PredictionItem
from pages._parts import prediction_view
from pages._parts.prediction_grid import last
from pages._shared.grid import thumb_url

_FOLDER = Path(__file__).parent
_HTML = """
<div class="strip-root" data-testid="look-alikes">
  <div class="pictures" role="group"></div>
  <div class="card" popover="manual" role="tooltip"></div>
</div>
"""
_component = st.components.v2.component(
    "shelfwise_look_alikes",
    html=_HTML,
    css=(_FOLDER / "prediction_strip.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "prediction_strip.js").read_text(encoding="utf-8"),
)


def strip(item: PredictionItem, alike: Sequence[PredictionItem], left_out: Collection[int]) -> None:
    """Draw the look-alikes of a prediction.

    Args:
        item: The prediction in focus.
        alike: Its look-alikes, in order.
        left_out: Ids of those that are left out.
    """
    data = {
        "about": item.id,
        "label": "Look-alikes: those pressed are decided with this one",
        "pictures": [_picture(item, other) for other in alike],
        "left_out": sorted(left_out),
    }
    _component(key=prediction_view.STRIP, data=data, on_left_out_change=prediction_view.keep_left_out)


def _picture(item: PredictionItem, other: PredictionItem) -> dict[str, Any]:
    is_other = other.predicted_node_id != item.predicted_node_id
    return {
        "id": other.id,
        "thumb": thumb_url(other.product.image_hash),
        "title": other.product.title,
        "says": last(other.predicted_path) if is_other else "",
    }
