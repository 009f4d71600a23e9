"""Predictions as a page shows them: in terms of the present taxonomy, with the reasons to look at each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.domain.classifier import ReviewState
from core.domain.product import format_path
from core.domain.shares import sure
from core.domain.stopping_rule import stop_path
from core.inference.review_value import N_HALF
from core.services.grid_items import GridItem, load_items
from core.services.shown_prediction import keeps_place
from core.taxonomy.tree import Taxonomy
from db.models import ModelRow, PredictionRow
from db.repositories import predictions

SURE = 0.5
"""Confidence from which on a path is likelier right than wrong: below, it is no more than a perhaps."""

RATHER_SURE = 0.9
"""Confidence from which on other reasons to look at a prediction weigh more."""


@dataclass(frozen=True, slots=True)
class PredictionItem:
    """A prediction as the page shows it, in terms of the present taxonomy.

    `level_names` and `level_confidences` go together, top level first. The classifier gives the first `n_levels` of
    them and stops there, as it is too unsure of the others; path, node and confidence are those down to there. Where
    it stops above the category that the product has, it says nothing against that: `keeps_place`, and to accept it
    leaves the product where it is.

    `stage` is the stage whose path it is; `text_path` and `text_confidence` say what the text stage alone would have
    given, None where it was not asked. `n_look_alikes` counts the others of its group that wait, `value` is what a
    look is worth, and `why` says so for people, the most important reason first.
    """

    id: int
    product: GridItem
    current_path: str
    predicted_path: str
    predicted_node_id: str
    level_confidences: tuple[float, ...]
    level_names: tuple[str, ...]
    confidence: float
    state: ReviewState
    n_levels: int
    keeps_place: bool
    stage: int = 2
    text_path: str | None = None
    text_confidence: float | None = None
    is_disagreement: bool = False
    n_look_alikes: int = 0
    value: float = 0.0
    is_sample: bool = False
    why: tuple[str, ...] = ()
    current_node_id: str = ""
    group_id: int = 0
    decided_by: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether the path shown is likelier right than wrong."""
        return self.confidence >= SURE


def to_items(session: Session, taxonomy: Taxonomy, model: ModelRow, ids: Sequence[int]) -> list[PredictionItem]:
    """Items of some predictions of a model, in the order of their ids."""
    rows = predictions.by_id(session, ids)
    products = {item.product_id: item for item in load_items(session, [row.product_id for row in rows])}
    places = predictions.places(session, list(products))
    n_alike = predictions.waiting_by_group(session, model.id, {row.group_id for row in rows if row.group_id})
    given = {row.id: given_level(taxonomy, row, model.stop_below) for row in rows}
    n_held = predictions.n_placed(session, {node_id for node_id, _ in given.values()})
    return [
        _item(row, products[row.product_id], places[row.product_id][0], taxonomy, given[row.id],
              n_alike.get(row.group_id, 0), n_held)
        for row in rows
    ]  # fmt: skip


def given_level(taxonomy: Taxonomy, row: PredictionRow, stop_below: float) -> tuple[str, int]:
    """The last node of the path that is shown, as it is called today, and how many levels are."""
    n_levels = stop_path(row.path, row.level_confidences, stop_below)
    return taxonomy.replacement(row.path[n_levels - 1]).id, n_levels


def _item(
    row: PredictionRow,
    product: GridItem,
    place: str,
    taxonomy: Taxonomy,
    given: tuple[str, int],
    n_waiting: int,
    n_held: dict[str, int],
) -> PredictionItem:
    given_id, n_levels = given
    n_alike = max(n_waiting - (row.review_state == str(ReviewState.PENDING)), 0)
    text = None if row.text_node_id is None else taxonomy.replacement(row.text_node_id)
    disagrees = text is not None and text.id != taxonomy.replacement(row.node_id).id
    confidence = row.level_confidences[n_levels - 1]
    return PredictionItem(
        id=row.id,
        product=product,
        current_path=product.path,
        predicted_path=format_path(taxonomy.names(given_id)),
        predicted_node_id=given_id,
        level_confidences=tuple(row.level_confidences),
        level_names=tuple(taxonomy.replacement(node_id).name for node_id in row.path),
        confidence=confidence,
        state=ReviewState(row.review_state),
        n_levels=n_levels,
        keeps_place=n_levels < len(row.path) and keeps_place(taxonomy, given_id, place),
        stage=row.stage,
        text_path=None if text is None else format_path(taxonomy.names(text.id)),
        text_confidence=row.text_confidence,
        is_disagreement=disagrees,
        n_look_alikes=n_alike,
        value=row.value,
        is_sample=row.is_sample,
        why=_why(
            confidence, text.name if text and disagrees else None, n_alike, n_held.get(given_id, 0), row.is_sample
        ),
        current_node_id=place,
        group_id=row.group_id,
        decided_by=row.decided_by,
    )


def _why(confidence: float, text_name: str | None, n_alike: int, n_held: int, is_sample: bool) -> tuple[str, ...]:
    """Short reasons to look, the most important first: how unsure it is, unless it is rather sure."""
    how_sure = f"{sure(confidence)} sure" if confidence < 1 else ""
    is_doubtful = confidence < RATHER_SURE
    found = (
        "of the random sample" if is_sample else "",
        how_sure if is_doubtful else "",
        f"the stages disagree: {text_name} by its text" if text_name else "",
        f"settles {n_alike:,} look-alike{'' if n_alike == 1 else 's'}" if n_alike > 0 else "",
        "a rare category" if n_held < N_HALF else "",
        "" if is_doubtful else how_sure,
    )
    return tuple(reason for reason in found if reason)
