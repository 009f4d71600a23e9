"""Real workers in processes of their own, and a way to wait for what they do."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.domain.job import Job, JobState
from core.domain.workspace import Workspace
from core.jobs.worker import worker_is_alive
from core.services.context import Context
from core.services.jobs import get_job

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 90.0


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., Any]:
    """Ask a condition until it holds; fails with `what` when patience ends."""

    def wait(condition: Callable[[], Any], what: str) -> Any:
        pause, deadline = threading.Event(), time.monotonic() + PATIENCE_S
        while not (found := condition()):
            assert time.monotonic() < deadline, f"waited {PATIENCE_S:.0f} s for {what}"
            pause.wait(0.05)
        return found

    return wait


@pytest.fixture(scope="session")
def wait_for_state(wait_for: Callable[..., Any]) -> Callable[[Context, int, JobState], Job]:
    """Wait until a job is in a state, and give it."""

    def wait(context: Context, job_id: int, state: JobState) -> Job:
        def reached() -> Job | None:
            job = get_job(context, job_id)
            unexpected = job.state.is_final and job.state is not state
            assert not unexpected, f"{job.state}: {job.error} {job.log}"
            return job if job.state is state else None

        return wait_for(reached, f"job {job_id} to be {state}")

    return wait


@pytest.fixture(scope="session")
def start_worker(
    wait_for: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start `python -m core worker` on a workspace and wait until it has the lock; all are ended afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def start(workspace: Workspace, image_seconds: str = "1") -> subprocess.Popen[bytes]:
        environment = {
            **os.environ, "SHELFWISE_HOME": str(workspace.home), "SHELFWISE_IMAGE_SECONDS": image_seconds,
        }  # fmt: skip
        log = tmp_path_factory.mktemp("worker") / "log"
        with log.open("wb") as stream:
            command = [sys.executable, "-m", "core", "worker"]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)
        started.append(process)
        wait_for(lambda: worker_is_alive(workspace) or process.poll() is not None, "the worker's lock")
        assert process.poll() is None, log.read_text()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
