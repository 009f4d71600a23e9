"""The rows an act changes, as they were before it: what its undo puts back, and its redo after that.

An event keeps one image: the rows on the act's other side. Undo swaps them with those in the database, so that the
event then holds what redo needs; redo swaps again. Acts that commute may be taken back in any order.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from core.domain.taxonomy import NodeStatus
from core.services.journal_image import Image, RowClass, TableImage, copied, keys_of, plain, read_rows
from core.services.packed_rows import not_among, pack
from db.models import NodeRow


class Journal:
    """Collects what an act changes, while it does.

    Args:
        session: The act's transaction.
        image: Of an act that goes on; the rows it changed already keep their first image.
    """

    def __init__(self, session: Session, image: Image | None = None) -> None:
        self._session = session
        begun = image or {}
        self._tables: dict[str, TableImage] = {name: copied(table) for name, table in begun.get("tables", {}).items()}
        self._assignments: list[int] = list(begun.get("assignments", ()))
        self._retracted: list[int] = list(begun.get("retracted", ()))
        self._created_nodes: list[str] = list(begun.get("created_nodes", ()))
        self._weak: set[tuple[str, Any]] = {(name, key) for name, key in begun.get("weak", ())}

    def keep(self, row_class: RowClass, keys: Collection[Any], *, is_weak: bool = False) -> None:
        """Remember rows as they are, before they change. Rows remembered already keep their first image.

        Args:
            row_class: Their table.
            keys: Of the rows.
            is_weak: The act only says that somebody worked on them: where others change them too, its undo leaves them
                as they are.
        """
        known = self._known(row_class)
        wanted = [key for key in dict.fromkeys(keys) if key not in known]
        if is_weak:
            self._weak.update((row_class.__tablename__, key) for key in wanted)
        else:
            self._weak.difference_update((row_class.__tablename__, key) for key in keys)
        if wanted:
            columns = [column.name for column in row_class.__table__.columns]
            self.keep_rows(row_class, columns, read_rows(self._session, row_class, columns, wanted))

    def keep_rows(self, row_class: RowClass, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Remember rows that were read already.

        Args:
            row_class: Their table.
            columns: Names of their values, the key first. The same for all rows of a table.
            rows: One sequence of values each.
        """
        table = self._table(row_class, columns)
        if table["columns"] != list(columns):
            raise ValueError(f"{row_class.__tablename__} is kept with the columns {table['columns']} already.")
        table["rows"].extend([plain(value) for value in row] for row in rows)

    def keep_columns(self, row_class: RowClass, columns: Mapping[str, Sequence[Any]]) -> None:
        """Remember many rows that were read already, in little room.

        Args:
            row_class: Their table, whose values are numbers.
            columns: Name → one value per row, the key first; in an array, `packed_rows.NOTHING` stands for None.
        """
        table = self._table(row_class, list(columns))
        if table["columns"] != list(columns):
            raise ValueError(f"{row_class.__tablename__} is kept with the columns {table['columns']} already.")
        ids = np.asarray(next(iter(columns.values())), dtype=np.int64)
        plain = {*(row[0] for row in table["rows"]), *table["absent"]}
        is_new = not_among(ids, table["packed"])
        if plain:
            is_new &= np.array([key not in plain for key in ids.tolist()], dtype=bool)
        chosen = np.flatnonzero(is_new).tolist()
        if chosen:
            kept = columns if len(chosen) == len(ids) else _at(columns, chosen)
            table["packed"].append(pack(kept))

    def unmade(self, row_class: RowClass, keys: Iterable[Any]) -> None:
        """Forget rows that the act made and took away again."""
        gone = set(keys)
        table = self._tables.get(row_class.__tablename__)
        if table is not None:
            table["absent"] = [key for key in table["absent"] if key not in gone]

    def made(self, row_class: RowClass, keys: Iterable[Any]) -> None:
        """Remember that rows were not there: undo deletes them, redo puts them back under the same keys."""
        columns = [column.name for column in row_class.__table__.columns]
        self._table(row_class, columns)["absent"].extend(keys)

    def made_nodes(self, node_ids: Iterable[str]) -> None:
        """Remember that nodes are new: undo deprecates them towards their parent, as a node is never deleted."""
        ids = list(node_ids)
        if not ids:
            return
        self.keep(NodeRow, ids)
        table, made = self._tables[NodeRow.__tablename__], set(ids)
        at = {name: index for index, name in enumerate(table["columns"])}
        for row in table["rows"]:
            if row[0] in made:
                row[at["status"]], row[at["replaced_by"]] = str(NodeStatus.DEPRECATED), row[at["parent_id"]]
        self._created_nodes.extend(ids)

    def assigned(self, assignment_ids: Iterable[int]) -> None:
        """Remember assignments that the act made: undo retracts them, redo makes them count again."""
        self._assignments.extend(assignment_ids)

    def retracted(self, assignment_ids: Iterable[int]) -> None:
        """Remember assignments that the act took back: undo makes them count again, redo retracts them."""
        self._retracted.extend(assignment_ids)

    @property
    def image(self) -> Image:
        """What the event keeps."""
        weak = [list(pair) for pair in sorted(self._weak, key=repr)]
        return {"tables": self._tables, "assignments": self._assignments, "created_nodes": self._created_nodes,
                "weak": weak, "retracted": self._retracted}  # fmt: skip

    def _table(self, row_class: RowClass, columns: Sequence[str]) -> TableImage:
        empty: TableImage = {"columns": list(columns), "rows": [], "packed": [], "absent": []}
        return self._tables.setdefault(row_class.__tablename__, empty)

    def _known(self, row_class: RowClass) -> set[Any]:
        table = self._tables.get(row_class.__tablename__)
        return set(keys_of(table)) if table else set()


def _at(columns: Mapping[str, Sequence[Any]], chosen: Sequence[int]) -> dict[str, Sequence[Any]]:
    return {
        name: values[chosen] if isinstance(values, np.ndarray) else [values[index] for index in chosen]
        for name, values in columns.items()
    }
