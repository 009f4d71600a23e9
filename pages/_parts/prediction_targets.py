"""Where a product most likely belongs, if not where the classifier puts it: what the digits stand for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.services.prediction_queue import PredictionItem
from core.services.taxonomy import TaxonomyView

N_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Alternative:
    """A category to choose by one key; `why` says what speaks for it, '' for a mere neighbour."""

    node_id: str
    label: str
    why: str = ""


def alternatives(view: TaxonomyView, ids: Mapping[str, str], item: PredictionItem) -> tuple[Alternative, ...]:
    """Likely categories for a product other than the one predicted, the likeliest first.

    Args:
        view: The present taxonomy.
        ids: Node id of every category's path.
        item: The prediction.
    """
    taken = {item.predicted_node_id}
    found: list[Alternative] = []
    for node, why in _candidates(view, ids, item):
        if node.id in taken or node.parent_id is None or node.status is NodeStatus.DEPRECATED:
            continue
        taken.add(node.id)
        found.append(Alternative(node.id, _label(view, node, item), why))
        if len(found) == N_DIGITS:
            break
    return tuple(found)


def _candidates(view: TaxonomyView, ids: Mapping[str, str], item: PredictionItem) -> Iterator[tuple[TaxonomyNode, str]]:
    taxonomy = view.taxonomy
    predicted = taxonomy.node(item.predicted_node_id)
    if item.current_node_id in taxonomy:
        yield taxonomy.node(item.current_node_id), "where it is now"
    if item.is_disagreement and item.text_path in ids:
        yield taxonomy.node(ids[item.text_path]), "by its text"
    deeper = item.level_names[item.n_levels : item.n_levels + 1]
    below = _by_size(view, predicted.id)
    yield from ((node, "one level deeper") for node in below if node.name in deeper)
    yield from ((node, "") for node in below)
    if predicted.parent_id is not None:
        yield from ((node, "") for node in _by_size(view, predicted.parent_id))
        yield taxonomy.node(predicted.parent_id), "one level up"
    if item.current_node_id in taxonomy and (above := taxonomy.node(item.current_node_id).parent_id) is not None:
        yield from ((node, "") for node in _by_size(view, above))


def _by_size(view: TaxonomyView, parent_id: str) -> list[TaxonomyNode]:
    return sorted(view.taxonomy.children(parent_id), key=lambda node: (-view.counts.get(node.id, 0), node.name))


def _label(view: TaxonomyView, node: TaxonomyNode, item: PredictionItem) -> str:
    """Its name; with the one above it where it is no neighbour of the category predicted."""
    beside = view.taxonomy.node(item.predicted_node_id)
    if node.parent_id is None or node.id == beside.parent_id or node.parent_id in (beside.parent_id, beside.id):
        return node.name
    above = view.taxonomy.node(node.parent_id)
    return node.name if above.parent_id is None else f"{above.name} › {node.name}"
