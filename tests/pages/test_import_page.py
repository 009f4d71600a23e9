import pytest

from core.domain.job import JobKind
from core.jobs.runner import run_job
from core.services import jobs, models
from pages._parts.import_source import SERVER
from pages._shared import words


@pytest.fixture
def on_server(open_page):
    """The import page with a path typed in."""

    def typed(file_path, images_path=""):
        at = open_page("import_catalogue.py")
        at.segmented_control(key="import_source").set_value(SERVER).run()
        at.text_input(key="import_file_path").set_value(str(file_path))
        at.text_input(key="import_images_path").set_value(str(images_path)).run()
        return at

    return typed


@pytest.fixture
def table(tmp_path):
    """A file with one unusual column name and one bad row."""
    path = tmp_path / "shop.csv"
    path.write_text(
        "id;what it is;category;brand\n1;Red boot;Shoes;Nord\n2;Blue boot;Shoes;\n3;;Shoes;Nord\n", encoding="utf-8"
    )
    return path


def mapping_box(at, field):
    return next(box for box in at.selectbox if box.key.startswith(f"map_{field}_"))


def test_columns_are_recognised_and_a_missing_one_stops_the_import(home, on_server, table):
    at = on_server(table)
    assert mapping_box(at, "brand").value == "brand"
    assert mapping_box(at, "title").value.startswith("—")
    assert at.button(key="import_go").disabled


def test_a_remapped_file_is_imported_with_its_mapping(home, ctx, worker_held, on_server, table):
    at = on_server(table)
    mapping_box(at, "title").set_value("what it is").run()
    at.text_input(key="default_platform").set_value("corner shop").run()
    at.button(key="import_go").click().run()
    job = jobs.list_jobs(ctx)[0]
    assert job.kind is JobKind.IMPORT
    assert job.arguments["mapping"]["title"] == "what it is"
    assert job.arguments["default_platform"] == "corner shop"
    assert at.button(key="import_job_cancel").label == "Cancel"


def test_a_finished_import_shows_counts_and_reasons(home, ctx, worker_held, on_server, table):
    at = on_server(table)
    mapping_box(at, "title").set_value("what it is").run()
    at.button(key="import_go").click().run()
    run_job(ctx, jobs.list_jobs(ctx)[0].id)
    at.run()
    assert {metric.label: metric.value for metric in at.metric} == {
        "New": "2", "Updated": "0", "Unchanged": "0", "Rejected": "1",
    }  # fmt: skip
    assert any("missing title" in text.value for text in at.markdown)
    assert at.get("download_button")


def test_a_path_that_is_not_there_is_said_with_a_remedy(home, on_server):
    at = on_server("/nowhere/shop.csv")
    assert words.plain("There is no file or folder /nowhere/shop.csv") in at.error[0].value
    assert "Check the path" in at.error[0].value


def test_a_file_that_is_no_table_is_said_with_a_remedy(home, on_server, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    at = on_server(path)
    assert at.error
    assert not [button for button in at.button if button.key == "import_go"]


def test_an_uploaded_file_is_read(home, open_page, table):
    at = open_page("import_catalogue.py")
    at.file_uploader(key="import_file").upload("shop.csv", table.read_bytes()).run()
    assert any("3 rows" in text.value for text in at.markdown)
    assert mapping_box(at, "product_id").value == "id"


def test_after_an_import_that_is_classified_the_way_leads_to_the_predictions(
    home, is_trained, ctx, worker_held, on_server, table
):
    models.promote_model(ctx, 1, "Ada")
    at = on_server(table)
    mapping_box(at, "title").set_value("what it is").run()
    at.button(key="import_go").click().run()
    run_job(ctx, next(job.id for job in jobs.list_jobs(ctx) if job.kind is JobKind.IMPORT))
    at.run()
    assert at.button(key="import_predictions").label == "See the predictions"
