from core.jobs.runner import run_job
from core.services import jobs
from pages._parts.import_source import SERVER


def test_the_form_is_empty_once_its_file_is_being_imported(home, ctx, worker_held, open_page, tmp_path):
    table = tmp_path / "shop.csv"
    table.write_text("id,title,category\n1,Red boot,Shoes\n", encoding="utf-8")
    at = open_page("import_catalogue.py")
    at.segmented_control(key="import_source").set_value(SERVER).run()
    at.text_input(key="import_file_path").set_value(str(table)).run()
    at.button(key="import_go").click().run()
    run_job(ctx, jobs.list_jobs(ctx)[0].id)
    at.run()
    assert {metric.label: metric.value for metric in at.metric}["New"] == "1"
    assert not [button for button in at.button if button.key == "import_go"]


def test_a_job_says_which_file_it_imported(home, ctx, worker_held, open_page, tmp_path):
    table = tmp_path / "spring_2.csv"
    table.write_text("id,title,category\n1,Red boot,Shoes\n", encoding="utf-8")
    at = open_page("import_catalogue.py")
    at.segmented_control(key="import_source").set_value(SERVER).run()
    at.text_input(key="import_file_path").set_value(str(table)).run()
    at.button(key="import_go").click().run()
    run_job(ctx, jobs.list_jobs(ctx)[0].id)
    shown = open_page("jobs.py").markdown
    assert any(r"spring\_2\.csv" in text.value for text in shown)
