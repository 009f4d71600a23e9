"""What happened to one category: who, when, what and why."""

from dataclasses import dataclass
from datetime import datetime

from core.services import history
from core.services.context import Context

STEPS = ("undo", "redo")


@dataclass(frozen=True, slots=True)
class NodeEvent:
    """One act on a category.

    Attributes:
        event_id: Its id, for `history.take_back`.
        at: When it was done.
        author: Who did it.
        summary: What was done, in a line.
        why: The reason given, if any.
        is_undone: Whether it was taken back.
        can_be_undone: Whether it has a way back.
    """

    event_id: int
    at: datetime
    author: str
    summary: str
    why: str
    is_undone: bool
    can_be_undone: bool


def history_of_node(context: Context, node_id: str, limit: int = 50) -> list[NodeEvent]:
    """Acts on a category, newest first. One that was taken back says so itself, whoever did that."""
    found = history.entries(context, node_id=node_id, limit=limit)
    return [
        NodeEvent(entry.id, entry.at, entry.author, entry.summary, entry.why, entry.undone_at is not None,
                  entry.can_be_undone)
        for entry in found
        if entry.kind not in STEPS
    ]  # fmt: skip
