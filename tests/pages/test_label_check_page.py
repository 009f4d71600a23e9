import pytest
import streamlit as st

from core.domain.job import JobKind
from core.domain.label_issue import LabelIssueState
from core.services import jobs, label_decisions, predictions
from core.services.label_issues import LabelQuery, label_counts, list_label_issues
from core.services.taxonomy import find_category
from db.models import ProductRow
from db.repositories import events, label_issues, products
from db.repositories.label_issues import Doubt

PENDING, KEPT, CORRECTED, OUTDATED = LabelIssueState
N_DOUBTS = 13


@pytest.fixture
def nodes(ctx):
    return find_category(ctx, ("Apparel", "Shoes")), find_category(ctx, ("Bags",))


@pytest.fixture
def doubted(ctx, nodes):
    """Thirteen shoes that are thought to be bags, as a check leaves them."""
    with ctx.database.write() as session:
        ids = [product.id for product in products.products_under(session, nodes[:1])][:N_DOUBTS]
        doubts = [Doubt(key, *nodes, 0.01 * number, 0.9) for number, key in enumerate(ids)]
        label_issues.replace_pending(session, doubts)
        found = {"n_checked": 84, "n_issues": N_DOUBTS}
        events.record(session, "Bob", "check_labels", "Checked 84 labels: 13 look wrong", details=found)
    return list_label_issues(ctx, LabelQuery(), limit=100)[0]


def check_done(ctx):
    with ctx.database.write() as session:
        events.record(session, "Bob", "check_labels", "Checked", details={"n_checked": 84, "n_issues": 0})


def rows(at):
    return [button.key for button in at.button if button.key.startswith("label_choose_")]


def path_of(ctx, item):
    with ctx.database.read() as session:
        return session.get_one(ProductRow, item.issue.product_id).node_id


def test_the_button_queues_a_check(home, ctx, worker_held, open_page):
    at = open_page("label_check.py")
    at.button(key="label_check_go").click().run()
    assert jobs.list_jobs(ctx)[0].kind is JobKind.CHECK_LABELS
    assert at.button(key="label_check_go").disabled
    assert at.button(key="label_job_cancel").label == "Cancel"


def test_an_empty_workspace_has_nothing_to_check(empty_home, open_page):
    assert open_page("label_check.py").button(key="empty_state_go").label == "Import"


def test_before_the_first_check_the_page_only_offers_one(home, open_page):
    at = open_page("label_check.py")
    assert at.button(key="label_check_go").label == "Check labels"
    assert not at.segmented_control


def test_a_check_that_found_nothing_says_so(home, ctx, open_page):
    check_done(ctx)
    at = open_page("label_check.py")
    assert any("No label looks wrong" in text.value for text in at.markdown)


def test_the_worst_come_first_ten_to_a_page(home, ctx, doubted, open_page):
    at = open_page("label_check.py")
    assert rows(at) == [f"label_choose_{item.issue.id}" for item in doubted[:10]]
    assert any("**13 labels look wrong** of 84 products" in text.value for text in at.markdown)
    at.pagination(key="label_page").set_value(2).run()
    assert rows(at) == [f"label_choose_{item.issue.id}" for item in doubted[10:]]


def test_move_keep_undo_and_redo(home, ctx, doubted, nodes, open_page):
    at = open_page("label_check.py")
    first, second, *_ = doubted
    at.button(key=f"label_move_{first.issue.id}").click().run()
    at.button(key=f"label_keep_{second.issue.id}").click().run()
    assert (path_of(ctx, first), path_of(ctx, second)) == (nodes[1], nodes[0])
    assert label_counts(ctx) == {PENDING: 11, KEPT: 1, CORRECTED: 1, OUTDATED: 0}
    at.button(key="label_undo").click().run()
    at.button(key="label_undo").click().run()
    assert label_counts(ctx)[PENDING] == N_DOUBTS
    assert path_of(ctx, first) == nodes[0]
    assert at.button(key="label_undo").disabled
    at.button(key="label_redo").click().run()
    assert path_of(ctx, first) == nodes[1]


def test_choosing_another_category_moves_it_there(home, ctx, doubted, nodes, open_page):
    at = open_page("label_check.py")
    key = doubted[0].issue.id
    wanted = next(node for node, _ in predictions.nodes_for_choice(ctx) if node not in nodes)
    at.button(key=f"label_choose_{key}").click().run()
    at.selectbox(key=f"label_target_{key}").set_value(wanted).run()
    assert path_of(ctx, doubted[0]) == wanted
    assert not [box for box in at.selectbox if box.key == f"label_target_{key}"]


@pytest.mark.parametrize(
    ("button", "counts"), [("keep_page", (3, 10, 0)), ("move_page", (3, 0, 10)), ("move_all", (0, 0, 13))]
)
def test_many_are_decided_as_one_act(home, ctx, doubted, open_page, button, counts):
    at = open_page("label_check.py")
    at.button(key=f"label_{button}").click().run()
    found = label_counts(ctx)
    assert (found[PENDING], found[KEPT], found[CORRECTED]) == counts
    at.button(key="label_undo").click().run()
    assert label_counts(ctx)[PENDING] == N_DOUBTS


def test_when_every_doubt_is_decided_the_way_leads_to_retrain(home, ctx, doubted, open_page):
    label_decisions.accept_suggestions(ctx, LabelQuery(), "Ada")
    at = open_page("label_check.py")
    assert any("Every doubt is decided" in text.value for text in at.markdown)
    assert at.button(key="label_retrain").label == "Retrain the classifier"


def test_a_decision_of_somebody_else_is_said_and_nothing_is_lost(home, ctx, doubted, nodes, open_page):
    at = open_page("label_check.py")
    item = doubted[0]
    label_decisions.keep_labels(ctx, [item.issue.id], "Bob")
    at.button(key=f"label_move_{item.issue.id}").click().run()
    assert any("decided by Bob" in fault.value.replace("\\", "") for fault in at.error)
    assert path_of(ctx, item) == nodes[0]


def test_decided_ones_are_listed_and_can_be_decided_anew(home, ctx, doubted, nodes, open_page):
    label_decisions.keep_labels(ctx, [doubted[0].issue.id], "Ada")
    at = open_page("label_check.py")
    at.segmented_control(key="label_state").set_value(KEPT).run()
    assert rows(at) == [f"label_choose_{doubted[0].issue.id}"]
    at.button(key=f"label_move_{doubted[0].issue.id}").click().run()
    assert path_of(ctx, doubted[0]) == nodes[1]
    at.segmented_control(key="label_state").set_value(CORRECTED).run()
    at.button(key=f"label_keep_{doubted[0].issue.id}").click().run()
    assert path_of(ctx, doubted[0]) == nodes[0]


def test_filters_that_leave_nothing_say_so(home, doubted, open_page):
    at = open_page("label_check.py")
    at.segmented_control(key="label_state").set_value(OUTDATED).run()
    assert "Nothing here" in at.info[0].value


def test_text_of_a_product_is_never_markup(home, ctx, doubted, open_page):
    with ctx.database.write() as session:
        session.get_one(ProductRow, doubted[0].issue.product_id).title = "<script>x</script>"
    st.cache_data.clear()
    drawn = " ".join(block.value for block in open_page("label_check.py").html)
    assert "&lt;script&gt;" in drawn
    assert "<script>x" not in drawn
