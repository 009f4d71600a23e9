"""A view of the queue as the address bar says it, so that a reload and a shared link lead back to it."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery, QueueOrder
from pages._shared.state import PAGE

FLAGS = {"only_changes": "changes", "only_disagreements": "disagreements", "only_sample": "sample",
         "only_unplaced": "new"}  # fmt: skip
DEFAULT = PredictionQuery()
NAMES = ("state", "order", "platform", "node", "only", "stage", "alike", PAGE)
Named = TypeVar("Named", ReviewState, QueueOrder)


def to_address(query: PredictionQuery, number: int = 1) -> dict[str, str]:
    """What the address says of a view; nothing of what is as it is at first."""
    flags = ",".join(name for part, name in FLAGS.items() if getattr(query, part))
    said = {
        "state": "" if query.state is DEFAULT.state else str(query.state),
        "order": "" if query.order is DEFAULT.order else str(query.order),
        "platform": query.platform or "",
        "node": query.node_id or "",
        "only": flags,
        "stage": "" if query.stage is None else str(query.stage),
        "alike": "" if query.group_id is None else str(query.group_id),
        PAGE: "" if number == 1 else str(number),
    }
    return {name: value for name, value in said.items() if value}


def from_address(said: Mapping[str, str]) -> PredictionQuery:
    """The view that an address names; what it says wrongly counts as not said."""
    flags = said.get("only", "").split(",")
    return PredictionQuery(
        state=_one_of(ReviewState, said.get("state"), DEFAULT.state),
        order=_one_of(QueueOrder, said.get("order"), DEFAULT.order),
        platform=said.get("platform") or None,
        node_id=said.get("node") or None,
        stage=_number(said.get("stage")),
        group_id=_number(said.get("alike")),
        **{part: name in flags for part, name in FLAGS.items()},
    )


def _one_of(kind: Callable[[str], Named], text: str | None, default: Named) -> Named:
    try:
        return kind(text or "")
    except ValueError:
        return default


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
