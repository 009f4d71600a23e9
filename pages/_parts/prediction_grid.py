"""The queue as a grid of images, and what its keys do."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery
from core.services.context import Context
from core.services.prediction_acts import PREDICTIONS
from core.services.prediction_queue import PredictionItem, queue_ids
from pages._parts import history_guard, prediction_acts, prediction_bulk, prediction_view
from pages._parts.prediction_targets import Alternative
from pages._shared import words
from pages._shared.grid import GridAct, GridAction, GridCommand, GridTarget, GridTile, image_grid

KEY = "predictions_grid"
ACTIONS = {
    ReviewState.PENDING: (GridAction("accept", "Accept", key="a"),),
    ReviewState.ACCEPTED: (GridAction("undecide", "Back into the queue", key="b"),),
    ReviewState.CORRECTED: (GridAction("undecide", "Back into the queue", key="b"),),
}
COMMANDS = (
    GridCommand("correct", "Correct: find the category", "c", focuses="prediction_tree"),
    GridCommand("accept_alike", "Accept it and its look-alikes", "shift+a"),
    GridCommand("with_alike", "Let the next act reach its look-alikes", "l"),
    GridCommand("look_alikes", "List its look-alikes", "s"),
    GridCommand("next", "Next product", "j", steps=1),
    GridCommand("previous", "Previous product", "k", steps=-1),
    GridCommand("undo", "Undo", "z"),
    GridCommand("redo", "Redo", "shift+z"),
    GridCommand("back", "Back from look-alikes", "backspace"),
)


def draw(
    ctx: Context,
    query: PredictionQuery,
    items: Sequence[PredictionItem],
    following: Sequence[PredictionItem],
    total: int,
    offered: Mapping[int, Sequence[Alternative]],
) -> None:
    """Draw the grid.

    Args:
        ctx: The open workspace.
        query: What is open.
        items: Predictions of the page.
        following: Those of the next page.
        total: How many there are on all pages.
        offered: Prediction → where its product can be sent by a digit.
    """
    here = prediction_view.in_focus(items)
    labels = {each.node_id: each.label for all_of_it in offered.values() for each in all_of_it}
    image_grid(
        [tile(item) for item in items],
        key=KEY,
        label="Predictions",
        total=total,
        page=prediction_view.page_number(),
        page_size=prediction_view.PAGE_SIZE,
        following=[tile(item) for item in following],
        filter_key=hashlib.sha1(repr(query).encode(), usedforsecurity=False).hexdigest(),
        actions=ACTIONS[query.state],
        targets=[GridTarget(node_id, label) for node_id, label in labels.items()],
        tile_targets={key: [each.node_id for each in all_of_it] for key, all_of_it in offered.items()},
        commands=COMMANDS,
        on_act=lambda act: _on_act(ctx, query, items, act),
        looked_at=here.id if here else 0,
        clears=prediction_view.n_clears(),
        empty="Nothing here under these filters.",
    )


def tile(item: PredictionItem) -> GridTile:
    """A prediction as the grid draws it: where the product would go, and how sure that is."""
    said = last(item.predicted_path)
    is_told = item.n_look_alikes > 0 and prediction_view.current().group_id is None  # in their own list, all are
    marks = (f"+{words.count(item.n_look_alikes, 'look-alike')}",) if is_told else ()
    alert = "stages disagree" if item.is_disagreement else ""
    facts = (
        ("Predicted", item.predicted_path),
        ("How sure", words.sure(item.confidence)),
        ("Now in", item.current_path),
        ("By its text", item.text_path or ""),
        ("Why here", ", ".join(item.why)),
        ("Brand", item.product.brand),
        ("Platform", item.product.platform),
    )
    subtitle = _now_in(item) if is_change(item) else item.product.title
    return GridTile(item.id, item.product, said, subtitle, facts, item.confidence, not item.is_sure, marks, alert)


def _now_in(item: PredictionItem) -> str:
    if item.current_path:
        return f"now in {last(item.current_path)}"
    return item.product.title if prediction_view.current().only_unplaced else "no category yet"


def last(path: str) -> str:
    """The last name of a path."""
    return path.split(" > ")[-1] or "no category"


def is_change(item: PredictionItem) -> bool:
    """Whether the prediction contradicts where the product is."""
    return item.predicted_path != item.current_path and not item.keeps_place


def _on_act(ctx: Context, query: PredictionQuery, items: Sequence[PredictionItem], act: GridAct) -> None:
    here = next((item for item in items if item.id == act.focus), None)
    plain: dict[str, Callable[[], None]] = {
        "page": lambda: prediction_view.turn_to(int(act.choice or 1)),
        "look": lambda: prediction_view.look(act.focus, act.product_ids, is_all=act.is_all),
        "undo": lambda: _undo(ctx, items),
        "redo": lambda: history_guard.redo(ctx, PREDICTIONS),
        "back": prediction_view.back,
    }
    if act.action in plain:
        plain[act.action]()
    elif act.action == "accept" and act.is_all:
        prediction_bulk.ask_for(query)
    elif act.product_ids or act.is_all:
        prediction_view.look(act.focus)
        _on_products(ctx, query, items, act)
    elif here is not None and query.state is ReviewState.PENDING:
        _on_look_alikes(ctx, items, here, act.action)


def _undo(ctx: Context, items: Sequence[PredictionItem]) -> None:
    prediction_view.await_return(items)
    history_guard.undo(ctx, PREDICTIONS)


def _on_look_alikes(ctx: Context, items: Sequence[PredictionItem], here: PredictionItem, action: str) -> None:
    if action == "look_alikes":
        prediction_view.show_group(here)
    elif action == "with_alike":
        prediction_view.flip_look_alikes(here)
    elif action == "accept_alike" and prediction_acts.accept_with_look_alikes(ctx, here):
        left_out = prediction_view.left_out(here.id)
        gone = [item.id for item in items if item.group_id == here.group_id and item.id not in left_out]
        prediction_view.step_past(items, gone)


def _on_products(ctx: Context, query: PredictionQuery, items: Sequence[PredictionItem], act: GridAct) -> None:
    ids = queue_ids(ctx, query) if act.is_all else list(act.product_ids)
    lone = next((item for item in items if [item.id] == ids), None)
    if act.action == "accept" and lone is not None and prediction_view.takes_look_alikes(ids):
        prediction_acts.accept_with_look_alikes(ctx, lone)
    elif act.action == "accept":
        prediction_acts.accept(ctx, ids)
    elif act.action == "move":
        prediction_acts.correct(ctx, ids, str(act.choice), query.state)
    elif act.action == "undecide":
        prediction_acts.undecide(ctx, ids)
