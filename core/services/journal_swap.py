"""Swap the rows that an act changed with those in its image: undo and redo are the same step, there and back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.domain.errors import TaxonomyError
from core.services.journal_checks import check_places, check_tree, check_unpointed, check_unused
from core.services.journal_image import TABLES, Image, RowClass, key_column, packed, present, typed, unpacked
from core.services.review_rows import make_stale
from db.models import ClusterRow, MemberRow, NodeRow
from db.repositories import assignments
from db.repositories.members import save_states
from db.repositories.products import chunks
from db.repositories.rows import update_rows


def swap(session: Session, image: Image, *, is_undo: bool) -> Image:
    """Put the rows of an image in the place of those in the database.

    Args:
        session: A session that may write.
        image: Of an event, on its other side.
        is_undo: Whether the act is taken back; else it is done again.

    Returns:
        The rows that were there: the event's new image.

    Raises:
        TaxonomyError: If nodes that the act made hold products or subcategories from elsewhere by now, or a name is
            taken again meanwhile.
    """
    session.flush()
    image = unpacked(image)
    other = present(session, image)
    make_stale(session, check_places(session, image, other))
    if is_undo:
        assignments.retract(session, image["assignments"])
        check_unused(session, image["created_nodes"])
    else:
        assignments.retract(session, image.get("retracted", ()))
    _make_room(session, image, other)
    image = _with_free_numbers(session, image)
    for row_class in TABLES:
        try:
            _write(session, row_class, image, other)
        except IntegrityError as error:
            raise TaxonomyError(
                "A name or a number that this would bring back is taken by now.", "Rename what has it, then try again."
            ) from error
    for row_class in reversed(TABLES):
        try:
            _delete(session, row_class, image)
        except IntegrityError as error:
            raise TaxonomyError(
                "What this would take away is in use by now.", "Take back what came after it first, in the history."
            ) from error
    session.flush()
    session.expire_all()
    if is_undo:
        check_unpointed(session, image["created_nodes"])
        assignments.reinstate(session, image.get("retracted", ()))
    else:
        assignments.reinstate(session, image["assignments"])
    nodes = image["tables"].get(NodeRow.__tablename__)
    if nodes:
        ids = [row[0] for row in nodes["rows"]]
        check_tree(session, ids)
        assignments.refresh_under(session, ids)
    return packed(other)


def _make_room(session: Session, image: Image, other: Image) -> None:
    """Clusters that go give up their numbers, and nodes their names, to those that come back."""
    clusters = image["tables"].get(ClusterRow.__tablename__)
    if clusters:
        keys = [*clusters["absent"], *(row[0] for row in other["tables"][ClusterRow.__tablename__]["rows"])]
        for part in chunks(keys):
            made_free = update(ClusterRow).where(ClusterRow.id.in_(part)).values(number=-ClusterRow.id)
            session.execute(made_free.execution_options(synchronize_session=False))
    nodes = image["tables"].get(NodeRow.__tablename__)
    if nodes:
        for part in chunks([row[0] for row in nodes["rows"]]):
            made_free = update(NodeRow).where(NodeRow.id.in_(part)).values(name=NodeRow.id)
            session.execute(made_free.execution_options(synchronize_session=False))


def _with_free_numbers(session: Session, image: Image) -> Image:
    """Clusters that come back while others got their numbers meanwhile, as by a re-cut, are numbered on."""
    table = image["tables"].get(ClusterRow.__tablename__)
    if not table or not table["rows"]:
        return image
    number, run_id = (table["columns"].index(name) for name in ("number", "run_id"))
    query = select(ClusterRow.number).where(ClusterRow.run_id == table["rows"][0][run_id], ClusterRow.number > 0)
    taken = set(session.scalars(query))
    last, rows = max(taken | {row[number] for row in table["rows"]}), []
    for row in table["rows"]:
        last += row[number] in taken
        rows.append([*row[:number], last if row[number] in taken else row[number], *row[number + 1 :]])
    return {**image, "tables": {**image["tables"], ClusterRow.__tablename__: {**table, "rows": rows}}}


def _write(session: Session, row_class: RowClass, image: Image, other: Image) -> None:
    table = image["tables"].get(row_class.__tablename__)
    if not table or not table["rows"]:
        return
    there = {row[0]: row for row in other["tables"][row_class.__tablename__]["rows"]}
    values = [typed(row_class, dict(zip(table["columns"], row, strict=True))) for row in table["rows"]]
    if "revision" in table["columns"]:
        at = table["columns"].index("revision")
        for row in values:
            held = there.get(row[key_column(row_class).name])
            row["revision"] = max(row["revision"], held[at] if held else 0) + 1
    changed = [row for row in values if row[key_column(row_class).name] in there]
    missing = [row for row in values if row[key_column(row_class).name] not in there]
    if missing:
        session.execute(insert(row_class), sorted(missing, key=lambda row: row.get("level", 0)))
    if changed:
        _update(session, row_class, table["columns"], changed)


def _update(session: Session, row_class: RowClass, columns: Sequence[str], rows: list[dict[str, Any]]) -> None:
    if row_class is MemberRow:
        save_states(session, columns, rows)
    else:
        update_rows(session, row_class, rows)


def _delete(session: Session, row_class: RowClass, image: Image) -> None:
    table = image["tables"].get(row_class.__tablename__)
    if not table or not table["absent"]:
        return
    if row_class is ClusterRow:
        below = ClusterRow.id.in_(table["absent"]) & (ClusterRow.level > 1)
        levels = session.scalars(select(ClusterRow.level).where(below).distinct().order_by(ClusterRow.level.desc()))
        for level in list(levels):
            session.execute(delete(ClusterRow).where(below, ClusterRow.level == level))
    for part in chunks(table["absent"]):
        session.execute(delete(row_class).where(key_column(row_class).in_(part)))
