"""Workers die for real here: a picture that is a named pipe holds a worker while the test kills it."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from core.domain.errors import JobCancelledError, ParameterError
from core.domain.progress import NullProgress
from core.inference.batch import BatchOptions, run_batch
from core.inference.batch_attempts import MOST_DEATHS, Attempts, Narrowing, split_span
from core.inference.batch_plan import Partition, RunFolder
from tests.core.inference.batch_inputs import CancelWhen, Messages, read_csv, row_of, write_csv

ROOT = Path(__file__).resolve().parents[3]
N_ROWS, PER_PARTITION, HELD_ROW = 48, 8, 28
HELD = Partition(3, 25, 8)
"""The partition with the row whose picture holds its worker."""
SECONDS = 300


@pytest.fixture(scope="module")
def bundle(world):
    return replace(world.bundle, escalate_below=1.01)


@pytest.fixture(scope="module")
def table(world, tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "products.csv"
    return write_csv(path, [row_of(product) for product in world.products[:N_ROWS]])


@pytest.fixture(scope="module")
def undisturbed(world, bundle, table, tmp_path_factory):
    """What comes of the same rows in one process that nobody kills."""
    home = tmp_path_factory.mktemp("undisturbed")
    run_batch(bundle, options(table, home / "out.csv", write_pictures(world, home), 1), home / "run", NullProgress())
    return (home / "out.csv").read_bytes()


def options(table, target, images, n_workers):
    return BatchOptions(str(table), str(target), str(images), rows_per_partition=PER_PARTITION, n_workers=n_workers)


def write_pictures(world, home):
    folder = home / "images"
    folder.mkdir()
    for name, content in world.pictures.items():
        (folder / name).write_bytes(content)
    return folder


class HeldPicture:
    """The picture of `HELD_ROW` as a pipe: whoever reads it is held, and can be killed there."""

    def __init__(self, world, images, folder):
        name = world.products[HELD_ROW - 1].image_ref
        self.path, self._content, self._folder = images / name, world.pictures[name], RunFolder(folder)
        self.path.unlink()
        os.mkfifo(self.path)

    def kill_reader(self):
        with self.path.open("wb"):  # returns when a worker reads
            mark = sorted(self._folder.attempts.glob("000003.begun-*"))[-1]
            worker = psutil.Process(json.loads(mark.read_text())["pid"])
            worker.kill()
            gone = threading.Event()
            with suppress(psutil.NoSuchProcess):
                while worker.status() != psutil.STATUS_ZOMBIE:
                    gone.wait(0.01)

    def give(self):
        """Hand the picture to whoever reads until the partition is done: a worker that dies may still hold the pipe."""
        done, pause = self._folder.done / HELD.name, threading.Event()
        for _ in range(SECONDS * 20):
            with suppress(OSError):  # nobody reads, or who did is gone
                pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
                try:
                    os.write(pipe, self._content)
                finally:
                    os.close(pipe)
            if done.exists():
                return
            pause.wait(0.05)

    def mend(self):
        self.path.unlink()
        self.path.write_bytes(self._content)


def in_background(*acts):
    thread = threading.Thread(target=lambda: [act() for act in acts], daemon=True)
    thread.start()
    return thread


def start_driver(bundle, choices, folder, **others):
    told = {"bundle": bundle.to_dict(), "options": vars(choices), "folder": str(folder), **others}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.core.inference.batch_driver", json.dumps(told)],
        cwd=ROOT, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_neither_a_killed_worker_nor_a_cancel_changes_the_result(world, bundle, table, undisturbed, tmp_path):
    images = write_pictures(world, tmp_path)
    held = HeldPicture(world, images, tmp_path / "run")
    killer = in_background(held.kill_reader, held.give)
    choices = options(table, tmp_path / "out.csv", images, 2)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.raises(JobCancelledError):
        run_batch(bundle, choices, tmp_path / "run", CancelWhen(lambda: not killer.is_alive()))
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert not [child for child in left if "udf_worker" in " ".join(child.cmdline())]
    held.mend()
    result = run_batch(bundle, replace(choices, n_workers=1), tmp_path / "run", NullProgress())
    assert result.n_resumed_partitions >= 1
    assert (tmp_path / "out.csv").read_bytes() == undisturbed


def test_a_run_killed_half_way_goes_on_and_loses_or_doubles_no_row(world, bundle, table, undisturbed, tmp_path):
    images = write_pictures(world, tmp_path)
    held = HeldPicture(world, images, tmp_path / "run")
    choices = options(table, tmp_path / "out.csv", images, 1)
    driver = start_driver(bundle, choices, tmp_path / "run")
    with held.path.open("wb"):
        os.killpg(driver.pid, signal.SIGKILL)
        driver.communicate(timeout=SECONDS)
    held.mend()
    assert not (tmp_path / "out.csv").exists()
    result = run_batch(bundle, choices, tmp_path / "run", NullProgress())
    assert result.n_resumed_partitions == HELD.number
    assert (tmp_path / "out.csv").read_bytes() == undisturbed


def test_a_row_that_kills_its_worker_fails_and_holds_up_no_other(world, bundle, table, undisturbed, tmp_path):
    choices = options(table, tmp_path / "out.csv", write_pictures(world, tmp_path), 1)
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(JobCancelledError):
        run_batch(bundle, choices, tmp_path / "run", Messages(cancel_at="0 of 48"))
    attempts = Attempts(folder, HELD)
    for _ in range(MOST_DEATHS):
        attempts.begin()
    # what a second worker leaves that dies of the row alone
    attempts.save_narrowing(
        Narrowing([part for part in split_span((25, 8)) if part != (HELD_ROW, 1)], (HELD_ROW, 1), {f"{HELD_ROW}+1": 1})
    )
    result = run_batch(bundle, choices, tmp_path / "run", NullProgress())
    rows, expected = read_csv(tmp_path / "out.csv"), list(csv.DictReader(undisturbed.decode().splitlines()))
    assert result.n_failed == 1
    assert "died each time" in rows.pop(HELD_ROW - 1)["reason"]
    expected.pop(HELD_ROW - 1)
    assert [row["path"] for row in rows] == [row["path"] for row in expected]


def test_a_ray_cluster_gives_the_same_bytes_though_a_worker_dies(world, bundle, table, undisturbed, tmp_path):
    images = write_pictures(world, tmp_path)
    held = HeldPicture(world, images, tmp_path / "run")
    killer = in_background(held.kill_reader, held.give)
    driver = start_driver(bundle, options(table, tmp_path / "out.csv", images, 2), tmp_path / "run", ray=True)
    try:
        out, err = driver.communicate(timeout=SECONDS)
    finally:
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGKILL)
    assert driver.returncode == 0, err[-3000:]
    assert json.loads(out.strip().splitlines()[-1])["n_rows"] == N_ROWS
    assert not killer.is_alive()
    assert (tmp_path / "out.csv").read_bytes() == undisturbed


def test_two_runs_never_share_a_folder(bundle, table, tmp_path):
    with RunFolder(tmp_path / "run").held(), pytest.raises(ParameterError, match="Another batch"):
        run_batch(bundle, BatchOptions(str(table), str(tmp_path / "out.csv")), tmp_path / "run", NullProgress())


def test_an_unknown_runner_is_refused_with_those_there_are(bundle, table, tmp_path, monkeypatch):
    monkeypatch.setenv("SHELFWISE_RUNNER", "spark")
    with pytest.raises(ParameterError, match="native or ray"):
        run_batch(bundle, BatchOptions(str(table), str(tmp_path / "out.csv")), tmp_path / "run", NullProgress())
