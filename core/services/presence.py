"""Who has which cluster open. It lives in the database, so that curators on different servers see each other.

Nobody waits for it: while another writer holds the database, a sign of life is passed over, and the next one counts.
"""

from contextlib import suppress
from datetime import timedelta

from core.services.context import Context
from db.base import utc_now
from db.repositories import presence as rows
from db.session import WriterBusyError

PRESENT_FOR = timedelta(seconds=30)
"""Who was not heard of for longer has left."""
TOLD_EVERY = timedelta(seconds=8)
"""A tab that shows the same cluster writes no more often: several signs fit into `PRESENT_FOR`, should some be lost."""
KEPT_FOR = timedelta(minutes=10)
WAIT_MS = 4
SOMEBODY = "Somebody"
"""How a reader is called who gave no name."""


def seen(context: Context, session_id: str, author: str, run_id: int | None, cluster_id: int | None) -> None:
    """Say that a browser tab shows a cluster now, or a run without any.

    Args:
        context: The open workspace.
        session_id: Identity of the tab, at most 64 characters.
        author: Who sits there; '' for a reader without a name.
        run_id: The run it shows.
        cluster_id: The cluster of it that is open.
    """
    now = utc_now()
    with context.database.read() as session:
        last = rows.row_of(session, session_id)
        is_same = last is not None and (last.author, last.run_id, last.cluster_id) == (author, run_id, cluster_id)
        if is_same and now - last.seen_at < TOLD_EVERY:
            return
    with suppress(WriterBusyError), context.database.write(wait_ms=WAIT_MS) as session:
        rows.put(session, session_id, author, run_id, cluster_id, now)
        rows.remove_before(session, now - KEPT_FOR)


def others(context: Context, session_id: str, run_id: int) -> dict[int | None, tuple[str, ...]]:
    """Who else has what open in a run.

    Args:
        context: The open workspace.
        session_id: The tab that asks; it and others of the same person are left out.
        run_id: The run.

    Returns:
        Cluster id → names in alphabetical order; None is the key of those who look at the run as a whole.
    """
    with context.database.read() as session:
        present = rows.in_run(session, run_id, utc_now() - PRESENT_FOR)
    own = {row.author.casefold() for row in present if row.session_id == session_id and row.author}
    found: dict[int | None, set[str]] = {}
    for row in present:
        if row.session_id != session_id and row.author.casefold() not in own:
            found.setdefault(row.cluster_id, set()).add(row.author or SOMEBODY)
    return {cluster_id: tuple(sorted(names, key=str.casefold)) for cluster_id, names in found.items()}


def gone(context: Context, session_id: str) -> None:
    """Say that a tab shows no run any more."""
    with suppress(WriterBusyError), context.database.write(wait_ms=WAIT_MS) as session:
        rows.remove(session, session_id)
