"""The page of predictions through the router: what is shown large, what its buttons do, and what the address keeps."""

import pytest
import streamlit as st
from sqlalchemy import update

from core.domain.classifier import ReviewState
from core.domain.prediction_queue import PredictionQuery, QueueOrder
from core.services import history, models, prediction_acts, predictions
from core.services.prediction_queue import queue_ids, queue_page
from core.services.taxonomy import taxonomy_view
from db.models import PredictionRow, ProductRow
from pages._parts import prediction_acts as page_acts
from pages._parts import prediction_address, prediction_targets, prediction_view
from pages._shared import state

pytestmark = pytest.mark.usefixtures("is_trained")


@pytest.fixture
def active(ctx):
    models.promote_model(ctx, 1, "Ada")
    return ctx


@pytest.fixture
def at(home, active, open_page):
    return open_page("predictions.py")


def queue(ctx, query=None, limit=48):
    return queue_page(ctx, query or PredictionQuery(), limit, 0)[0]


def counts(ctx):
    return predictions.prediction_counts(ctx)


def drawn(at):
    return " ".join(block.value for block in at.html)


def likely(ctx, item):
    """Where the page offers to put a product, the likeliest first."""
    ids = {path: node_id for node_id, path in predictions.nodes_for_choice(ctx)}
    return prediction_targets.alternatives(taxonomy_view(ctx), ids, item)


def make_group(ctx, n):
    """Let the first of the queue and those after it be look-alikes."""
    ids = [item.id for item in queue(ctx)[:n]]
    with ctx.database.write() as session:
        session.execute(update(PredictionRow).where(PredictionRow.group_id == 77).values(group_id=0))
        session.execute(update(PredictionRow).where(PredictionRow.id.in_(ids)).values(group_id=77))
    st.cache_data.clear()
    return ids


def test_the_look_worth_most_is_shown_large_with_the_reasons(at, ctx):
    first = queue(ctx)[0]
    assert first.product.title in drawn(at)
    assert all(reason in drawn(at) for reason in first.why)


def test_accepting_goes_on_to_the_next_and_undo_takes_it_back(at, ctx):
    first, second, *_ = queue(ctx)
    at.button(key="prediction_accept").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 1
    assert first.id not in queue_ids(ctx, PredictionQuery())
    assert f'<div class="pq-title">{second.product.title}' in drawn(at)
    at.button(key="predictions_undo").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 0
    assert f'<div class="pq-title">{first.product.title}' in drawn(at)  # to be decided anew
    at.button(key="predictions_redo").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 1


def test_one_click_puts_the_product_into_a_likely_category(at, ctx):
    first = queue(ctx)[0]
    wanted = likely(ctx, first)[0].node_id
    at.pills(key="prediction_to").set_value(wanted).run()
    [corrected] = queue(ctx, PredictionQuery(state=ReviewState.CORRECTED))
    assert (corrected.id, corrected.current_node_id) == (first.id, wanted)
    assert at.pills(key="prediction_to").value is None


def test_likely_categories_have_a_digit_each_and_lead_with_where_the_product_is(at, ctx):
    first = queue(ctx, PredictionQuery(only_changes=True))[0]
    prediction = likely(ctx, first)
    assert (prediction[0].node_id, prediction[0].why) == (first.current_node_id, "where it is now")
    assert first.predicted_node_id not in {each.node_id for each in prediction}
    offered = at.pills(key="prediction_to").options
    assert [label[:3] for label in offered] == [f"`{digit}`" for digit in range(1, len(offered) + 1)]


def test_look_alikes_are_decided_in_one_act(at, ctx):
    ids = make_group(ctx, 3)
    at.run()
    at.button(key="prediction_apply").click().run()
    assert not set(ids) & set(queue_ids(ctx, PredictionQuery()))
    assert history.undo(ctx, prediction_acts.PREDICTIONS, "Curator") is not None
    assert set(ids) <= set(queue_ids(ctx, PredictionQuery()))


