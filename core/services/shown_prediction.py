"""What a prediction says as it is shown: in the present taxonomy, and only as deep as the classifier is sure enough.

The rule is that of `core.domain.stopping_rule.stop_path`, said in the database's words so that it can filter and sort.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, select, tuple_
from sqlalchemy.orm import Session

from core.taxonomy.tree import Taxonomy
from db.models import ModelRow, PredictionRow, ProductRow


@dataclass(frozen=True, slots=True)
class ShownPrediction:
    """Expressions over `PredictionRow`: the last node that is given, of the model's taxonomy, and how sure it is."""

    node_id: ColumnElement[Any]
    confidence: ColumnElement[Any]

    def meaning(self, taxonomy: Taxonomy, node_ids: Collection[str]) -> list[str]:
        """Nodes that are shown as one of these: themselves, and those that became one of them."""
        return [node.id for node in taxonomy.nodes if taxonomy.replacement(node.id).id in node_ids]

    def present_node_id(self, taxonomy: Taxonomy) -> ColumnElement[Any]:
        """What the last node that is given has become in the present taxonomy."""
        became = {node.id: taxonomy.replacement(node.id).id for node in taxonomy.nodes if node.replaced_by is not None}
        moved = {old: new for old, new in became.items() if old != new}
        return case(moved, value=self.node_id, else_=self.node_id) if moved else self.node_id

    def is_change(self, session: Session, taxonomy: Taxonomy, model_id: int) -> ColumnElement[bool]:
        """Whether the category shown differs from where the product is; needs `ProductRow` beside the prediction."""
        given = self.present_node_id(taxonomy)
        is_stopped = self.node_id != PredictionRow.node_id
        pairs = select(given, ProductRow.node_id).join(ProductRow, ProductRow.id == PredictionRow.product_id).distinct()
        found = session.execute(pairs.where(PredictionRow.model_id == model_id, is_stopped)).all()
        agreeing = [(given_id, present) for given_id, present in found if keeps_place(taxonomy, given_id, present)]
        is_kept = and_(is_stopped, tuple_(given, ProductRow.node_id).in_(agreeing))
        return and_(given != ProductRow.node_id, not_(is_kept))


def keeps_place(taxonomy: Taxonomy, given_id: str, present_id: str) -> bool:
    """Whether a path that stopped at a node for being unsure says nothing against where the product is: below it."""
    return given_id != present_id and given_id in {node.id for node in taxonomy.path(present_id)}


def shown_prediction(session: Session, model: ModelRow) -> ShownPrediction:
    """What the predictions of a model say where it stops for being unsure."""
    if not model.stop_below:
        return ShownPrediction(PredictionRow.node_id, PredictionRow.confidence)
    own = PredictionRow.model_id == model.id
    # A temperature for each level; only a model that came without them is asked through its paths.
    deepest = len(model.config.get("temperatures", ())) or session.scalar(
        select(func.max(func.json_array_length(PredictionRow.path))).where(own)
    )
    path, sure = PredictionRow.path, PredictionRow.level_confidences
    enough = [(sure[level].as_float() >= model.stop_below, level) for level in range((deepest or 1) - 1, 0, -1)]
    if not enough:
        return ShownPrediction(path[0].as_string(), sure[0].as_float())
    return ShownPrediction(
        case(*((is_sure, path[level].as_string()) for is_sure, level in enough), else_=path[0].as_string()),
        case(*((is_sure, sure[level].as_float()) for is_sure, level in enough), else_=sure[0].as_float()),
    )
