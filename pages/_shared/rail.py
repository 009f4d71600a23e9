"""The rail: everything of a run that can be opened, in sections, with what stands where."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

_FOLDER = Path(__file__).parent
_HTML = """
<div class="rail-root" data-testid="rail">
  <div class="sections" role="listbox" aria-multiselectable="true"></div>
  <div class="foot" hidden><span class="picked" aria-live="polite"></span>
    <button type="button" class="merge" data-testid="rail-merge">Merge</button>
    <button type="button" class="quiet clear">Clear</button></div>
</div>
"""
_component = st.components.v2.component(
    "shelfwise_rail",
    html=_HTML,
    css=(_FOLDER / "rail.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "rail.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class RailRow:
    """Something to open. `digit` is the key that sends products there; `can_merge` lets it be picked with others."""

    id: str
    label: str
    size: int
    tip: str = ""
    digit: str = ""
    colour: str = ""
    mark: Literal["", "done", "rejected", "waiting", "dispute"] = ""
    note: str = ""
    who: tuple[str, ...] = ()
    is_suggested: bool = False
    is_part: bool = False
    can_merge: bool = False


@dataclass(frozen=True, slots=True)
class RailSection:
    """Rows under a heading; '' has none."""

    title: str
    rows: tuple[RailRow, ...]


@dataclass(frozen=True, slots=True)
class RailAct:
    """What somebody did: open one row, or merge several."""

    action: Literal["open", "merge"]
    ids: tuple[str, ...]


def rail(
    sections: Sequence[RailSection], *, key: str, label: str, selected: str, on_act: Callable[[RailAct], None]
) -> None:
    """Draw the rail.

    Args:
        sections: What can be opened.
        key: Widget key.
        label: What the list holds, for a screen reader.
        selected: Id of the row that is open.
        on_act: Called before the next run with what was done.
    """

    def heard() -> None:
        value = st.session_state[key].act
        if value:
            on_act(RailAct(value["action"], tuple(str(item) for item in value["ids"])))

    data = {"label": label, "selected": selected, "sections": [asdict(section) for section in sections]}
    _component(key=key, data=data, on_act_change=heard)