def leave_out(at, about, ids):
    """What a click on a picture of the strip leaves behind; the click itself is tested in a browser."""
    at.session_state[state.PREDICTIONS_LEFT_OUT] = {about: frozenset(ids)}


def test_a_look_alike_that_was_left_out_waits_on(at, ctx):
    ids = make_group(ctx, 4)
    leave_out(at, ids[0], [ids[2]])
    at.run()
    assert at.button(key="prediction_apply").label.startswith("Apply to the 2 look-alikes")
    at.button(key="prediction_apply").click().run()
    assert set(ids) & set(queue_ids(ctx, PredictionQuery())) == {ids[2]}


def test_a_correction_spares_the_look_alikes_that_were_left_out(at, ctx):
    ids = make_group(ctx, 3)
    leave_out(at, ids[0], [ids[1]])
    at.run()
    at.checkbox(key="prediction_with").check().run()
    first = next(item for item in queue(ctx) if item.id == ids[0])
    at.pills(key="prediction_to").set_value(likely(ctx, first)[0].node_id).run()
    assert set(ids) & set(queue_ids(ctx, PredictionQuery())) == {ids[1]}


def test_look_alikes_that_are_too_many_to_be_seen_are_listed_before_anything_is_done_to_them(at, ctx, monkeypatch):
    monkeypatch.setattr(prediction_view, "MOST_SEEN", 2)
    ids = make_group(ctx, 4)
    at.run()
    assert at.button(key="prediction_apply").label.startswith("Look at the 3 look-alikes")
    at.button(key="prediction_apply").click().run()
    assert set(ids) <= set(queue_ids(ctx, PredictionQuery()))
    assert any("4 products" in text.value for text in at.markdown)
    assert at.button(key="prediction_apply").label.startswith("Apply to the 3 look-alikes")
    at.button(key="prediction_apply").click().run()
    assert not set(ids) & set(queue_ids(ctx, PredictionQuery()))


def test_correcting_with_too_many_look_alikes_lists_them_instead(at, ctx, monkeypatch):
    monkeypatch.setattr(prediction_view, "MOST_SEEN", 2)
    ids = make_group(ctx, 4)
    first = next(item for item in queue(ctx) if item.id == ids[0])
    assert not [box for box in at.run().checkbox if box.key == "prediction_with"]
    at.button(key="prediction_look").click().run()
    assert at.checkbox(key="prediction_with").value is False
    assert f'<div class="pq-title">{first.product.title}' in drawn(at)


def test_a_correction_reaches_the_look_alikes_where_that_is_asked_for(at, ctx):
    ids = make_group(ctx, 3)
    at.run()
    at.checkbox(key="prediction_with").check().run()
    first = next(item for item in queue(ctx) if item.id == ids[0])
    at.pills(key="prediction_to").set_value(likely(ctx, first)[0].node_id).run()
    decided = queue(ctx, PredictionQuery(state=ReviewState.CORRECTED)) + queue(
        ctx, PredictionQuery(state=ReviewState.ACCEPTED)
    )
    assert {item.id for item in decided} == set(ids)
    assert len({item.current_path for item in decided}) == 1


def test_listing_look_alikes_leaves_them_alone_and_leads_back(at, ctx):
    make_group(ctx, 3)
    at.run()
    at.button(key="prediction_look").click().run()
    assert any("3 products" in text.value for text in at.markdown)
    at.button(key="predictions_back").click().run()
    assert not [button for button in at.button if button.key == "predictions_back"]


def test_once_all_look_alikes_are_decided_the_queue_is_open_again(at, ctx):
    ids = make_group(ctx, 3)
    at.run()
    at.button(key="prediction_look").click().run()
    prediction_acts.accept(ctx, ids, "Ada")
    at.run()
    assert not [button for button in at.button if button.key == "predictions_back"]
    assert queue(ctx)[0].product.title in drawn(at)


