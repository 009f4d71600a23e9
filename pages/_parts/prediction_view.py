"""What of the queue is open on the page of predictions, and which of them the curator is looking at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery, QueueOrder
from core.services.prediction_queue import PredictionItem
from pages._parts.prediction_address import NAMES, from_address, to_address
from pages._shared import state

PAGE_SIZE = 48
MOST_SEEN = 24
"""Look-alikes that can be looked at beside a prediction; more are looked at in a list of their own."""
STRIP = "prediction_strip"
"""Key of the widget that shows them."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The prediction in focus, those selected, and whether everything in the filter is meant."""

    focus: int | None = None
    ids: tuple[int, ...] = ()
    is_all: bool = False


def current() -> PredictionQuery:
    """What is open: as the curator chose, or as the address says."""
    held: PredictionQuery | None = st.session_state.get(state.PREDICTIONS_VIEW)
    if held is None:
        held = from_address(st.query_params.to_dict())
        st.session_state[state.PREDICTIONS_PAGE] = max(state.query_number(state.PAGE) or 1, 1)
        st.session_state[state.PREDICTIONS_VIEW] = held
    return held


def change(**parts: Any) -> None:
    """Narrow or widen what is open, from its first page on."""
    query = replace(current(), **parts)
    if "state" in parts:
        is_open = query.state is ReviewState.PENDING
        order = QueueOrder.VALUE if is_open else QueueOrder.NEWEST_DECISION
        query = replace(query, order=order, group_id=None, only_unplaced=query.only_unplaced and is_open)
    st.session_state[state.PREDICTIONS_VIEW] = query
    st.session_state[state.PREDICTIONS_LOOKED] = Looked()
    turn_to(1)


def show(query: PredictionQuery) -> None:
    """Open something else altogether."""
    st.session_state[state.PREDICTIONS_VIEW] = query
    change()


def show_group(item: PredictionItem) -> None:
    """Open a prediction with its look-alikes alone; `back` returns."""
    if not item.n_look_alikes:
        return
    st.session_state[state.PREDICTIONS_HOME] = (current(), page_number(), Looked(item.id))
    show(PredictionQuery(group_id=item.group_id))


def back() -> None:
    """From look-alikes to what was open before."""
    if current().group_id is None:
        return
    query, number, looked = st.session_state.pop(state.PREDICTIONS_HOME, (PredictionQuery(), 1, Looked()))
    show(query)
    turn_to(number)
    st.session_state[state.PREDICTIONS_LOOKED] = looked


def back_once_empty(total: int) -> None:
    """From look-alikes that are all decided to what was open before."""
    if not total:
        back()


def page_number() -> int:
    """The page of the grid that is open."""
    return int(st.session_state.get(state.PREDICTIONS_PAGE, 1))


def turn_to(number: int) -> None:
    """Open another page."""
    st.session_state[state.PREDICTIONS_PAGE] = number


def looked() -> Looked:
    """What the curator looks at."""
    return st.session_state.get(state.PREDICTIONS_LOOKED, Looked())


def look(focus: int | None, ids: Sequence[int] = (), *, is_all: bool = False) -> None:
    """Remember what the curator looks at."""
    st.session_state[state.PREDICTIONS_LOOKED] = Looked(focus, tuple(ids), is_all)


def in_focus(items: Sequence[PredictionItem]) -> PredictionItem | None:
    """The one of a page that is shown large: that in focus, else the first."""
    focus = looked().focus
    return next((item for item in items if item.id == focus), items[0] if items else None)


def step_past(items: Sequence[PredictionItem], ids: Sequence[int]) -> None:
    """After an act outside the grid: go on to the next that stays, and let the grid forget its selection."""
    here = in_focus(items)
    at = items.index(here) if here is not None else 0
    around = [*items[at:], *reversed(items[:at])]
    look(next((item.id for item in around if item.id not in ids), None))
    st.session_state[state.PREDICTIONS_CLEARS] = n_clears() + 1


def await_return(items: Sequence[PredictionItem]) -> None:
    """Before acts are taken back: what comes back into this page is to be looked at."""
    st.session_state[state.PREDICTIONS_BEFORE] = frozenset(item.id for item in items)


def look_at_what_returned(items: Sequence[PredictionItem]) -> None:
    """Once acts were taken back: look at the first that came back, as it is mostly to be decided anew."""
    before = st.session_state.pop(state.PREDICTIONS_BEFORE, None)
    back = None if before is None else next((item for item in items if item.id not in before), None)
    if back is not None:
        look(back.id)
        st.session_state[state.PREDICTIONS_CLEARS] = n_clears() + 1


def takes_look_alikes(ids: Sequence[int]) -> bool:
    """Whether what is done to these is done to the look-alikes, too: asked for a lone one, until another is shown."""
    return len(ids) == 1 and st.session_state.get(state.PREDICTIONS_WITH) == ids[0]


def flip_look_alikes(item: PredictionItem | None) -> None:
    """Let acts on a prediction reach its look-alikes, or no longer; those that are too many are listed first."""
    if item is not None and must_list(item):
        show_group(item)
        return
    is_on = item is not None and takes_look_alikes([item.id])
    st.session_state[state.PREDICTIONS_WITH] = item.id if item and item.n_look_alikes and not is_on else None


def must_list(item: PredictionItem) -> bool:
    """Whether the look-alikes are too many to have been seen: nothing is done to products that nobody looked at."""
    return item.n_look_alikes > MOST_SEEN and current().group_id != item.group_id


def left_out(prediction_id: int) -> frozenset[int]:
    """Ids of the look-alikes of a prediction that the curator took out of what is done to all of them."""
    keep_left_out()  # a key pressed right after a click may be heard first
    kept: dict[int, frozenset[int]] = st.session_state.get(state.PREDICTIONS_LEFT_OUT, {})
    return kept.get(prediction_id, frozenset())


def keep_left_out() -> None:
    """Remember what the browser says of look-alikes left out, for when another prediction is shown meanwhile."""
    held = st.session_state.get(STRIP)
    said = held.get("left_out") if held else None
    if said:
        kept = st.session_state.setdefault(state.PREDICTIONS_LEFT_OUT, {})
        kept[int(said["about"])] = frozenset(int(number) for number in said["ids"])


def n_clears() -> int:
    """How often the grid was told to forget its selection."""
    return int(st.session_state.get(state.PREDICTIONS_CLEARS, 0))


def write_address() -> None:
    """Let the address lead back here."""
    wanted = to_address(current(), page_number())
    for name in NAMES:
        if name not in wanted:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
