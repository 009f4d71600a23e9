"""Keeps a worker beside the app, unless one runs already."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.domain.workspace import Workspace
from core.jobs.worker import worker_is_alive

ROOT = Path(__file__).resolve().parents[2]
LOOK_EVERY_S = 2.0
STOP_WAIT_S = 5.0
Child = subprocess.Popen[bytes]

__all__ = ["ensure_worker", "keep_worker", "worker_is_alive"]


def ensure_worker(workspace: Workspace) -> Child | None:
    """Start `python -m core worker` as a child that ends with this process, unless a worker runs.

    Returns:
        The new process, None where a worker was there. Two starts at once are harmless: the second worker
        finds the lock taken and ends.
    """
    if worker_is_alive(workspace):
        return None
    workspace.home.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SHELFWISE_HOME": str(workspace.home), "PYTHONUNBUFFERED": "1"}
    if workspace.database_url_override:
        environment["DATABASE_URL"] = workspace.database_url_override
    with (workspace.home / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core", "worker", "--parent", str(os.getpid())],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip


@contextmanager
def keep_worker(workspace: Workspace) -> Iterator[None]:
    """While inside, start a worker whenever none runs; at the end, stop the one that was started here."""
    stopped = threading.Event()
    children: list[Child] = []

    def watch() -> None:
        while True:
            if not children or children[-1].poll() is not None:
                child = ensure_worker(workspace)
                children[:] = [child] if child else []
            if stopped.wait(LOOK_EVERY_S):
                return

    thread = threading.Thread(target=watch, name="keep-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(STOP_WAIT_S)
        for child in children:
            _stop(child)


def _stop(child: Child) -> None:
    child.terminate()
    try:
        child.wait(STOP_WAIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
