"""Running a job in this process, and what its row keeps."""

import threading
import time

import pytest

from core.domain.errors import AppError, JobCancelledError, JobNotFoundError
from core.domain.job import JobKind, JobState
from core.jobs.handlers import HANDLERS
from core.jobs.inline import run_inline
from core.jobs.progress import JobProgress
from core.jobs.queue import submit
from core.jobs.runner import run_job
from core.services.context import Context
from core.services.jobs import SILENCE, cancel_job, get_job, list_jobs
from db.base import utc_now
from db.repositories import jobs as job_rows

NO_FILE = {"file_path": "/nowhere/offers.csv", "images_path": None}


def running_job(context: Context) -> int:
    with context.database.write() as session:
        job = job_rows.add_job(session, JobKind.ENCODE, {}, "Ada")
        job_rows.update_job(session, job.id, state=str(JobState.RUNNING), heartbeat_at=utc_now())
    return job.id


def test_every_kind_of_job_has_a_handler():
    assert set(HANDLERS) == set(JobKind)


def test_a_command_runs_its_job_here_and_leaves_the_same_row(context, small_catalogue):
    arguments = {"file_path": str(small_catalogue.csv_path), "images_path": None, "default_platform": "mine"}
    job = run_inline(context, JobKind.IMPORT, arguments, "Ada", "Importing")
    assert (job.state, job.progress, job.result["n_new"]) == (JobState.DONE, 1.0, 224)
    assert [found.id for found in list_jobs(context)] == [job.id]


def test_a_job_that_was_cancelled_before_it_began_is_left_alone(context):
    job = submit(context, JobKind.IMPORT, NO_FILE, "Ada")
    cancel_job(context, job.id)
    assert run_job(context, job.id) is JobState.CANCELLED
    found = get_job(context, job.id)
    assert (found.started_at, found.error) == (None, "")
    assert found.finished_at is not None


def test_a_job_announced_twice_runs_once(context):
    job = submit(context, JobKind.IMPORT, NO_FILE, "Ada")
    assert run_job(context, job.id) is JobState.FAILED
    first = get_job(context, job.id)
    assert run_job(context, job.id) is JobState.FAILED
    assert get_job(context, job.id) == first


def test_reports_from_inside_a_transaction_neither_wait_nor_fail(context, wait_for):
    """A service may report while it has the one writer's lock: the row is written when the lock is free again."""
    job_id = running_job(context)
    with JobProgress(context, job_id) as progress:
        started = time.monotonic()
        with context.database.write() as session:
            job_rows.add_job(session, JobKind.DEMO, {}, "Ada")
            session.flush()
            pause = threading.Event()
            for step in range(8):
                progress.report(step / 10, f"step {step}", loss=1.0 / (step + 1))
                pause.wait(0.1)  # longer than the time between two writes, all in all
        assert time.monotonic() - started < 5
        job = wait_for(lambda: (found := get_job(context, job_id)).progress == 0.7 and found, "the last report")
    assert job.message == "step 7"
    assert [line[9:] for line in job.log] == [f"step {step}" for step in range(8)]
    assert [point["loss"] for point in job.curve] == [1.0 / (step + 1) for step in range(8)]


def test_the_heart_beats_through_a_long_step_without_reports(context, wait_for):
    job_id = running_job(context)
    before = get_job(context, job_id).heartbeat_at
    with JobProgress(context, job_id):
        wait_for(lambda: get_job(context, job_id).heartbeat_at > before, "a heartbeat")


def test_a_report_raises_once_somebody_cancelled(context, wait_for):
    job_id = running_job(context)

    def is_cancelled() -> bool:
        try:
            progress.report(0.5, "still at it")
        except JobCancelledError:
            return True
        return False

    with JobProgress(context, job_id) as progress:
        assert not is_cancelled()
        cancel_job(context, job_id)
        wait_for(is_cancelled, "the cancellation")


def test_a_job_nobody_heard_of_for_long_is_interrupted(context):
    job_id = running_job(context)
    assert get_job(context, job_id).state is JobState.RUNNING
    with context.database.write() as session:
        job_rows.update_job(session, job_id, heartbeat_at=utc_now() - 2 * SILENCE)
    found = get_job(context, job_id)
    assert found.state is JobState.INTERRUPTED
    assert found.remedy


def test_a_job_taken_for_interrupted_while_it_still_ran_ends_as_it_ended(context, small_catalogue):
    arguments = {"file_path": str(small_catalogue.csv_path), "images_path": None}
    job = submit(context, JobKind.IMPORT, arguments, "Ada")

    class TakenForDead:
        """At the first report the job has been marked as interrupted, as a slow disk could bring about."""

        is_first = True

        def report(self, fraction: float, message: str = "", **metrics: float) -> None:
            if self.is_first:
                with context.database.write() as session:
                    assert job_rows.mark_stale_as_interrupted(session, -SILENCE) == 1
                self.is_first = False

    assert run_job(context, job.id, lambda inner: TakenForDead()) is JobState.DONE
    found = get_job(context, job.id)
    assert (found.state, found.error, found.remedy) == (JobState.DONE, "", "")


def test_a_job_that_does_not_exist_is_a_fault_with_a_remedy(context):
    for call in (get_job, cancel_job):
        with pytest.raises(JobNotFoundError) as caught:
            call(context, 99)
        assert caught.value.remedy


def test_a_queue_that_cannot_be_reached_fails_the_job_at_once(context, monkeypatch):
    monkeypatch.setenv("SHELFWISE_QUEUE", "redis://127.0.0.1:1/0")
    with pytest.raises(AppError, match="queue cannot be reached"):
        submit(context, JobKind.DEMO, {}, "Ada")
    assert [job.state for job in list_jobs(context)] == [JobState.FAILED]
