"""How many predictions of the active classifier wait, and the categories that a curator can choose for them.

`core.services.prediction_queue` lists them, `core.services.prediction_acts` decides them.
"""

from core.domain.classifier import ReviewState
from core.services.context import Context
from core.services.grid_items import node_paths
from core.services.models import active_row
from core.services.prediction_items import PredictionItem
from core.taxonomy.tree import Taxonomy
from db.repositories import predictions
from db.repositories import taxonomy as taxonomy_rows

__all__ = ["PredictionItem", "nodes_for_choice", "prediction_counts"]


def prediction_counts(context: Context) -> dict[ReviewState, int]:
    """Predictions of the active classifier by state; zeros where none is active."""
    with context.database.read() as session:
        model = active_row(session)
        return dict.fromkeys(ReviewState, 0) if model is None else predictions.counts(session, model.id)


def nodes_for_choice(context: Context) -> list[tuple[str, str]]:
    """Node id and path of every category that can hold products, by path."""
    with context.database.read() as session:
        taxonomy = Taxonomy(taxonomy_rows.load_nodes(session))
    paths = node_paths(taxonomy)
    live = (node for node in taxonomy.walk() if node.parent_id is not None)
    return sorted(((node.id, paths[node.id]) for node in live), key=lambda choice: choice[1].casefold())
