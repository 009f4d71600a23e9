from core.domain.job import JobKind, JobState
from core.services import jobs


def test_an_empty_workspace_offers_the_demo_and_an_import(empty_home, open_page):
    at = open_page()
    assert at.button(key="load_demo").label == "Load the demo catalogue"
    assert at.button(key="import_own").label == "Import your own"


def test_loading_the_demo_queues_it_and_shows_its_progress(empty_home, worker_held, open_page):
    at = open_page()
    next(field for field in at.text_input if field.label == "Your name").set_value("Grace").run()
    at.button(key="load_demo").click().run()
    [job] = jobs.list_jobs(_context(empty_home))
    assert (job.kind, job.state, job.author) == (JobKind.DEMO, JobState.QUEUED, "Grace")
    assert at.button(key="home_job_cancel").label == "Cancel"
    assert at.button(key="load_demo").disabled


def test_cancelling_a_waiting_job_frees_the_page(empty_home, worker_held, open_page):
    at = open_page()
    at.button(key="load_demo").click().run()
    at.button(key="home_job_cancel").click().run()
    at.run()
    assert jobs.list_jobs(_context(empty_home))[0].state is JobState.CANCELLED
    assert not at.button(key="load_demo").disabled
    assert at.button(key="home_job_restart").label == "Restart"


def test_a_filled_workspace_says_what_comes_next(home, open_page):
    at = open_page()
    assert at.metric[0].value == "84"
    assert at.button(key="next_step_go").label == "Review the clusters"
    assert any("Imported" in text.value for text in at.markdown)


def test_every_screen_is_reached_from_the_sidebar(home, open_page):
    at = open_page()
    links = [link.label for link in at.sidebar.get("page_link")]
    assert links == ["Home", "Import", "Discover", "Review", "Retrain", "Predictions", "Taxonomy & export",
                     "Catalogue", "Classify", "Drift", "Label check", "Models", "Experiments", "Encoders",
                     "Jobs"]  # fmt: skip


def _context(home):
    from core.domain.workspace import Workspace
    from core.services.context import open_context

    return open_context(Workspace(home))
