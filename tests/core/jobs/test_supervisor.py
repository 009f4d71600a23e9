"""The worker beside the app: started unless one runs, gone with its parent."""

import os
import subprocess
import sys
from pathlib import Path

from core.jobs.supervisor import ensure_worker, keep_worker, worker_is_alive

ROOT = Path(__file__).resolve().parents[3]
PARENT = """
import sys
from pathlib import Path
from core.domain.workspace import Workspace
from core.jobs.supervisor import ensure_worker
print(ensure_worker(Workspace(Path(sys.argv[1]))).pid, flush=True)
sys.stdin.read()
"""


def test_a_worker_is_started_unless_one_runs_and_stopped_at_the_end(context, wait_for):
    assert not worker_is_alive(context.workspace)
    with keep_worker(context.workspace):
        wait_for(lambda: worker_is_alive(context.workspace), "a worker")
        assert ensure_worker(context.workspace) is None
    wait_for(lambda: not worker_is_alive(context.workspace), "its end")


def test_a_worker_that_died_is_replaced(context, wait_for):
    with keep_worker(context.workspace):
        wait_for(lambda: worker_is_alive(context.workspace), "a worker")
        first = _pid_of_child()
        os.kill(first, 9)
        wait_for(lambda: worker_is_alive(context.workspace) and _pid_of_child() != first, "another worker")


def test_a_worker_ends_when_its_parent_is_gone(context, wait_for):
    command = [sys.executable, "-c", PARENT, str(context.workspace.home)]
    parent = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert int(parent.stdout.readline()) > 0
    wait_for(lambda: worker_is_alive(context.workspace), "the worker")
    parent.kill()
    parent.communicate()
    wait_for(lambda: not worker_is_alive(context.workspace), "the worker's end")


def _pid_of_child() -> int:
    """The newest running child of this process that is a worker; 0 where there is none."""
    found = 0
    for entry in sorted(int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()):
        try:
            state, parent = Path(f"/proc/{entry}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:2]
            words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z" and b"worker" in words:
            found = entry
    return found
