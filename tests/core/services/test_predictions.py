"""Reviewing predictions: the least certain first; every decision is an assignment of the curator."""

import pytest
from sqlalchemy import select

from core.domain.classifier import ReviewState
from core.domain.errors import NodeNotFoundError, StaleRevisionError, TaxonomyError
from core.domain.prediction_queue import PredictionQuery, QueueOrder
from core.services.context import Context
from core.services.models import set_stop_below
from core.services.prediction_acts import accept, correct, undecide
from core.services.prediction_queue import queue_page
from core.services.predictions import PredictionItem, nodes_for_choice, prediction_counts
from core.services.review import undo
from core.services.taxonomy import find_category
from db.models import AssignmentRow, ProductRow


def listed(context: Context, limit: int = 20, offset: int = 0, **asked) -> tuple[list[PredictionItem], int]:
    query = PredictionQuery(**{"order": QueueOrder.LEAST_CERTAIN, **asked})
    return queue_page(context, query, limit, offset)


def place(context: Context, product_id: int) -> tuple[str, str]:
    with context.database.read() as session:
        row = session.get_one(ProductRow, product_id)
        return row.node_id, row.source


def assignments_of(context: Context, product_id: int) -> list[AssignmentRow]:
    with context.database.read() as session:
        query = select(AssignmentRow).where(AssignmentRow.product_id == product_id).order_by(AssignmentRow.id)
        return list(session.scalars(query))


def test_the_least_certain_come_first_page_by_page(trained):
    first, total = listed(trained, limit=10)
    second, _ = listed(trained, limit=500, offset=10)
    confidences = [item.confidence for item in [*first, *second]]
    assert total == len(confidences) == 222
    assert confidences == sorted(confidences)
    assert len({item.id for item in [*first, *second]}) == 222
    most = listed(trained, limit=3, order=QueueOrder.MOST_CERTAIN)[0]
    assert [item.confidence for item in most] == sorted(confidences)[:-4:-1]


def test_an_item_shows_present_and_predicted_path_with_a_confidence_per_level(trained):
    for item in listed(trained, limit=500)[0]:
        assert item.predicted_path == " > ".join(item.level_names)
        assert len(item.level_names) == len(item.level_confidences)
        assert item.current_path == item.product.path
        assert item.state is ReviewState.PENDING


def test_predictions_can_be_narrowed(trained):
    everything = listed(trained, limit=500)[0]
    shop = everything[0].product.platform
    shoes = find_category(trained, ("Apparel & Accessories", "Shoes"))
    for items, is_wanted in (
        (listed(trained, platform=shop, limit=500), lambda item: item.product.platform == shop),
        (listed(trained, node_id=shoes, limit=500), lambda item: "> Shoes" in item.predicted_path),
        (listed(trained, only_changes=True, limit=500),
         lambda item: item.predicted_path != item.current_path),
    ):  # fmt: skip
        expected = {item.id for item in everything if is_wanted(item)}
        assert {item.id for item in items[0]} == expected
        assert items[1] == len(expected) > 0


def test_accepting_makes_assignments_of_the_curator(trained):
    items, _ = listed(trained, limit=3)
    assert accept(trained, [item.id for item in items], "Ada").n_decided == 3
    for item in items:
        assert place(trained, item.product.product_id) == (item.predicted_node_id, "curator")
        newest = assignments_of(trained, item.product.product_id)[-1]
        assert (newest.source, newest.author, newest.is_retracted) == ("curator", "Ada", False)
    assert prediction_counts(trained) == {
        ReviewState.PENDING: 219, ReviewState.ACCEPTED: 3, ReviewState.CORRECTED: 0,
    }  # fmt: skip
    with pytest.raises(StaleRevisionError):
        accept(trained, [item.id for item in items], "Bob")
    assert len(assignments_of(trained, items[0].product.product_id)) == len(
        [row for row in assignments_of(trained, items[0].product.product_id) if row.author == "Ada"]
    )


def test_correcting_puts_the_product_elsewhere(trained):
    item = listed(trained)[0][0]
    target = next(key for key, _ in nodes_for_choice(trained) if key != item.predicted_node_id)
    correct(trained, [item.id], target, "Ada")
    assert place(trained, item.product.product_id) == (target, "curator")
    [corrected], _ = listed(trained, state=ReviewState.CORRECTED)
    assert corrected.id == item.id


