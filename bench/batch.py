"""Batches at scale: native and Ray, with and without a worker that dies half-way; the outputs must be the same bytes.

`python -m bench.batch --home WORKSPACE --data FASHION_PACK --rows 271700 --work FOLDER` prints a table in Markdown. The
products are made from the pack's: words of a title change places, brands change hands, one in four has a picture.
"""

import argparse
import csv
import filecmp
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from core.domain.workspace import Workspace
from core.inference.batch import BatchOptions
from core.inference.bundle import ModelBundle
from core.services.context import open_context
from core.services.model_bundle import bundle_of

ROOT = Path(__file__).resolve().parents[1]
HEADER = ("product_id", "title", "brand", "description", "image")
PICTURED_SHARE = 0.25
_SAMPLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run took. `peak_gib`: resident memory of all its processes together, shared pages counted in each."""

    name: str
    result: dict[str, Any]
    seconds: float
    peak_gib: float
    n_killed: int


def write_catalogue(source: Path, target: Path, n_rows: int, seed: int = 0) -> None:
    """Write so many rows that resemble a pack's products and repeat none. The same seed gives the same file."""
    with source.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chance = random.Random(seed)
    brands = [row.get("brand", "") for row in rows]
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number in range(1, n_rows + 1):
            row = chance.choice(rows)
            words = row["title"].split()
            chance.shuffle(words)
            image = row.get("image", "") if chance.random() < PICTURED_SHARE else ""
            title = " ".join([*words, f"{chance.randrange(10_000)}"])
            writer.writerow([f"n{number}", title, chance.choice(brands), row.get("description", ""), image])


def run_measured(
    name: str, runner: str, bundle: ModelBundle, options: BatchOptions, folder: Path, kill_at: float | None = None
) -> Measured:
    """Run a batch in a process of its own; kill one of its workers when a share of its partitions is done.

    Raises:
        RuntimeError: If it ends with another exit code than 0.
    """
    shutil.rmtree(folder, ignore_errors=True)
    told = {"runner": runner, "bundle": bundle.to_dict(), "options": vars(options), "folder": str(folder)}
    log_path = folder.with_suffix(".log")
    started, peak, n_killed = time.monotonic(), 0, 0
    with log_path.open("w") as log, subprocess.Popen(
        [sys.executable, "-m", "bench.batch_run", json.dumps(told)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
    ) as process:  # fmt: skip
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _resident(watched))
            if kill_at is not None and not n_killed and _share_done(folder) >= kill_at:
                n_killed = int(_kill_worker(folder))
            time.sleep(_SAMPLE_SECONDS)
        output = process.stdout.read() if process.stdout else ""
    if process.returncode != 0:
        raise RuntimeError(f"{name} ended with exit code {process.returncode}; see {log_path}")
    result = json.loads(output.strip().splitlines()[-1])
    return Measured(name, result, time.monotonic() - started, peak / 2**30, n_killed)


def as_markdown(measured: Sequence[Measured], expected: Path, outputs: Sequence[Path]) -> str:
    """A table of runs; the outputs are compared byte by byte with the first."""
    lines = [
        "| run | products | products/s | escalated | minutes | peak memory of all | workers killed | same bytes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for run, output in zip(measured, outputs, strict=True):
        n_rows = run.result["n_rows"]
        is_same = "yes" if filecmp.cmp(expected, output, shallow=False) else "NO"
        lines.append(
            f"| {run.name} | {n_rows:,} | {n_rows / run.seconds:,.0f} | {run.result['n_escalated'] / n_rows:.1%} "
            f"| {run.seconds / 60:.1f} | {run.peak_gib:.2f} GiB | {run.n_killed} | {is_same} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None, tell: Callable[[str], None] = print) -> None:
    """Run all and print the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="a workspace with a trained model")
    parser.add_argument("--data", type=Path, required=True, help="folder of the fashion pack")
    parser.add_argument("--work", type=Path, required=True, help="folder for files and outputs")
    parser.add_argument("--rows", type=int, default=271_700)
    parser.add_argument("--runs", default="native,ray,native-killed,ray-killed")
    chosen = parser.parse_args(arguments)
    chosen.work.mkdir(parents=True, exist_ok=True)
    table = chosen.work / f"products-{chosen.rows}.csv"
    if not table.exists():
        write_catalogue(chosen.data / "products.csv", table, chosen.rows)
    bundle = bundle_of(open_context(Workspace(chosen.home)))
    measured: list[Measured] = []
    outputs: list[Path] = []
    for name in chosen.runs.split(","):
        outputs.append(chosen.work / f"{name}.csv")
        options = BatchOptions(str(table), str(outputs[-1]), str(chosen.data / "images.zip"), n_workers=2)
        kill_at = 0.5 if name.endswith("-killed") else None
        runner = name.removesuffix("-killed")
        measured.append(run_measured(name, runner, bundle, options, chosen.work / f"run-{name}", kill_at))
        tell(as_markdown(measured, outputs[0], outputs))


def _share_done(folder: Path) -> float:
    n_staged = len(list((folder / "staged").glob("*.parquet")))
    is_planned = (folder / "plan.json").exists()
    return len(list((folder / "done").glob("*.parquet"))) / n_staged if is_planned and n_staged else 0.0


def _kill_worker(folder: Path) -> bool:
    """Kill a process that has a partition in work, if there is one right now."""
    for mark in sorted((folder / "attempts").glob("*.begun-*")):
        try:
            os.kill(json.loads(mark.read_text())["pid"], signal.SIGKILL)
        except (OSError, ValueError):
            continue  # done meanwhile
        return True
    return False


def _resident(process: psutil.Process) -> int:
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for member in family:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


if __name__ == "__main__":
    main()
