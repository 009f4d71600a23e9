"""Run the product's own commands as a user would, and measure what they take."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
SAMPLE_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command said (the JSON of its last line), wall time in seconds, peak resident memory in GiB."""

    result: dict[str, Any]
    seconds: float
    peak_gib: float


def run_command(arguments: list[str], home: Path) -> Measured:
    """Run `python -m core ARGUMENTS --json` in a workspace.

    Args:
        arguments: Command and its options, without `--json`.
        home: The workspace's folder.

    Raises:
        RuntimeError: If it ends with another exit code than 0.
    """
    environment = {**os.environ, "SHELFWISE_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    started, peak = time.monotonic(), 0
    with subprocess.Popen(
        [sys.executable, "-m", "core", *arguments, "--json"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _resident(watched))
            time.sleep(SAMPLE_EVERY_S)
        output = process.stdout.read() if process.stdout else ""
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)} ended with exit code {process.returncode}")
    result = json.loads(output.strip().splitlines()[-1])
    return Measured(result, time.monotonic() - started, peak / 2**30)


def machine() -> str:
    """Cores, memory and processor of this machine, for the head of a table."""
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]  # fmt: skip
    return (
        f"{os.cpu_count()} cores ({names[0] if names else 'unknown'}), {psutil.virtual_memory().total / 2**30:.0f} GiB"
    )


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss + sum(child.memory_info().rss for child in process.children(recursive=True))
    except psutil.NoSuchProcess:
        return 0
