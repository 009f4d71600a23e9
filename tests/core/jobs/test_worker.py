"""Jobs through a real worker process."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.domain.errors import JobNotFoundError
from core.domain.job import JobKind, JobState
from core.domain.workspace import Workspace
from core.jobs.queue import restart_job, submit
from core.jobs.worker import worker_is_alive
from core.services.catalogue import catalogue_totals
from core.services.context import open_context
from core.services.jobs import active_jobs, cancel_job, get_job, list_jobs

ROOT = Path(__file__).resolve().parents[3]
NO_FILE = {"file_path": "/nowhere/offers.csv", "images_path": None}


@pytest.fixture(scope="module")
def served(start_worker, tmp_path_factory):
    """An empty workspace with a worker."""
    context = open_context(Workspace(tmp_path_factory.mktemp("served") / "home"))
    start_worker(context.workspace)
    return context


def test_a_submitted_job_is_run_to_its_end(served, small_catalogue, wait_for_state):
    arguments = {"file_path": str(small_catalogue.csv_path), "images_path": str(small_catalogue.images_dir)}
    job = submit(served, JobKind.IMPORT, arguments, "Ada")
    assert job.state is JobState.QUEUED
    done = wait_for_state(served, job.id, JobState.DONE)
    assert (done.progress, done.message, done.author, done.error) == (1.0, "Done", "Ada", "")
    assert done.result["n_new"] == catalogue_totals(served).n_products == 222
    assert any("Reading products.csv" in line for line in done.log)
    assert any("Writing 222 products" in line for line in done.log)
    assert done.started_at is not None
    assert done.finished_at is not None
    assert done.created_at <= done.started_at <= done.finished_at


def test_a_users_mistake_fails_with_its_message_and_remedy(served, wait_for_state):
    job = submit(served, JobKind.IMPORT, NO_FILE, "Ada")
    failed = wait_for_state(served, job.id, JobState.FAILED)
    assert "/nowhere/offers.csv" in failed.error
    assert "Choose a file" in failed.remedy
    assert failed.result == {"fault": "CatalogueFormatError"}


def test_an_unforeseen_fault_fails_the_job_and_not_the_worker(served, wait_for_state):
    job = submit(served, JobKind.IMPORT, {}, "Ada")  # arguments that no page would send
    failed = wait_for_state(served, job.id, JobState.FAILED)
    assert "KeyError" in failed.error
    assert "log" in failed.remedy
    again = submit(served, JobKind.IMPORT, NO_FILE, "Ada")
    assert wait_for_state(served, again.id, JobState.FAILED).result == {"fault": "CatalogueFormatError"}


def test_a_running_job_tells_its_progress_and_can_be_cancelled(served, wait_for, wait_for_state):
    before = catalogue_totals(served)
    job = submit(served, JobKind.DEMO, {}, "Ada")
    waiting = submit(served, JobKind.IMPORT, NO_FILE, "Bob")
    running = wait_for(lambda: (found := get_job(served, job.id)).progress > 0 and found, "progress")
    assert running.state is JobState.RUNNING
    assert running.message.startswith("Drawing product")
    assert running.heartbeat_at is not None
    assert [found.id for found in active_jobs(served)] == [job.id, waiting.id]
    with pytest.raises(JobNotFoundError, match="running"):
        restart_job(served, job.id, "Ada")
    cancel_job(served, waiting.id)
    assert get_job(served, waiting.id).state is JobState.CANCELLED
    cancel_job(served, job.id)
    cancelled = wait_for_state(served, job.id, JobState.CANCELLED)
    assert 0 < cancelled.progress < 1
    assert catalogue_totals(served) == before
    last = submit(served, JobKind.IMPORT, NO_FILE, "Ada")
    wait_for_state(served, last.id, JobState.FAILED)
    assert get_job(served, waiting.id).state is JobState.CANCELLED, "passed over"
    assert [found.id for found in list_jobs(served, 3)] == [last.id, waiting.id, job.id]


def test_a_second_worker_ends_at_once(served):
    command = [sys.executable, "-m", "core", "worker"]
    environment = {"SHELFWISE_HOME": str(served.workspace.home), "PATH": ""}
    second = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 0
    assert "runs in this workspace already" in second.stdout
    assert worker_is_alive(served.workspace)


def test_a_killed_workers_job_is_shown_as_interrupted_and_its_restart_completes(
    imported, start_worker, wait_for, wait_for_state
):
    worker = start_worker(imported.workspace, image_seconds="300")
    job = submit(imported, JobKind.ENCODE, {}, "Ada")
    waiting = submit(imported, JobKind.IMPORT, NO_FILE, "Ada")
    wait_for(lambda: get_job(imported, job.id).message.startswith("Learning from images"), "the training")
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert not worker_is_alive(imported.workspace)
    assert get_job(imported, job.id).state is JobState.RUNNING
    start_worker(imported.workspace)
    wait_for_state(imported, waiting.id, JobState.FAILED)  # it waited in the queue meanwhile
    interrupted = wait_for_state(imported, job.id, JobState.INTERRUPTED)
    assert "stopped" in interrupted.error
    assert "Restart" in interrupted.remedy
    again = restart_job(imported, job.id, "Bob")
    assert (again.kind, again.arguments, again.author) == (JobKind.ENCODE, {}, "Bob")
    done = wait_for_state(imported, again.id, JobState.DONE)
    assert done.result["title"] == 222
    assert done.curve == () or {"loss", "epoch"} <= set(done.curve[0])
    assert get_job(imported, job.id).state is JobState.INTERRUPTED


def test_a_job_that_a_dead_worker_had_fetched_but_not_begun_is_run_by_the_next(context, start_worker, wait_for_state):
    from core.jobs.queue import context_queue

    job = submit(context, JobKind.IMPORT, NO_FILE, "Ada")
    later = submit(context, JobKind.IMPORT, NO_FILE, "Ada")
    assert context_queue(context).dequeue() is not None  # fetched, and then the worker is gone
    start_worker(context.workspace)
    for waiting in (job, later):
        wait_for_state(context, waiting.id, JobState.FAILED)