def test_correcting_to_what_was_predicted_is_accepting(trained):
    item = listed(trained)[0][0]
    correct(trained, [item.id], item.predicted_node_id, "Ada")
    assert prediction_counts(trained)[ReviewState.ACCEPTED] == 1


def test_a_second_correction_replaces_the_first(trained):
    item = listed(trained)[0][0]
    targets = [key for key, _ in nodes_for_choice(trained) if key != item.predicted_node_id][:2]
    correct(trained, [item.id], targets[0], "Ada")
    correct(trained, [item.id], targets[1], "Ada", ReviewState.CORRECTED)
    assert place(trained, item.product.product_id)[0] == targets[1]
    by_curator = [row for row in assignments_of(trained, item.product.product_id) if row.source == "curator"]
    assert [row.is_retracted for row in by_curator] == [True, False]


@pytest.mark.parametrize("decide", ["accept", "correct"])
def test_undoing_a_decision_restores_place_and_prediction(trained, decide):
    before = listed(trained)
    item = before[0][0]
    old = place(trained, item.product.product_id)
    if decide == "accept":
        accept(trained, [item.id], "Ada")
    else:
        correct(trained, [item.id], find_category(trained, ("Luggage & Bags",)), "Ada")
    undecide(trained, [item.id], "Ada")
    assert place(trained, item.product.product_id) == old
    assert listed(trained) == before
    n_rows = len(assignments_of(trained, item.product.product_id))
    with pytest.raises(StaleRevisionError):
        undecide(trained, [item.id], "Ada")  # nothing to take back
    assert len(assignments_of(trained, item.product.product_id)) == n_rows
    assert listed(trained) == before


def test_no_product_goes_to_the_root_a_deprecated_or_an_unknown_node(trained, dump_all):
    item = listed(trained)[0][0]
    before = dump_all(trained)
    for node_id, fault in (("root", TaxonomyError), ("nothing", NodeNotFoundError)):
        with pytest.raises(fault):
            correct(trained, [item.id], node_id, "Ada")
    for call in (accept, undecide):
        with pytest.raises(StaleRevisionError):
            call(trained, [10**6], "Ada")
    assert dump_all(trained) == before
    gone = find_category(trained, ("Apparel & Accessories", "Shoes", "First kind"))
    undo(trained, 1, "Ada")
    with pytest.raises(TaxonomyError):
        correct(trained, [item.id], gone, "Ada")


def test_accepting_a_node_that_is_gone_means_what_it_became(trained):
    shoes = find_category(trained, ("Apparel & Accessories", "Shoes"))
    first = find_category(trained, ("Apparel & Accessories", "Shoes", "First kind"))
    item = listed(trained, node_id=first)[0][0]
    undo(trained, 1, "Ada")
    accept(trained, [item.id], "Ada")
    assert place(trained, item.product.product_id) == (shoes, "curator")


def test_without_an_active_model_there_is_nothing_to_review(discovered):
    assert listed(discovered) == ([], 0)
    assert prediction_counts(discovered) == dict.fromkeys(ReviewState, 0)


def test_choices_are_every_live_category_by_path(trained):
    paths = [path for _, path in nodes_for_choice(trained)]
    assert paths == sorted(paths, key=str.casefold)
    assert "Apparel & Accessories > Shoes > First kind" in paths
    assert len(paths) == 6


def _unsure(trained):
    """A prediction of several levels, and a threshold that its first two levels reach and the last does not."""
    for item in listed(trained, limit=500)[0]:
        above, last = item.level_confidences[-2:] if len(item.level_confidences) > 1 else (0.0, 0.0)
        if len(item.level_confidences) == 3 and above - last > 1e-4:
            return item, (above + last) / 2
    raise AssertionError("no prediction is less sure of its last level than of the one above")


def _same(trained, item):
    return next(other for other in listed(trained, limit=500)[0] if other.id == item.id)


def test_a_model_that_stops_shows_the_parent_and_keeps_the_deeper_levels(trained):
    item, threshold = _unsure(trained)
    assert item.n_levels == 3
    set_stop_below(trained, 1, threshold, "Ada")
    stopped = _same(trained, item)
    assert stopped.n_levels == 2
    assert stopped.predicted_path == " > ".join(item.level_names[:2])
    assert stopped.confidence == item.level_confidences[1]
    assert (stopped.level_names, stopped.level_confidences) == (item.level_names, item.level_confidences)


