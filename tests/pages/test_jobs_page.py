from datetime import timedelta

import pytest

from core.domain.job import JobKind, JobState
from core.jobs import queue
from core.jobs.runner import run_job
from core.services import jobs


@pytest.fixture
def failed(ctx, worker_held):
    """A job that fails for a reason a person can act on."""
    job = queue.submit(ctx, JobKind.IMPORT, {"file_path": "/nowhere.csv", "mapping": None}, "Ada")
    assert run_job(ctx, job.id) is JobState.FAILED
    return job


def test_a_failed_job_shows_why_and_can_be_restarted(home, ctx, failed, open_page):
    at = open_page("jobs.py")
    assert any("nowhere" in text.value for text in at.markdown)
    at.button(key=f"job_{failed.id}_restart").click().run()
    newest = jobs.list_jobs(ctx)[0]
    assert (newest.id, newest.state) == (failed.id + 1, JobState.QUEUED)
    assert at.button(key=f"job_{newest.id}_cancel").label == "Cancel"


def test_a_running_job_can_be_cancelled(home, ctx, worker_held, open_page):
    job = queue.submit(ctx, JobKind.DEMO, {}, "Ada")
    at = open_page("jobs.py")
    at.button(key=f"job_{job.id}_cancel").click().run()
    assert jobs.get_job(ctx, job.id).state is JobState.CANCELLED


def test_a_job_whose_worker_died_is_shown_as_interrupted(home, ctx, worker_held, open_page):
    from db.base import utc_now
    from db.models import JobRow

    job = queue.submit(ctx, JobKind.DEMO, {}, "Ada")
    with ctx.database.write() as session:
        row = session.get(JobRow, job.id)
        row.state, row.heartbeat_at = "running", utc_now() - timedelta(minutes=5)
    at = open_page("jobs.py")
    assert jobs.get_job(ctx, job.id).state is JobState.INTERRUPTED
    assert at.button(key=f"job_{job.id}_restart").label == "Restart"


def test_no_jobs_yet_says_so(empty_home, open_page):
    at = open_page("jobs.py")
    assert at.button(key="empty_state_go").label == "Go home"
