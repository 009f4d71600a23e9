import pytest
import streamlit as st

from core.domain.classifier import ReviewState
from core.services import models, predictions
from db.models import PredictionRow, ProductRow

pytestmark = pytest.mark.usefixtures("is_trained")


@pytest.fixture
def at(home, ctx, open_page):
    models.promote_model(ctx, 1, "Ada")
    return open_page("predictions.py")


def first_pending(ctx):
    return predictions.list_predictions(ctx, limit=1)[0][0]


def counts(ctx):
    return predictions.prediction_counts(ctx)


def rows(at):
    return [button.key for button in at.button if button.key.startswith("accept_") and button.key != "accept_page"]


def test_the_least_certain_come_first_ten_to_a_page(at, ctx):
    items, total = predictions.list_predictions(ctx, limit=10)
    assert rows(at) == [f"accept_{item.id}" for item in items]
    assert any(f"**{total:,} predictions**" in text.value for text in at.markdown)


def test_accepting_one_decides_it_and_undo_takes_it_back(at, ctx):
    item = first_pending(ctx)
    at.button(key=f"accept_{item.id}").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 1
    assert f"accept_{item.id}" not in rows(at)
    at.segmented_control(key="predictions_state").set_value(ReviewState.ACCEPTED).run()
    at.button(key=f"undo_{item.id}").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 0


def test_accepting_the_page_decides_all_on_it(at, ctx):
    at.button(key="accept_page").click().run()
    assert counts(ctx)[ReviewState.ACCEPTED] == 10


def test_choosing_another_category_corrects(at, ctx):
    item = first_pending(ctx)
    wanted, path = next(choice for choice in predictions.nodes_for_choice(ctx) if choice[0] != item.predicted_node_id)
    at.button(key=f"correct_{item.id}").click().run()
    at.selectbox(key=f"choose_{item.id}").set_value(wanted).run()
    [corrected], _total = predictions.list_predictions(ctx, ReviewState.CORRECTED)
    assert (corrected.id, corrected.current_path) == (item.id, path)
    assert not [box for box in at.selectbox if box.key == f"choose_{item.id}"]


def test_a_platform_filter_leaves_only_its_products(at, ctx):
    at.selectbox(key="predictions_platform").set_value("two").run()
    _items, total = predictions.list_predictions(ctx, platform="two")
    assert any(f"**{total:,} predictions**" in text.value for text in at.markdown)


def test_filters_that_leave_nothing_say_so(at):
    at.segmented_control(key="predictions_state").set_value(ReviewState.CORRECTED).run()
    assert "Nothing here" in at.info[0].value


def test_turning_the_page_shows_the_next_ten(at, ctx):
    at.pagination(key="predictions_page").set_value(2).run()
    items, _total = predictions.list_predictions(ctx, limit=10, offset=10)
    assert rows(at) == [f"accept_{item.id}" for item in items]


def test_text_of_a_product_is_never_markup(at, ctx):
    with ctx.database.write() as session:
        session.get_one(ProductRow, first_pending(ctx).product.product_id).brand = "Nord <3"
    st.cache_data.clear()
    drawn = " ".join(block.value for block in at.run().html)
    assert "Nord &lt;3" in drawn
    assert "Nord <3" not in drawn


def test_without_an_active_model_the_way_to_retrain_is_shown(home, open_page):
    at = open_page("predictions.py")
    assert at.button(key="empty_state_go").label == "Retrain the classifier"


def test_where_it_stops_a_deeper_category_stays_and_the_page_says_why(at, ctx):
    item = next(item for item in predictions.list_predictions(ctx, limit=500)[0] if len(item.level_confidences) > 2)
    with ctx.database.write() as session:
        session.get_one(ProductRow, item.product.product_id).node_id = item.predicted_node_id
        for row in session.query(PredictionRow).where(PredictionRow.id != item.id):
            row.review_state = "accepted"
    models.set_stop_below(ctx, 1, min(0.999, item.confidence + 1e-6), "Ada")
    st.cache_data.clear()
    drawn = " ".join(block.value for block in at.run().html)
    assert "stays in" in drawn
    assert "sure of" in drawn
    assert "better in" not in drawn
    assert any("it stops at the category above" in caption.value for caption in at.caption)
