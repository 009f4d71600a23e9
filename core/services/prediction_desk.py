"""One act of a curator on predictions: which are as they were seen, where products go, and the way back."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.domain.classifier import ReviewState
from core.domain.errors import StaleRevisionError, TaxonomyError
from core.domain.product import format_path
from core.domain.taxonomy import AssignmentSource
from core.services.journal import Journal
from core.services.label_issues import can_hold
from core.services.prediction_items import given_level
from core.services.shown_prediction import keeps_place
from core.taxonomy.tree import Taxonomy
from db.base import utc_now
from db.models import ModelRow, PredictionRow, ProductRow
from db.repositories import assignments, events, predictions
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.rows import update_rows

PREDICTIONS = "predictions"
"""Scope of the decisions on predictions."""
_KEPT = ("id", "review_state", "assignment_id", "decided_by", "decided_at")
"""What an act changes, and its undo puts back: values and groups may be newer by then."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What an act did.

    Attributes:
        n_decided: Predictions that it decided, or that wait again.
        n_passed_over: Those that others had acted on meanwhile.
        n_sample: Those that `accept_all` left waiting, as they are of the random sample.
    """

    n_decided: int
    n_passed_over: int
    n_sample: int = 0


class PredictionDesk:
    """One act of one curator, in one transaction."""

    def __init__(self, session: Session, author: str) -> None:
        self.taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
        self._session, self._author = session, author
        self._stop_below: dict[int, float] = {}

    def check_target(self, node_id: str) -> None:
        """Refuse a node that cannot hold products."""
        node = self.taxonomy.node(node_id)
        if not can_hold(node):
            raise TaxonomyError(f"'{node.name}' cannot hold products.", "Choose another category.")

    def fresh(self, ids: Sequence[int], seen: ReviewState) -> list[PredictionRow]:
        """Those of the predictions that are still as they were seen; refuses where none is."""
        rows = predictions.by_id(self._session, list(dict.fromkeys(ids)))
        places = predictions.places(self._session, [row.product_id for row in rows])
        by_hand = str(AssignmentSource.CURATOR)
        is_pending = seen is ReviewState.PENDING
        found = [
            row
            for row in rows
            if row.review_state == str(seen) and not (is_pending and places[row.product_id][1] == by_hand)
        ]
        if not found:
            raise self.stale(rows)
        return found

    def given(self, rows: Sequence[PredictionRow]) -> dict[int, str]:
        """Where the page says that each product goes, or where it stays; in the present taxonomy."""
        places = predictions.places(self._session, [row.product_id for row in rows])
        found = {}
        for row in rows:
            given_id, n_levels = given_level(self.taxonomy, row, self._stops(row.model_id))
            place = places[row.product_id][0]
            is_kept = n_levels < len(row.path) and keeps_place(self.taxonomy, given_id, place)
            found[row.id] = place if is_kept else given_id
        return found

    def decide(
        self, kind: str, rows: Sequence[PredictionRow], targets: Mapping[int, str] | None, n_asked: int
    ) -> Decided:
        """Place the products, where the page shows unless targets say otherwise, and write the act down."""
        session = self._session
        given: Mapping[int, str] | None = None
        if targets is None:
            targets = given = self.given(rows)
            rows = self._that_can_go(rows, targets)
        journal = self._journal(rows)
        summary = self._summary(kind, rows, targets)
        self._take_back(journal, rows)
        if given is None:  # by where the products were before any decision: the same answer twice is judged alike
            given = self.given(rows)
        placements = [(row.product_id, targets[row.id]) for row in rows]
        made = assignments.assign(session, placements, AssignmentSource.CURATOR, self._author)
        journal.assigned(made)
        at = utc_now()
        self._save(
            {"id": row.id, "assignment_id": assignment_id, "decided_by": self._author, "decided_at": at,
             "review_state": str(ReviewState.ACCEPTED if targets[row.id] == given[row.id] else ReviewState.CORRECTED)}
            for row, assignment_id in zip(rows, made, strict=True)
        )  # fmt: skip
        events.record(session, self._author, kind, summary, scope=PREDICTIONS, journal=journal)
        return Decided(len(rows), n_asked - len(rows))

    def undecide(self, rows: Sequence[PredictionRow], n_asked: int) -> Decided:
        """Let predictions wait again."""
        journal = self._journal(rows)
        what = self._title(rows[0]) if len(rows) == 1 else f"{len(rows):,} predictions"
        self._take_back(journal, rows)
        waits = {"review_state": str(ReviewState.PENDING), "assignment_id": None, "decided_by": "", "decided_at": None}
        self._save({"id": row.id, **waits} for row in rows)
        summary = f"Took back the decision on {what}"
        events.record(self._session, self._author, "undecide", summary, scope=PREDICTIONS, journal=journal)
        return Decided(len(rows), n_asked - len(rows))

    def stale(self, rows: Sequence[PredictionRow]) -> StaleRevisionError:
        """The fault of an act all of whose predictions others acted on meanwhile."""
        remedy = "Look at the list again: it shows how things stand now."
        if not rows:
            return StaleRevisionError("No such prediction waits any more; nothing was changed.", remedy)
        row, others = rows[0], f" So were {len(rows) - 1:,} more." if len(rows) > 1 else ""
        by = f"was decided by {row.decided_by}" if row.decided_by else "was placed by another act"
        return StaleRevisionError(f"{self._title(row)} {by} meanwhile; nothing was changed.{others}", remedy)

    def _that_can_go(self, rows: Sequence[PredictionRow], targets: Mapping[int, str]) -> list[PredictionRow]:
        """Those whose category is still one: where it was taken out of use with nothing above it, the root is left."""
        found = [row for row in rows if can_hold(self.taxonomy.node(targets[row.id]))]
        if rows and not found:
            raise TaxonomyError(
                f"The category that was predicted for {self._title(rows[0])} is no longer in use.",
                "Choose another category.",
            )
        return found

    def _journal(self, rows: Sequence[PredictionRow]) -> Journal:
        journal = Journal(self._session)
        journal.keep_rows(PredictionRow, _KEPT, ([getattr(row, name) for name in _KEPT] for row in rows))
        return journal

    def _take_back(self, journal: Journal, rows: Sequence[PredictionRow]) -> None:
        former = [row.assignment_id for row in rows if row.assignment_id is not None]
        journal.retracted(former)
        assignments.retract(self._session, former)

    def _save(self, rows: Iterable[dict[str, Any]]) -> None:
        update_rows(self._session, PredictionRow, list(rows))

    def _stops(self, model_id: int) -> float:
        if model_id not in self._stop_below:
            self._stop_below[model_id] = self._session.get_one(ModelRow, model_id).stop_below
        return self._stop_below[model_id]

    def _summary(self, kind: str, rows: Sequence[PredictionRow], targets: Mapping[int, str]) -> str:
        if kind == "accept" and len(rows) > 1:
            return f"Accepted {len(rows):,} predictions"
        what = self._title(rows[0]) if len(rows) == 1 else f"{len(rows):,} products"
        return f"Put {what} under {format_path(self.taxonomy.names(targets[rows[0].id]))}"

    def _title(self, row: PredictionRow) -> str:
        return f"'{textwrap.shorten(self._session.get_one(ProductRow, row.product_id).title, 60, placeholder='…')}'"
