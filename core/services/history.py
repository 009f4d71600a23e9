"""What was done, by whom and why; taking it back, and doing it again. It is in the database and survives a restart.

Undo and redo are each curator's own: they walk back and forth through one's acts in a scope, past those of others. Any
single act can be taken back from the history, as long as nothing that came after it changed the same things.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.domain.errors import StaleRevisionError
from core.services.context import Context
from core.services.journal_image import touched, weakly_touched, without
from core.services.journal_swap import swap
from db.models import EventRow, RunRow
from db.repositories import events
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.events import Entry

__all__ = [
    "TAXONOMY", "Entry", "do_again", "dropped_by_next_act", "entries", "next_redo", "next_undo", "redo", "run_scope",
    "take_back", "undo",
]  # fmt: skip

TAXONOMY = "taxonomy"
"""Scope of what is done to the taxonomy itself."""


def run_scope(run_id: int) -> str:
    """Scope of what is done in the review of a run."""
    return f"run:{run_id}"


def entries(
    context: Context,
    scope: str | None = None,
    *,
    node_id: str | None = None,
    run_id: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Acts, newest first: of a scope, about a node, or of a run; all of them where nothing is asked for."""
    query = select(EventRow) if node_id is None else events.about_nodes([node_id])
    if scope is not None:
        query = query.where(EventRow.scope == scope)
    if run_id is not None:
        query = query.where(EventRow.run_id == run_id)
    with context.database.read() as session:
        return events.entries(session, query, limit)


def next_undo(context: Context, scope: str, author: str) -> Entry | None:
    """What `undo` would take back; None where there is nothing."""
    with context.database.read() as session:
        return _newest(session, _standing(scope, author))


def next_redo(context: Context, scope: str, author: str) -> Entry | None:
    """What `redo` would do again; None where there is nothing."""
    with context.database.read() as session:
        return _newest(session, _taken_back(scope, author), by_step=True)


def dropped_by_next_act(context: Context, scope: str, author: str) -> int:
    """How many acts that were taken back could no longer be done again after another act."""
    with context.database.read() as session:
        return len(events.entries(session, _taken_back(scope, author)))


def undo(context: Context, scope: str, author: str) -> str | None:
    """Take back the author's newest act of a scope that still stands.

    Returns:
        What was taken back; None where there was nothing.

    Raises:
        StaleRevisionError: If an act of somebody else came after it and changed the same things.
        TaxonomyError: If categories that the act made are in use by now.
    """
    return _step(context, author, lambda session: _newest(session, _standing(scope, author)), is_undo=True)


def redo(context: Context, scope: str, author: str) -> str | None:
    """Do again what the author last took back in a scope.

    Returns:
        What was done; None where there was nothing.

    Raises:
        StaleRevisionError: If the same things were changed since it was taken back.
        TaxonomyError: If a name is taken by now.
    """
    return _step(context, author, lambda session: _newest(session, _taken_back(scope, author), by_step=True),
                 is_undo=False)  # fmt: skip


def take_back(context: Context, event_id: int, author: str) -> str | None:
    """Take back any one act, whoever did it; see `undo` for what it raises."""
    return _step(context, author, lambda session: _one(session, event_id, is_undone=False), is_undo=True)


def do_again(context: Context, event_id: int, author: str) -> str | None:
    """Do again any one act that was taken back, also one that undo and redo no longer reach; see `redo`."""
    return _step(context, author, lambda session: _one(session, event_id, is_undone=True), is_undo=False)


def _step(context: Context, author: str, choose: Callable[[Session], Entry | None], *, is_undo: bool) -> str | None:
    with context.database.write() as session:
        entry = choose(session)
        if entry is None:
            return None
        event = session.get_one(EventRow, entry.id)
        image: dict[str, Any] = event.image or {}
        image = without(image, _shared_with_others(session, entry, image))
        other = swap(session, image, is_undo=is_undo)
        events.toggle(session, event, other, is_undone=is_undo)
        said = f"{'Undid' if is_undo else 'Redid'}: {entry.summary}"
        nodes = [row[0] for row in image["tables"].get("taxonomy_node", {}).get("rows", [])]
        if "version" in event.details:
            taxonomy_rows.add_version(session, said, author)
        events.record(session, author, "undo" if is_undo else "redo", said, entry.run_id,
                      details={"event_id": entry.id}, nodes=nodes)  # fmt: skip
        run = session.get(RunRow, entry.run_id) if entry.run_id is not None else None
        if run is not None:
            run.revision += 1
        return entry.summary


def _shared_with_others(session: Session, entry: Entry, image: dict[str, Any]) -> set[tuple[str, Any]]:
    """Refuse where another act that shares a row stands now and did not after this one's last step, or the reverse.

    Then, and only then, would putting the rows back lose what the other did. Rows of which this act only said that
    somebody worked on them are left as they are instead.

    Returns:
        (table, key) of the rows to leave.
    """
    later = (EventRow.seq > entry.seq) & (EventRow.id != entry.id) & EventRow.image.is_not(None)
    candidates = [
        other
        for other in events.entries(session, select(EventRow).where(later))
        if other.stood_at(entry.seq) == (other.undone_at is not None)
    ]
    if not candidates:
        return set()
    weak = weakly_touched(image)
    mine, left = touched(image) - weak, set()
    for other in candidates:
        theirs = session.scalar(select(EventRow.image).where(EventRow.id == other.id)) or {"tables": {}}
        left |= weak & touched(theirs)
        if mine & touched(theirs):
            if other.undone_at is None:
                raise StaleRevisionError(
                    f"'{entry.summary}' cannot be changed now: '{other.summary}', by {other.author}, came after it and "
                    "changed the same things.",
                    "Take that one back first, in the history.",
                )
            raise StaleRevisionError(
                f"'{entry.summary}' cannot be changed now: it was built on '{other.summary}', which was taken back.",
                "Do that one again first, in the history.",
            )
    return left


def _standing(scope: str, author: str) -> Select[Any]:
    is_mine = (EventRow.scope == scope) & (EventRow.author == author)
    return select(EventRow).where(is_mine, EventRow.undone_at.is_(None), EventRow.image.is_not(None))


def _taken_back(scope: str, author: str) -> Select[Any]:
    is_mine = (EventRow.scope == scope) & (EventRow.author == author)
    return select(EventRow).where(is_mine, EventRow.undone_at.is_not(None), EventRow.is_dropped.is_(False))


def _newest(session: Session, query: Select[Any], *, by_step: bool = False) -> Entry | None:
    """The newest act by when it was first done; `by_step`: by its last step, as redo goes the way of undo back."""
    if by_step:
        newest = session.scalar(query.with_only_columns(EventRow.id).order_by(EventRow.seq.desc()).limit(1))
        return None if newest is None else _one(session, newest)
    found = events.entries(session, query, 1)
    return found[0] if found else None


def _one(session: Session, event_id: int, *, is_undone: bool | None = None) -> Entry | None:
    found = events.entries(session, select(EventRow).where(EventRow.id == event_id, EventRow.image.is_not(None)), 1)
    if not found or (is_undone is not None and (found[0].undone_at is not None) != is_undone):
        return None
    return found[0]
