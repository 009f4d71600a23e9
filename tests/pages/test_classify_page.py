import pytest
import streamlit as st
from sqlalchemy import select, update

from core.domain.job import JobKind
from core.jobs.runner import run_job
from core.services import jobs, models, settings
from core.services.settings import CLASSIFY_AFTER_IMPORT
from db.models import NodeRow, PredictionRow, ProductRow
from pages._parts.import_source import SERVER
from pages._shared import state

TABLE = "id;name;brand\n1;Red ankle boot;Nord\n2;;Nord\n3;Beach sandal;Sol;x;y;z\n4;Running sneaker;\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def with_file(open_page, table):
    """The page with a file named on the server."""

    def opened():
        at = open_page("classify.py")
        at.segmented_control(key="classify_source").set_value(SERVER).run()
        at.text_input(key="classify_file_path").set_value(str(table)).run()
        return at

    return opened


def texts(at):
    return " ".join(item.value for item in (*at.markdown, *at.caption, *at.warning, *at.info))


def test_without_a_model_the_way_leads_to_retrain(home, open_page):
    at = open_page("classify.py")
    assert "No model yet" in texts(at)
    assert not at.file_uploader
    assert at.button(key="empty_state_go").label == "Retrain the classifier"


def test_what_was_understood_is_shown_before_anything_starts(home, is_trained, ctx, with_file):
    at = with_file()
    said = texts(at)
    assert "4 rows" in said
    assert "Title: name" in said
    assert "no description" in said
    assert "1 row has more fields than there are columns and 1 row has no title" in said.replace("\\", "")
    assert not at.button(key="classify_go").disabled
    assert jobs.list_jobs(ctx, limit=1)[:1] == [] or jobs.list_jobs(ctx, limit=1)[0].kind is not JobKind.CLASSIFY


def test_a_file_without_titles_cannot_start(home, is_trained, with_file, table):
    table.write_text("id;price\n1;2\n", encoding="utf-8")
    at = with_file()
    assert at.button(key="classify_go").disabled
    assert "No column holds titles" in texts(at)


def test_a_started_file_runs_and_shows_what_came_of_it(home, is_trained, ctx, worker_held, with_file):
    at = with_file()
    at.button(key="classify_go").click().run()
    job = jobs.list_jobs(ctx)[0]
    assert job.kind is JobKind.CLASSIFY
    assert (job.arguments["mapping"]["title"], job.arguments["keep_columns"]) == ("name", True)
    assert at.button(key="classify_job_cancel").label == "Cancel"
    run_job(ctx, job.id)
    at.run()
    assert {metric.label: metric.value for metric in at.metric}["Rows"] == "4"
    assert {metric.label: metric.value for metric in at.metric}["Without a category"] == "2"
    assert "2 rows classified" in texts(at)
    assert len(at.get("download_button")) == 2
    assert "4 rows, 2 without a category" in texts(at)


def test_new_products_are_offered_once_a_model_is_in_use(home, is_trained, ctx, worker_held, open_page):
    assert "New products" not in [heading.value for heading in open_page("classify.py").subheader]
    models.promote_model(ctx, 1, "Ada")
    at = open_page("classify.py")
    assert "New products" in [heading.value for heading in at.subheader]
    # The images came after the training: these products have changed since.
    assert not at.button(key="classify_new_go").disabled
    at.button(key="classify_new_go").click().run()
    job = jobs.list_jobs(ctx)[0]
    assert job.kind is JobKind.CLASSIFY_NEW
    assert at.button(key="classify_new_go").disabled
    run_job(ctx, job.id)
    at.run()
    assert "Every product of your catalogue has a prediction" in texts(at)
    assert "Just now: 72 products classified" in texts(at)
    assert "What it says waits under Predictions." in texts(at)


def test_the_switch_holds_for_everybody(home, is_trained, ctx, open_page):
    models.promote_model(ctx, 1, "Ada")
    at = open_page("classify.py")
    at.toggle(key="classify_after_import_on").set_value(False).run()
    assert settings.get(ctx, CLASSIFY_AFTER_IMPORT) is False
    assert at.toggle(key="classify_after_import_off").value is False


def test_what_has_no_category_yet_is_one_click_away_on_the_predictions_page(home, is_trained, ctx, open_page):
    models.promote_model(ctx, 1, "Ada")
    at = open_page("classify.py")
    assert not [button for button in at.button if button.key == "classify_new_look"]
    with ctx.database.write() as session:
        waiting = session.scalars(select(PredictionRow.product_id).where(PredictionRow.model_id == 1).limit(2)).all()
        root = session.scalars(select(NodeRow.id).where(NodeRow.parent_id.is_(None))).one()
        session.execute(update(ProductRow).where(ProductRow.id.in_(waiting)).values(node_id=root))
    st.cache_data.clear()
    at = open_page("classify.py")
    assert at.button(key="classify_new_look").label == "Look at 2 without a category"
    at.button(key="classify_new_look").click().run()
    assert at.session_state[state.PREDICTIONS_VIEW].only_unplaced
