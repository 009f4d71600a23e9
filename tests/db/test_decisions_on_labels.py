"""Doubts about labels as a queue: kept, corrected, taken back, renewed; on each kind of database."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.domain.errors import NodeNotFoundError, StaleRevisionError, TaxonomyError
from core.domain.label_issue import LabelIssueState
from core.domain.taxonomy import AssignmentSource, TaxonomyNode
from core.domain.workspace import Workspace
from core.services import history, taxonomy_edit
from core.services.context import Context
from core.services.label_decisions import LABELS, Decided, accept_suggestions, correct_labels, keep_labels
from core.services.label_issues import LabelQuery, label_counts, last_check, list_label_issues
from db.models import LabelIssueRow, ProductRow
from db.repositories import assignments, label_issues, products
from db.repositories import taxonomy as taxonomy_rows
from db.repositories.label_issues import Doubt
from db.session import Database

PENDING, KEPT, CORRECTED, OUTDATED = LabelIssueState
N_PRODUCTS = 6


def make_desk(database: Database, home) -> Context:
    """Six products under Boots, of which the last four are thought to be heels, sandals or coats."""
    with database.write() as session:
        taxonomy_rows.ensure_root(session)
        nodes = [("shoes", "root"), ("boots", "shoes"), ("heels", "shoes"), ("sandals", "shoes"), ("coats", "root")]
        taxonomy_rows.insert_nodes(session, [TaxonomyNode(key, parent, key.title()) for key, parent in nodes])
        rows = [
            {"platform": "ab"[number % 2], "external_id": str(number), "title": f"Boot {number}", "node_id": "boots",
             "content_hash": "", "price": None, "image_ref": None, "image_hash": None, "background_cleanliness": None}
            for number in range(N_PRODUCTS)
        ]  # fmt: skip
        ids = products.insert_products(session, rows)
        assignments.assign(session, [(key, "boots") for key in ids], AssignmentSource.IMPORT, "Ada")
        label_issues.replace_pending(session, doubts(ids[2:]))
    return Context(Workspace(home), database)


def doubts(product_ids: list[int], confidence: float = 0.9) -> list[Doubt]:
    return [
        Doubt(key, "boots", suggested, 0.01 * number, confidence)
        for number, (key, suggested) in enumerate(
            zip(product_ids, ["heels", "heels", "sandals", "coats"], strict=False), start=1
        )
    ]


@pytest.fixture
def desk(database: Database, tmp_path) -> Context:
    return make_desk(database, tmp_path / "home")


def waiting(desk: Context, state: LabelIssueState = PENDING, **chosen: str) -> list:
    return list_label_issues(desk, LabelQuery(state, **chosen), limit=100)[0]


def place(desk: Context, product_id: int) -> tuple[str, str]:
    with desk.database.read() as session:
        row = session.get_one(ProductRow, product_id)
        return row.node_id, row.source


def snapshot(desk: Context) -> list[tuple]:
    """Everything a decision may change: the doubts, and where products are."""
    with desk.database.read() as session:
        columns = (LabelIssueRow.id, LabelIssueRow.product_id, LabelIssueRow.state, LabelIssueRow.decided_by,
                   LabelIssueRow.decided_at, LabelIssueRow.assignment_id, LabelIssueRow.quality)  # fmt: skip
        issues = session.execute(select(*columns).order_by(LabelIssueRow.id)).all()
        places = session.execute(select(ProductRow.id, ProductRow.node_id, ProductRow.source).order_by(ProductRow.id))
        return [tuple(row) for row in (*issues, *places)]


def renew(desk: Context, found: list[Doubt]) -> None:
    with desk.database.write() as session:
        label_issues.replace_pending(session, found)


def move_by_hand(desk: Context, product_id: int, node_id: str) -> None:
    with desk.database.write() as session:
        assignments.assign(session, [(product_id, node_id)], AssignmentSource.CURATOR, "Bob")


def test_doubts_that_wait_come_worst_first_and_page_by_page(desk):
    items = waiting(desk)
    assert [item.issue.quality for item in items] == sorted(item.issue.quality for item in items)
    assert [item.suggested_path for item in items] == ["Shoes > Heels", "Shoes > Heels", "Shoes > Sandals", "Coats"]
    assert {item.product.path for item in items} == {item.labelled_path for item in items} == {"Shoes > Boots"}
    page, total = list_label_issues(desk, LabelQuery(), limit=3, offset=3)
    assert (page, total) == (items[3:], 4)


def test_filters_narrow_by_platform_and_category_in_doubt(desk):
    assert {item.product.platform for item in waiting(desk, platform="a")} == {"a"}
    assert len(waiting(desk, platform="a")) == 2
    assert len(waiting(desk, node_id="shoes")) == 4
    assert waiting(desk, node_id="coats") == []


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_decision_places_the_product_by_the_curator_and_goes_both_ways(desk, is_kept):
    item, before = waiting(desk)[0], snapshot(desk)
    if is_kept:
        keep_labels(desk, [item.issue.id], "Ada")
    else:
        correct_labels(desk, {item.issue.id: "heels"}, "Ada")
    after = snapshot(desk)
    assert place(desk, item.issue.product_id) == ("boots" if is_kept else "heels", "curator")
    [decided] = waiting(desk, KEPT if is_kept else CORRECTED)
    assert (decided.issue.id, decided.issue.decided_by) == (item.issue.id, "Ada")
    assert label_counts(desk)[PENDING] == 3
    history.undo(desk, LABELS, "Ada")
    assert snapshot(desk) == before
    history.redo(desk, LABELS, "Ada")
    assert snapshot(desk) == after
    [entry] = history.entries(desk, LABELS)
    history.take_back(desk, entry.id, "Bob")
    assert snapshot(desk) == before


def test_correcting_to_the_doubted_category_is_keeping(desk):
    item = waiting(desk)[0]
    correct_labels(desk, {item.issue.id: "boots"}, "Ada")
    assert label_counts(desk)[KEPT] == 1


def test_all_suggestions_of_a_filter_are_one_act(desk):
    before = snapshot(desk)
    assert accept_suggestions(desk, LabelQuery(platform="a"), "Ada") == Decided(2, 0)
    assert label_counts(desk) == {PENDING: 2, KEPT: 0, CORRECTED: 2, OUTDATED: 0}
    assert all(item.product.path == item.suggested_path for item in waiting(desk, CORRECTED))
    history.undo(desk, LABELS, "Ada")
    assert snapshot(desk) == before


def test_what_somebody_decided_meanwhile_is_refused_with_nothing_written(desk):
    item = waiting(desk)[0]
    keep_labels(desk, [item.issue.id], "Bob")
    before = snapshot(desk)
    with pytest.raises(StaleRevisionError, match="decided by Bob"):
        correct_labels(desk, {item.issue.id: "heels"}, "Ada")
    assert snapshot(desk) == before
    assert history.next_undo(desk, LABELS, "Ada") is None


def test_of_many_those_decided_meanwhile_are_passed_over(desk):
    items = waiting(desk)
    keep_labels(desk, [items[0].issue.id], "Bob")
    targets = {item.issue.id: item.suggested_node_id for item in items}
    assert correct_labels(desk, targets, "Ada") == Decided(3, 1)
    assert place(desk, items[0].issue.product_id) == ("boots", "curator")


def test_a_product_moved_by_another_act_is_outdated_and_never_moved_again(desk):
    item = waiting(desk)[0]
    move_by_hand(desk, item.issue.product_id, "sandals")
    assert label_counts(desk) == {PENDING: 3, KEPT: 0, CORRECTED: 0, OUTDATED: 1}
    [outdated] = waiting(desk, OUTDATED)
    assert (outdated.product.path, outdated.issue.state) == ("Shoes > Sandals", OUTDATED)
    for decide in (
        lambda: keep_labels(desk, [item.issue.id], "Ada"),
        lambda: correct_labels(desk, {item.issue.id: "heels"}, "Ada"),
    ):
        with pytest.raises(StaleRevisionError, match="moved to another category"):
            decide()
    assert accept_suggestions(desk, LabelQuery(), "Ada") == Decided(3, 0)
    assert place(desk, item.issue.product_id) == ("sandals", "curator")


def test_an_undo_after_another_move_leaves_that_move_alone(desk):
    item = waiting(desk)[0]
    correct_labels(desk, {item.issue.id: "heels"}, "Ada")
    move_by_hand(desk, item.issue.product_id, "coats")
    history.undo(desk, LABELS, "Ada")
    assert place(desk, item.issue.product_id) == ("coats", "curator")
    assert label_counts(desk)[OUTDATED] == 1


def test_a_decision_can_be_made_anew_and_its_undo_leads_to_the_first(desk):
    item = waiting(desk)[0]
    keep_labels(desk, [item.issue.id], "Ada")
    first = snapshot(desk)
    with pytest.raises(StaleRevisionError):
        correct_labels(desk, {item.issue.id: "heels"}, "Ada")  # seen as waiting, which it is no more
    correct_labels(desk, {item.issue.id: "heels"}, "Ada", seen=KEPT)
    assert place(desk, item.issue.product_id) == ("heels", "curator")
    keep_labels(desk, [item.issue.id], "Ada", seen=CORRECTED)
    assert place(desk, item.issue.product_id) == ("boots", "curator")
    history.undo(desk, LABELS, "Ada")
    history.undo(desk, LABELS, "Ada")
    assert snapshot(desk) == first


def test_no_product_goes_to_the_root_a_deprecated_or_an_unknown_node(desk):
    item, before = waiting(desk)[0], snapshot(desk)
    taxonomy_edit.deprecate(desk, ["sandals"], "shoes", revisions={}, author="Ada")
    for node_id, fault in (("root", TaxonomyError), ("sandals", TaxonomyError), ("nothing", NodeNotFoundError)):
        with pytest.raises(fault):
            correct_labels(desk, {item.issue.id: node_id}, "Ada")
    assert snapshot(desk) == before


def test_a_suggestion_that_was_deprecated_leads_to_what_replaced_it(desk):
    taxonomy_edit.deprecate(desk, ["heels"], "sandals", revisions={}, author="Bob")
    assert {item.suggested_path for item in waiting(desk)[:2]} == {"Shoes > Sandals"}
    accept_suggestions(desk, LabelQuery(), "Ada")
    assert {item.product.path for item in waiting(desk, CORRECTED)} == {"Shoes > Sandals", "Coats"}


def test_a_new_check_replaces_what_waits_and_leaves_what_was_decided(desk):
    first, second, third, fourth = waiting(desk)
    keep_labels(desk, [first.issue.id], "Ada")
    renew(desk, [*doubts([third.issue.product_id], 0.7), *doubts([1])])
    assert [item.issue.id for item in waiting(desk, KEPT)] == [first.issue.id]
    kept_row = {item.issue.product_id: item.issue for item in waiting(desk)}
    assert kept_row.keys() == {third.issue.product_id, 1}
    assert kept_row[third.issue.product_id].id == third.issue.id, "the same question keeps its row"
    assert kept_row[third.issue.product_id].suggested_confidence == 0.7
    with pytest.raises(StaleRevisionError, match="newer check"):
        keep_labels(desk, [second.issue.id, fourth.issue.id], "Ada")


def test_an_act_taken_back_is_done_again_though_a_new_check_dropped_its_doubt(desk):
    *_, last = waiting(desk)
    correct_labels(desk, {last.issue.id: "coats"}, "Ada")
    after = place(desk, last.issue.product_id)
    history.undo(desk, LABELS, "Ada")
    renew(desk, doubts([1, 2]))
    assert {item.issue.product_id for item in waiting(desk)} == {1, 2}
    history.redo(desk, LABELS, "Ada")
    assert place(desk, last.issue.product_id) == after
    assert {item.issue.product_id for item in waiting(desk)} == {1, 2}, "no other doubt lost its row"
    assert [item.issue.id for item in waiting(desk, CORRECTED)] == [last.issue.id]


def test_keeping_settles_where_a_product_is_until_it_is_elsewhere(desk):
    first, second, *_ = waiting(desk)
    keep_labels(desk, [first.issue.id], "Ada")
    correct_labels(desk, {second.issue.id: "heels"}, "Ada")
    with desk.database.read() as session:
        settled = label_issues.decided_places(session)
    assert settled == {first.issue.product_id: {"boots"}, second.issue.product_id: {"heels"}}
    history.undo(desk, LABELS, "Ada")
    with desk.database.read() as session:
        assert label_issues.decided_places(session) == {first.issue.product_id: {"boots"}}


def test_before_the_first_check_there_is_none(desk):
    assert last_check(desk) is None


ACTS = st.lists(
    st.tuples(st.sampled_from(["keep", "move", "undo", "redo"]), st.sets(st.integers(0, 3), min_size=1)), max_size=12
)


@given(acts=ACTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_taking_everything_back_is_where_one_began(tmp_path_factory, acts):
    home = tmp_path_factory.mktemp("labels")
    database = Database(f"sqlite:///{home / 'test.db'}")
    database.migrate()
    desk = make_desk(database, home)
    items, before = waiting(desk), snapshot(desk)
    for act, chosen in acts:
        ids = [items[number].issue.id for number in sorted(chosen)]
        try:
            if act == "keep":
                keep_labels(desk, ids, "Ada")
            elif act == "move":
                correct_labels(desk, dict.fromkeys(ids, "coats"), "Ada")
            else:
                (history.undo if act == "undo" else history.redo)(desk, LABELS, "Ada")
        except StaleRevisionError:
            continue
        counts = label_counts(desk)
        assert sum(counts.values()) == 4
        moved = sum(place(desk, item.issue.product_id)[0] == "coats" for item in items)
        assert moved == counts[CORRECTED]
    while history.undo(desk, LABELS, "Ada"):
        pass
    assert snapshot(desk) == before
    database.engine.dispose()