def test_accepting_a_whole_filter_says_what_it_does_and_is_one_undo(at, ctx):
    at.selectbox(key="predictions_platform").set_value("two").run()
    query = PredictionQuery(platform="two")
    total = queue_page(ctx, query, 1, 0)[1]
    n_sample = queue_page(ctx, PredictionQuery(platform="two", only_sample=True), 1, 0)[1]
    n_elsewhere = counts(ctx)[ReviewState.PENDING] - total
    with ctx.database.write() as session:  # so that the set holds both kinds
        session.execute(update(PredictionRow).values(is_sample=False))
        session.execute(
            update(PredictionRow).where(PredictionRow.id == queue_ids(ctx, query)[0]).values(is_sample=True)
        )
    assert n_sample <= total
    st.cache_data.clear()
    at.button(key="predictions_accept_all").click().run()
    assert f"<b>{total - 1:,}</b>" in drawn(at)
    assert any("1 prediction of the random sample wait" in text.value for text in at.caption)
    at.button(key="predictions_all_go").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == total - 1
    assert counts(ctx)[ReviewState.PENDING] == n_elsewhere + 1
    at.button(key="predictions_undo").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 0


def test_doing_nothing_accepts_nothing(at, ctx):
    at.button(key="predictions_accept_all").click().run()
    at.button(key="predictions_all_cancel").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 0


def test_the_button_counts_what_it_accepts_and_is_not_there_for_the_random_sample(at, ctx):
    n_waiting = len(queue_ids(ctx, PredictionQuery()))
    n_sample = len(queue_ids(ctx, PredictionQuery(only_sample=True)))
    assert at.button(key="predictions_accept_all").label == f"Accept all {n_waiting - n_sample:,}"
    at.button(key="predictions_judge").click().run()
    assert not [button for button in at.button if button.key == "predictions_accept_all"]


def test_products_without_a_category_can_be_looked_at_alone(at, ctx):
    assert "No category yet" not in at.pills(key="predictions_flags").options
    _, second, *_ = queue(ctx)
    with ctx.database.write() as session:
        root = taxonomy_view(ctx).taxonomy.root.id
        session.get_one(ProductRow, second.product.product_id).node_id = root
    st.cache_data.clear()
    at.run()
    assert "No category yet" in at.pills(key="predictions_flags").options
    at.pills(key="predictions_flags").set_value(["only_unplaced"]).run()
    assert at.query_params["only"] == "new"
    assert f'<div class="pq-title">{second.product.title}' in drawn(at)
    assert "no category yet" in drawn(at)
    at.segmented_control(key="predictions_state").set_value(ReviewState.ACCEPTED).run()
    assert "only" not in at.query_params


def test_a_slip_is_taken_back_and_decided_anew_without_a_question(at, ctx):
    at.button(key="prediction_accept").click().run()
    at.button(key="predictions_undo").click().run()
    at.button(key="prediction_accept").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 1
    assert not [button for button in at.button if button.key == "held_go"]


def test_a_long_branch_of_history_is_ended_only_after_a_question(at, ctx):
    n = page_acts.FREELY_DROPPED + 1
    for _ in range(n):
        at.button(key="prediction_accept").click().run()
    for _ in range(n):
        at.button(key="predictions_undo").click().run()
    at.button(key="prediction_accept").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 0
    at.button(key="held_go").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 1


def test_what_was_decided_can_be_put_back(at, ctx):
    at.button(key="prediction_accept").click().run()
    at.segmented_control(key="predictions_state").set_value(ReviewState.ACCEPTED).run()
    assert "accepted by Curator" in drawn(at)
    at.button(key="prediction_undecide").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 0


def test_the_address_opens_a_view_and_follows_it(active, open_page):
    at = open_page("predictions.py", platform="two", order="most_certain", only="changes")
    assert at.selectbox(key="predictions_platform").value == "two"
    assert at.selectbox(key="predictions_order").value is QueueOrder.MOST_CERTAIN
    at.segmented_control(key="predictions_state").set_value(ReviewState.CORRECTED).run()
    assert at.query_params["state"] == "corrected"
    at.button(key="predictions_clear").click().run()
    assert "platform" not in at.query_params