def _put(trained, item, node_id):
    with trained.database.write() as session:
        session.get_one(ProductRow, item.product.product_id).node_id = node_id


def test_accepting_puts_the_product_where_the_page_said(trained):
    item, threshold = _unsure(trained)
    _put(trained, item, find_category(trained, ("Luggage & Bags",)))
    set_stop_below(trained, 1, threshold, "Ada")
    stopped = _same(trained, item)
    accept(trained, [item.id], "Ada")
    assert place(trained, item.product.product_id) == (stopped.predicted_node_id, "curator")
    assert stopped.predicted_node_id != item.predicted_node_id


def test_a_path_that_stops_says_nothing_against_a_deeper_category(trained):
    item, threshold = _unsure(trained)
    deeper = item.predicted_node_id
    _put(trained, item, deeper)
    set_stop_below(trained, 1, threshold, "Ada")
    stopped = _same(trained, item)
    assert stopped.keeps_place
    assert stopped.predicted_node_id != deeper
    assert item.id not in _ids(listed(trained, only_changes=True, limit=500))
    accept(trained, [item.id], "Ada")
    assert place(trained, item.product.product_id) == (deeper, "curator")


def test_going_deeper_than_where_it_stopped_is_a_correction(trained):
    item, threshold = _unsure(trained)
    _put(trained, item, find_category(trained, ("Luggage & Bags",)))
    set_stop_below(trained, 1, threshold, "Ada")
    correct(trained, [item.id], item.predicted_node_id, "Ada")
    assert prediction_counts(trained)[ReviewState.CORRECTED] == 1


def test_a_prediction_of_a_category_that_is_gone_shows_what_it_became(trained):
    first = find_category(trained, ("Apparel & Accessories", "Shoes", "First kind"))
    item = listed(trained, node_id=first)[0][0]
    undo(trained, 1, "Ada")
    shown = _same(trained, item)
    assert shown.predicted_path == "Apparel & Accessories > Shoes"
    assert shown.predicted_node_id == find_category(trained, ("Apparel & Accessories", "Shoes"))
    assert len(shown.level_names) == len(shown.level_confidences) == 3
    assert "First kind" not in shown.level_names


def _everything(trained):
    return listed(trained, limit=500)[0]


def _ids(found):
    return {item.id for item in found[0]}


def test_filters_go_by_the_path_as_far_as_it_is_given(trained):
    item, threshold = _unsure(trained)
    set_stop_below(trained, 1, threshold, "Ada")
    parent = _same(trained, item).predicted_node_id
    of_kind = listed(trained, node_id=item.predicted_node_id, limit=500)
    assert item.id not in _ids(of_kind), "it stops above that"
    assert item.id in _ids(listed(trained, node_id=parent, limit=500))
    shown = _everything(trained)
    assert _ids(of_kind) == {other.id for other in shown if other.predicted_node_id == item.predicted_node_id}
    changes = listed(trained, only_changes=True, limit=500)
    assert _ids(changes) == {
        other.id for other in shown if other.predicted_path != other.current_path and not other.keeps_place
    }
    assert changes[1] == len(changes[0])


def test_the_order_goes_by_how_sure_it_is_of_what_is_shown(trained):
    set_stop_below(trained, 1, _unsure(trained)[1], "Ada")
    shown = [item.confidence for item in _everything(trained)]
    assert shown == sorted(shown)
    assert min(len(item.level_confidences) - item.n_levels for item in _everything(trained)) == 0
    assert max(len(item.level_confidences) - item.n_levels for item in _everything(trained)) > 0


def test_filters_know_what_a_category_that_is_gone_became(trained):
    first = find_category(trained, ("Apparel & Accessories", "Shoes", "First kind"))
    shoes = find_category(trained, ("Apparel & Accessories", "Shoes"))
    gone = _ids(listed(trained, node_id=first, limit=500))
    undo(trained, 1, "Ada")
    assert gone <= _ids(listed(trained, node_id=shoes, limit=500))
    changes = _ids(listed(trained, only_changes=True, limit=500))
    assert changes == {item.id for item in _everything(trained) if item.predicted_path != item.current_path}
