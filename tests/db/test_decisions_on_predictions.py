"""Predictions as a queue: filtered, ordered, accepted, corrected, taken back; on each kind of database."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, update

from core.domain.classifier import ModelStatus, ReviewState
from core.domain.errors import NodeNotFoundError, StaleRevisionError, TaxonomyError
from core.domain.prediction_queue import PredictionQuery, QueueOrder, ReviewRound
from core.domain.progress import NullProgress
from core.domain.taxonomy import AssignmentSource, TaxonomyNode
from core.domain.workspace import Workspace
from core.services import history, taxonomy_edit
from core.services.context import Context
from core.services.models import set_stop_below
from core.services.prediction_acts import (
    PREDICTIONS,
    Decided,
    accept,
    accept_all,
    apply_to_look_alikes,
    correct,
    undecide,
)
from core.services.prediction_queue import look_alike_items, queue_ids, queue_page, rounds
from core.services.prediction_scores import score_predictions
from core.services.predictions import prediction_counts
from db.models import AssignmentRow, ModelRow, PredictionRow, ProductRow
from db.repositories import assignments, predictions, products
from db.repositories import taxonomy as taxonomy_rows
from db.session import Database

PENDING, ACCEPTED, CORRECTED = ReviewState
METRICS = {"hierarchical_precision": 0.9, "hierarchical_recall": 0.9, "hierarchical_f1": 0.8, "levels": [],
           "n_products": 9, "exact_path_accuracy": 0.9, "expected_calibration_error": 0.0}  # fmt: skip
SAID = (
    # node, text stage's node, confidence, group, sample
    ("boots", "boots", 0.9, 1, False),
    ("boots", "heels", 0.6, 1, False),
    ("boots", "boots", 0.8, 1, False),
    ("heels", "boots", 0.4, 0, False),
    ("sandals", None, 0.95, 0, True),
    ("coats", "coats", 0.3, 2, True),
    ("coats", "boots", 0.7, 2, False),
)
"""Prediction 1 and on; the value of a look falls from the last to the first."""


def make_desk(database: Database, home) -> Context:
    """Seven products under Shoes, and what a classifier says of them."""
    with database.write() as session:
        taxonomy_rows.ensure_root(session)
        nodes = [("shoes", "root"), ("boots", "shoes"), ("heels", "shoes"), ("sandals", "shoes"), ("coats", "root")]
        taxonomy_rows.insert_nodes(session, [TaxonomyNode(key, parent, key.title()) for key, parent in nodes])
        version = taxonomy_rows.add_version(session, "", "Ada")
        model = ModelRow(taxonomy_version=version, status=str(ModelStatus.ACTIVE), config={}, metrics=METRICS,
                         artefact_path="model-1", author="Ada")  # fmt: skip
        session.add(model)
        session.flush()
        rows = [
            {"platform": "ab"[number % 2], "external_id": str(number), "title": f"Thing {number}", "node_id": "shoes",
             "content_hash": "", "price": None, "image_ref": None, "image_hash": None, "background_cleanliness": None}
            for number in range(len(SAID))
        ]  # fmt: skip
        ids = products.insert_products(session, rows)
        assignments.assign(session, [(key, "shoes") for key in ids], AssignmentSource.IMPORT, "Ada")
        predictions.add(session, [said(model.id, key, number) for number, key in enumerate(ids)])
    return Context(Workspace(home), database)


def said(model_id: int, product_id: int, number: int) -> dict:
    node_id, text_node_id, confidence, group_id, is_sample = SAID[number]
    path = [node_id] if node_id == "coats" else ["shoes", node_id]
    return {"model_id": model_id, "product_id": product_id, "node_id": node_id, "path": path,
            "level_confidences": [0.99, confidence][-len(path) :], "confidence": confidence,
            "stage": 1 + number % 2, "text_node_id": text_node_id,
            "text_confidence": None if text_node_id is None else 0.5, "is_change": True, "value": 0.1 * (number + 1),
            "group_id": group_id, "is_sample": is_sample, "review_state": "pending", "decided_by": ""}  # fmt: skip


@pytest.fixture
def desk(database: Database, tmp_path) -> Context:
    return make_desk(database, tmp_path / "home")


def ids_of(desk: Context, **asked) -> list[int]:
    """Ids of a page of everything, after the same of the whole filter was checked against it."""
    query = PredictionQuery(**asked)
    items, total = queue_page(desk, query, limit=100)
    found = [item.id for item in items]
    assert queue_ids(desk, query) == found
    assert total == len(found)
    return found


def items_of(desk: Context, **asked) -> list:
    return queue_page(desk, PredictionQuery(**asked), limit=100)[0]


def item_of(desk: Context, prediction_id: int, state: ReviewState = PENDING):
    return next(item for item in items_of(desk, state=state) if item.id == prediction_id)


def place(desk: Context, product_id: int) -> tuple[str, str]:
    with desk.database.read() as session:
        row = session.get_one(ProductRow, product_id)
        return row.node_id, row.source


def snapshot(desk: Context) -> list[tuple]:
    """Everything a decision may change: the predictions, and where products are."""
    with desk.database.read() as session:
        rows = session.execute(select(PredictionRow.__table__).order_by(PredictionRow.id)).all()
        places = session.execute(select(ProductRow.id, ProductRow.node_id, ProductRow.source).order_by(ProductRow.id))
        return [tuple(map(str, row)) for row in (*rows, *places)]


def move_by_hand(desk: Context, product_id: int, node_id: str) -> None:
    with desk.database.write() as session:
        assignments.assign(session, [(product_id, node_id)], AssignmentSource.CURATOR, "Bob")


def move_by_import(desk: Context, product_id: int, node_id: str) -> None:
    with desk.database.write() as session:
        assignments.assign(session, [(product_id, node_id)], AssignmentSource.IMPORT, "Bob")


ORDERED = {
    QueueOrder.VALUE: [7, 6, 5, 4, 3, 2, 1],
    QueueOrder.LEAST_CERTAIN: [6, 4, 2, 7, 3, 1, 5],
    QueueOrder.MOST_CERTAIN: [5, 1, 3, 7, 2, 4, 6],
    QueueOrder.CATEGORY: [3, 2, 1, 7, 6, 4, 5],
    QueueOrder.PLATFORM: [7, 5, 3, 1, 6, 4, 2],
}


def test_each_order_puts_first_what_it_says_page_by_page(desk):
    for order, expected in ORDERED.items():
        assert ids_of(desk, order=order) == expected, order
        first, total = queue_page(desk, PredictionQuery(order=order), limit=3)
        second, _ = queue_page(desk, PredictionQuery(order=order), limit=3, offset=3)
        assert [item.id for item in (*first, *second)] == expected[:6]
        assert total == 7


def test_filters_narrow_what_waits(desk):
    for asked, expected in (
        ({"platform": "a"}, {1, 3, 5, 7}),
        ({"node_id": "shoes"}, {1, 2, 3, 4, 5}),
        ({"node_id": "boots"}, {1, 2, 3}),
        ({"only_changes": True}, {1, 2, 3, 4, 5, 6, 7}),
        ({"only_disagreements": True}, {2, 4, 7}),
        ({"only_sample": True}, {5, 6}),
        ({"stage": 2}, {2, 4, 6}),
        ({"group_id": 1}, {1, 2, 3}),
        ({"min_confidence": 0.7}, {1, 3, 5, 7}),
        ({"node_id": "shoes", "only_disagreements": True, "min_confidence": 0.5}, {2}),
        ({"state": ACCEPTED}, set()),
    ):
        assert set(ids_of(desk, **asked)) == expected, asked


def test_an_item_says_what_speaks_for_a_look(desk):
    second = item_of(desk, 2)
    assert second.why == ("60 % sure", "the stages disagree: Heels by its text", "settles 2 look-alikes",
                          "a rare category")  # fmt: skip
    assert (second.text_path, second.text_confidence, second.is_disagreement) == ("Shoes > Heels", 0.5, True)
    assert (second.n_look_alikes, second.stage, second.is_sure, second.is_sample) == (2, 2, True, False)
    assert not item_of(desk, 4).is_sure
    fifth = item_of(desk, 5)
    assert fifth.why == ("of the random sample", "a rare category", "95 % sure")
    assert (fifth.text_path, fifth.text_confidence, fifth.is_disagreement) == (None, None, False)


def test_where_it_stops_filters_and_orders_go_by_what_is_shown(desk):
    set_stop_below(desk, 1, 0.65, "Ada")
    fourth = item_of(desk, 4)
    assert (fourth.predicted_path, fourth.confidence, fourth.keeps_place) == ("Shoes", 0.99, False)
    assert set(ids_of(desk, node_id="heels")) == set()
    assert set(ids_of(desk, only_changes=True)) == {1, 3, 5, 6, 7}, "the others are in Shoes already"
    assert ids_of(desk, order=QueueOrder.LEAST_CERTAIN)[:2] == [6, 7]
    assert set(ids_of(desk, min_confidence=0.98)) == {2, 4}
    accept(desk, [4], "Ada")
    assert place(desk, fourth.product.product_id) == ("shoes", "curator")


def test_the_same_answer_given_again_is_judged_as_it_was(desk):
    set_stop_below(desk, 1, 0.65, "Ada")
    move_by_import(desk, item_of(desk, 4).product.product_id, "coats")
    correct(desk, [4], "heels", "Ada")
    correct(desk, [4], "heels", "Ada", seen=CORRECTED)
    assert ids_of(desk, state=CORRECTED) == [4], "it stopped at Shoes, and only this decision put the product deeper"
    move_by_import(desk, item_of(desk, 2).product.product_id, "boots")
    correct(desk, [2], "boots", "Ada")
    correct(desk, [2], "boots", "Ada", seen=ACCEPTED)
    assert ids_of(desk, state=ACCEPTED) == [2], "it said nothing against where the product was"


def test_categories_come_by_the_names_that_they_have_today(desk):
    taxonomy_edit.deprecate(desk, ["heels"], "sandals", revisions={}, author="Bob")
    assert ids_of(desk, order=QueueOrder.CATEGORY) == [3, 2, 1, 7, 6, 5, 4]


def test_no_product_goes_to_the_root_with_a_category_that_is_gone(desk):
    taxonomy_edit.deprecate(desk, ["coats"], revisions={}, author="Bob")
    before = snapshot(desk)
    with pytest.raises(TaxonomyError, match="no longer in use"):
        accept(desk, [6, 7], "Ada")
    assert snapshot(desk) == before
    assert accept(desk, [1, 7], "Ada") == Decided(1, 1)
    assert accept_all(desk, PredictionQuery(only_changes=True), "Ada") == Decided(3, 1, 2)
    assert set(ids_of(desk)) == {5, 6, 7}


def test_stages_that_mean_one_category_by_now_do_not_disagree(desk):
    taxonomy_edit.deprecate(desk, ["heels"], "boots", revisions={}, author="Bob")
    assert set(ids_of(desk, only_disagreements=True)) == {7}
    assert [item.id for item in items_of(desk) if item.is_disagreement] == [7]
    assert set(ids_of(desk, node_id="boots")) == {1, 2, 3, 4}
    accept(desk, [4], "Ada")
    assert place(desk, item_of(desk, 4, ACCEPTED).product.product_id) == ("boots", "curator")


def test_what_was_placed_by_hand_is_not_asked_again(desk):
    product_id = item_of(desk, 2).product.product_id
    move_by_hand(desk, product_id, "sandals")
    assert 2 not in ids_of(desk)
    assert prediction_counts(desk)[PENDING] == 6
    assert item_of(desk, 1).n_look_alikes == 1
    assert [item.id for item in look_alike_items(desk, 1)] == [3]
    with pytest.raises(StaleRevisionError, match="placed by another act"):
        accept(desk, [2], "Ada")
    assert accept(desk, [1, 2], "Ada") == Decided(1, 1)
    assert place(desk, product_id) == ("sandals", "curator")


@pytest.mark.parametrize("is_right", [True, False])
def test_a_decision_places_the_product_by_the_curator_and_goes_both_ways(desk, is_right):
    item, before = item_of(desk, 3), snapshot(desk)
    if is_right:
        accept(desk, [3], "Ada")
    else:
        correct(desk, [3], "coats", "Ada")
    after = snapshot(desk)
    assert place(desk, item.product.product_id) == ("boots" if is_right else "coats", "curator")
    assert item_of(desk, 3, ACCEPTED if is_right else CORRECTED).decided_by == "Ada"
    assert 3 not in ids_of(desk)
    history.undo(desk, PREDICTIONS, "Ada")
    assert snapshot(desk) == before
    history.redo(desk, PREDICTIONS, "Ada")
    assert snapshot(desk) == after


def test_correcting_to_what_is_shown_is_accepting(desk):
    correct(desk, [3, 4], "boots", "Ada")
    assert (item_of(desk, 3, ACCEPTED).id, item_of(desk, 4, CORRECTED).id) == (3, 4)


def test_a_whole_filter_is_accepted_in_one_act_but_for_the_sample(desk):
    before = snapshot(desk)
    assert accept_all(desk, PredictionQuery(min_confidence=0.5), "Ada") == Decided(4, 0, 1)
    assert set(ids_of(desk, state=ACCEPTED)) == {1, 2, 3, 7}
    assert set(ids_of(desk)) == {4, 5, 6}
    [entry] = history.entries(desk, PREDICTIONS)
    assert entry.summary == "Accepted 4 predictions"
    history.undo(desk, PREDICTIONS, "Ada")
    assert snapshot(desk) == before


def test_no_more_is_accepted_than_the_curator_was_told(desk):
    before = snapshot(desk)
    with pytest.raises(StaleRevisionError, match="4 predictions wait under this filter by now, not 3"):
        accept_all(desk, PredictionQuery(min_confidence=0.5), "Ada", n_seen=3)
    assert snapshot(desk) == before
    assert accept_all(desk, PredictionQuery(min_confidence=0.5), "Ada", n_seen=5) == Decided(4, 0, 1)


def test_the_sample_is_accepted_where_it_is_what_was_asked_for(desk):
    assert accept_all(desk, PredictionQuery(only_sample=True), "Ada") == Decided(2, 0, 0)
    with pytest.raises(StaleRevisionError):
        accept_all(desk, PredictionQuery(only_sample=True), "Ada")


def test_look_alikes_are_settled_in_one_act_but_for_those_left_out(desk):
    before = snapshot(desk)
    assert [item.id for item in look_alike_items(desk, 1)] == [2, 3]
    assert apply_to_look_alikes(desk, 1, "heels", "Ada", leave_out=[3]) == Decided(2, 0)
    assert set(ids_of(desk, state=CORRECTED)) == {1, 2}
    assert 3 in ids_of(desk)
    history.undo(desk, PREDICTIONS, "Ada")
    assert snapshot(desk) == before
    accept(desk, [2], "Bob")
    assert apply_to_look_alikes(desk, 1, "heels", "Ada") == Decided(2, 0)
    assert item_of(desk, 2, ACCEPTED).decided_by == "Bob"


def test_look_alikes_may_follow_a_decision_that_was_made_already(desk):
    correct(desk, [1], "heels", "Ada")
    assert apply_to_look_alikes(desk, 1, "heels", "Ada") == Decided(3, 0)
    assert set(ids_of(desk, state=CORRECTED)) == {1, 2, 3}


def test_what_somebody_decided_meanwhile_is_refused_with_nothing_written(desk):
    accept(desk, [3], "Bob")
    before = snapshot(desk)
    for act in (lambda: accept(desk, [3], "Ada"), lambda: correct(desk, [3], "heels", "Ada")):
        with pytest.raises(StaleRevisionError, match="decided by Bob"):
            act()
    with pytest.raises(StaleRevisionError):
        accept(desk, [10**6], "Ada")
    with pytest.raises(StaleRevisionError):
        undecide(desk, [4], "Ada")
    assert snapshot(desk) == before
    assert history.next_undo(desk, PREDICTIONS, "Ada") is None
    assert accept(desk, [3, 4], "Ada") == Decided(1, 1)


def test_no_product_goes_to_the_root_a_deprecated_or_an_unknown_node(desk):
    taxonomy_edit.deprecate(desk, ["sandals"], "shoes", revisions={}, author="Ada")
    before = snapshot(desk)
    for node_id, fault in (("root", TaxonomyError), ("sandals", TaxonomyError), ("nothing", NodeNotFoundError)):
        with pytest.raises(fault):
            correct(desk, [1], node_id, "Ada")
        with pytest.raises(fault):
            apply_to_look_alikes(desk, 1, node_id, "Ada")
    assert snapshot(desk) == before


def test_a_decision_made_anew_leads_back_to_the_first_and_then_to_none(desk):
    before, product_id = snapshot(desk), item_of(desk, 3).product.product_id
    accept(desk, [3], "Ada")
    first = snapshot(desk)
    correct(desk, [3], "coats", "Ada", seen=ACCEPTED)
    assert place(desk, product_id) == ("coats", "curator")
    history.undo(desk, PREDICTIONS, "Ada")
    assert snapshot(desk) == first
    history.redo(desk, PREDICTIONS, "Ada")
    undecide(desk, [3], "Ada")
    assert place(desk, product_id) == ("shoes", "import")
    assert 3 in ids_of(desk)
    for _ in range(3):
        history.undo(desk, PREDICTIONS, "Ada")
    assert snapshot(desk) == before


def test_taking_decisions_back_is_an_act_that_can_be_taken_back(desk):
    waiting = snapshot(desk)
    accept_all(desk, PredictionQuery(), "Ada")
    decided = snapshot(desk)
    assert undecide(desk, [1, 2, 3, 4, 5, 7], "Bob") == Decided(5, 1)
    assert snapshot(desk) == waiting
    history.undo(desk, PREDICTIONS, "Bob")
    assert snapshot(desk) == decided
    history.redo(desk, PREDICTIONS, "Bob")
    assert snapshot(desk) == waiting
    with pytest.raises(StaleRevisionError, match="by Bob, came after"):
        history.undo(desk, PREDICTIONS, "Ada")


def test_an_undo_keeps_what_was_valued_anew_since(desk):
    accept(desk, [4], "Ada")
    with desk.database.write() as session:
        session.execute(update(PredictionRow).values(value=0.77, group_id=9))
    history.undo(desk, PREDICTIONS, "Ada")
    fourth = item_of(desk, 4)
    assert (fourth.value, fourth.group_id) == (0.77, 9)


def test_an_undo_after_another_move_leaves_that_move_alone(desk):
    item = item_of(desk, 4)
    accept(desk, [4], "Ada")
    move_by_hand(desk, item.product.product_id, "coats")
    history.undo(desk, PREDICTIONS, "Ada")
    assert place(desk, item.product.product_id) == ("coats", "curator")


def test_the_newest_decision_comes_first(desk):
    accept(desk, [1], "Ada")
    accept(desk, [3], "Ada")
    assert ids_of(desk, state=ACCEPTED, order=QueueOrder.NEWEST_DECISION) == [3, 1]


def test_a_round_tells_the_accuracy_of_the_sample_and_forgets_what_was_taken_back(desk):
    assert rounds(desk) == []
    accept_all(desk, PredictionQuery(), "Ada")
    correct(desk, [4], "coats", "Ada", seen=ACCEPTED)
    [said_of_all] = rounds(desk)
    assert replace(said_of_all, low=0, high=0) == ReviewRound(1, 5, 4, 0, 0, 0, 0, 0.8)
    assert (said_of_all.low, said_of_all.high) == (0.0, 1.0)
    accept(desk, [5], "Ada")
    correct(desk, [6], "heels", "Ada")
    [both] = rounds(desk)
    assert (both.n_decided, both.n_right, both.n_sample, both.n_sample_right) == (7, 5, 2, 1)
    assert both.low == pytest.approx(0.0945, abs=1e-3)
    assert both.high == pytest.approx(1 - both.low)
    history.undo(desk, PREDICTIONS, "Ada")
    assert rounds(desk)[0].n_decided == 6


def test_the_sample_counts_in_its_own_order_without_a_gap(desk):
    with desk.database.write() as session:
        session.execute(update(PredictionRow).values(is_sample=True))
    score_predictions(desk, 1, NullProgress())
    first, second, third, *_ = ids_of(desk, only_sample=True)
    accept(desk, [third], "Ada")
    assert rounds(desk)[0].n_sample == 0, "it was not the sample's turn yet"
    accept(desk, [first], "Ada")
    assert rounds(desk)[0].n_sample == 1
    correct(desk, [second], "coats" if item_of(desk, second).predicted_node_id != "coats" else "heels", "Ada")
    assert (rounds(desk)[0].n_sample, rounds(desk)[0].n_sample_right) == (3, 2)


def test_thousands_are_accepted_and_taken_back_without_a_statement_for_each(desk):
    add_many(desk, 300)
    statements: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert accept_all(desk, PredictionQuery(min_confidence=0.5), "Ada").n_decided == 304
    updates = [statement for statement in statements if not statement.startswith("INSERT INTO assignment")]
    assert len(updates) < 30
    assert len(statements) - len(updates) == 1
    history.undo(desk, PREDICTIONS, "Ada")
    with desk.database.read() as session:
        waits = select(func.count()).where(
            PredictionRow.review_state == "pending", PredictionRow.assignment_id.is_(None)
        )
        assert session.scalar(waits) == 307
        live = select(func.count()).where(AssignmentRow.source == "curator", AssignmentRow.is_retracted.is_(False))
        assert session.scalar(live) == 0


def add_many(desk: Context, n: int) -> None:
    with desk.database.write() as session:
        rows = [
            {"platform": "a", "external_id": f"more {number}", "title": f"More {number}", "node_id": "shoes",
             "content_hash": "", "price": None, "image_ref": None, "image_hash": None, "background_cleanliness": None}
            for number in range(n)
        ]  # fmt: skip
        ids = products.insert_products(session, rows)
        assignments.assign(session, [(key, "shoes") for key in ids], AssignmentSource.IMPORT, "Ada")
        predictions.add(session, [said(1, key, 0) for key in ids])


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "correct", "alike", "undecide", "undo", "redo"]),
        st.sets(st.integers(1, len(SAID)), min_size=1),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """The desk in a file, to be copied."""
    file_path = tmp_path_factory.mktemp("template") / "test.db"
    database = Database(f"sqlite:///{file_path}")
    database.migrate()
    make_desk(database, file_path.parent)
    database.engine.dispose()
    return file_path


@given(acts=ACTS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_taking_everything_back_is_where_one_began(template, tmp_path, acts):
    database = Database(f"sqlite:///{shutil.copy(template, tmp_path / 'test.db')}")
    desk = Context(Workspace(tmp_path), database)
    before = snapshot(desk)
    for act, chosen in acts:
        ids = sorted(chosen)
        try:
            if act == "accept":
                accept(desk, ids, "Ada")
            elif act == "correct":
                correct(desk, ids, "coats", "Ada")
            elif act == "alike":
                apply_to_look_alikes(desk, ids[0], "heels", "Ada")
            elif act == "undecide":
                undecide(desk, ids, "Ada")
            else:
                (history.undo if act == "undo" else history.redo)(desk, PREDICTIONS, "Ada")
        except StaleRevisionError:
            continue
        counts = prediction_counts(desk)
        assert sum(counts.values()) == len(SAID)
        with database.read() as session:
            by_hand = session.scalar(select(func.count()).where(ProductRow.source == "curator"))
        assert by_hand == counts[ACCEPTED] + counts[CORRECTED]
    while history.undo(desk, PREDICTIONS, "Ada"):
        pass
    assert snapshot(desk) == before
    database.engine.dispose()