def test_nothing_under_the_filters_says_so(active, open_page):
    assert "Nothing here" in open_page("predictions.py", state="corrected").info[0].value


def test_once_all_is_decided_the_way_leads_to_retrain(at, ctx):
    prediction_acts.accept(ctx, queue_ids(ctx, PredictionQuery()), "Bob")
    st.cache_data.clear()
    at.run()
    assert at.button(key="predictions_done_retrain").label == "Retrain the classifier"
    assert at.button(key="predictions_retrain").label.endswith(f"{counts(ctx)[ReviewState.ACCEPTED]:,} decisions")


def test_what_somebody_decided_meanwhile_is_said_and_stays(at, ctx):
    first = queue(ctx)[0]
    prediction_acts.accept(ctx, [first.id], "Bob")
    at.button(key="prediction_accept").click().run()
    assert at.error
    [accepted] = queue(ctx, PredictionQuery(state=ReviewState.ACCEPTED))
    assert accepted.decided_by == "Bob"
    at.button(key="prediction_accept").click().run()
    assert not at.error


def test_accuracy_is_that_of_the_sample_with_its_interval(at, ctx):
    assert "hF1 when tested" in drawn(at)
    sample = [item.id for item in queue(ctx, PredictionQuery(only_sample=True), 500)]
    prediction_acts.accept(ctx, sample, "Ada")
    st.cache_data.clear()
    at.run()
    assert "<b>100 %</b> <span>right (" in drawn(at)
    assert f"by {len(sample):,} of the sample" in drawn(at)


def test_judging_the_sample_lists_nothing_else(at, ctx):
    at.button(key="predictions_judge").click().run()
    assert at.query_params["only"] == "sample"
    assert queue(ctx, PredictionQuery(only_sample=True))[0].product.title in drawn(at)


def test_text_of_a_product_is_never_markup(at, ctx):
    with ctx.database.write() as session:
        session.get_one(ProductRow, queue(ctx)[0].product.product_id).brand = "Nord <3"
    st.cache_data.clear()
    at.run()
    assert "Nord &lt;3" in drawn(at)
    assert "Nord <3" not in drawn(at)


def test_without_an_active_model_the_way_to_retrain_is_shown(home, open_page):
    at = open_page("predictions.py")
    assert at.button(key="empty_state_go").label == "Retrain the classifier"


def test_where_it_stops_a_deeper_category_stays_and_what_it_would_have_said_is_faded(at, ctx):
    item = next(item for item in queue(ctx, limit=500) if len(item.level_confidences) > 2)
    with ctx.database.write() as session:
        session.get_one(ProductRow, item.product.product_id).node_id = item.predicted_node_id
        session.execute(update(PredictionRow).where(PredictionRow.id != item.id).values(review_state="accepted"))
    models.set_stop_below(ctx, 1, min(0.999, item.confidence + 1e-6), "Ada")
    st.cache_data.clear()
    at.run()
    assert "stays in" in drawn(at)
    assert "sure of" in drawn(at)
    assert "better in" not in drawn(at)
    assert "pq-level faded" in drawn(at)


@pytest.mark.parametrize(
    "query",
    [
        PredictionQuery(),
        PredictionQuery(ReviewState.ACCEPTED, "own", "n1", order=QueueOrder.NEWEST_DECISION),
        PredictionQuery(only_changes=True, only_sample=True, stage=1, group_id=12),
    ],
)
def test_an_address_names_the_view_it_was_made_from(query):
    assert prediction_address.from_address(prediction_address.to_address(query)) == query


def test_what_an_address_says_wrongly_counts_as_not_said():
    assert (
        prediction_address.from_address({"state": "lost", "order": "9", "stage": "x", "only": "a,b"})
        == PredictionQuery()
    )
