"""How fast each encoder is, and what share of the machine it uses: `python -m bench.encoding_speed`.

Every encoder runs as the product runs it, from picture files or titles to embeddings. The machine's peak is measured in
the same run, before and after every encoder: the best multiplication of two large matrices on the same cores, in the
arithmetic the encoder uses. Other work on the machine takes from both; the load is printed.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from bench.encoding_models import Builder, builders, write_pictures, write_titles
from bench.measure import machine
from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.encoders.torch_device import autocast, default_device
from core.encoders.workers import count_cores

N_ITEMS = 256
N_COUNTED = 16
"""Items whose operations are counted: one batch of the slower encoders."""
MATRIX_SIDES = (1024, 2048)
PEAK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Throughput of one encoder. `gflop_per_item` is None where it does not compute with matrices of floats."""

    encoder: str
    reads: str
    items_per_s: float
    gflop_per_item: float | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all encoders and print the table of `bench/RESULTS.md`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0, help="about how long each encoder is measured")
    parser.add_argument("--only", nargs="+", default=(), help="measure encoders whose name begins with one of these")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args(arguments)
    device = default_device()
    with autocast(device):
        dtype = torch.get_autocast_dtype(device.type) if torch.is_autocast_enabled(device.type) else torch.float32
    peaks, speeds = _measure_all(options.only, options.seconds, device)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"Machine: {machine()}, {device.type}, {count_cores()} threads, load {load}. Peak in GFLOP/s: "
          f"{peaks[torch.float32]:,.0f} in float32, {peaks[torch.bfloat16]:,.0f} in bfloat16; the encoders compute in "
          f"{str(dtype).removeprefix('torch.')}.\n")  # fmt: skip
    print(speed_table(speeds, peaks[dtype]))
    if options.json:
        report = {"machine": machine(), "load": load, "peaks": {str(key): value for key, value in peaks.items()}}
        report["speeds"] = [asdict(speed) for speed in speeds]
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def speed_table(speeds: Sequence[Speed], peak: float) -> str:
    """Markdown; `peak` in GFLOP/s."""
    lines = ["| encoder | speed | GFLOP per item | GFLOP/s | share of the peak |", "|---|---|---|---|---|"]
    for speed in speeds:
        rate = f"{speed.items_per_s:,.{0 if speed.items_per_s >= 100 else 1}f} {speed.reads}s/s"
        if speed.gflop_per_item is None:
            lines.append(f"| {speed.encoder} | {rate} | | | |")
            continue
        gflops = speed.items_per_s * speed.gflop_per_item
        lines.append(f"| {speed.encoder} | {rate} | {speed.gflop_per_item:.2f} | {gflops:,.0f} | {gflops / peak:.0%} |")
    return "\n".join(lines)


def matmul_gflops(dtype: torch.dtype, device: torch.device, seconds: float = PEAK_SECONDS) -> float:
    """The most that multiplications of square matrices reach within some seconds, in GFLOP/s, on all cores."""
    threads_before = torch.get_num_threads()
    torch.set_num_threads(count_cores())
    best, ends_at = 0.0, time.monotonic() + seconds
    while time.monotonic() < ends_at:
        for side in MATRIX_SIDES:
            left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
            _wait(device)
            started = time.perf_counter()
            left @ right
            _wait(device)
            best = max(best, 2 * side**3 / (time.perf_counter() - started) / 1e9)
    torch.set_num_threads(threads_before)
    return best


def count_gflop(encoder: Any, items: Sequence[Any]) -> float | None:
    """Operations per item in GFLOP, a multiplication and its addition being two; None where there is no network.

    Args:
        encoder: One of the product's; its batch function runs in this thread, where operations can be seen.
        items: One batch. What pads it is computed too, and counts.
    """
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    if not hasattr(encoder, "_embed"):
        return None
    was_fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # fused attention hides its multiplications from the counter
    try:
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            encoder._embed(items)
    finally:
        torch.backends.mha.set_fastpath_enabled(was_fused)
    return counter.get_total_flops() / len(items) / 1e9


def items_per_second(encoder: Any, items: Sequence[Any], seconds: float) -> float:
    """Throughput of `encoder.encode`, after one unmeasured round; as many items as fill about `seconds`."""
    encoder.encode(items[:N_COUNTED], NullProgress())
    started = time.perf_counter()
    encoder.encode(items[: 4 * N_COUNTED], NullProgress())
    rough = 4 * N_COUNTED / (time.perf_counter() - started)
    measured = list(islice(cycle(items), max(int(rough * seconds), 4 * N_COUNTED)))
    started = time.perf_counter()
    encoder.encode(measured, NullProgress())
    return len(measured) / (time.perf_counter() - started)


def _measure_all(
    only: Sequence[str], seconds: float, device: torch.device
) -> tuple[dict[torch.dtype, float], list[Speed]]:
    """The best peak seen in each arithmetic, and every encoder's speed."""
    speeds: list[Speed] = []
    peaks = _better_peaks({}, device)
    with TemporaryDirectory(prefix="shelfwise-speed-") as folder:
        titles = write_titles(N_ITEMS)
        items = {"title": titles, "image": write_pictures(Path(folder), N_ITEMS)}
        for name, (reads, build) in builders(titles).items():
            if only and not name.startswith(tuple(only)):
                continue
            try:
                speeds.append(_measure_one(name, reads, build, items[reads], seconds))
            except (EncoderUnavailableError, ImportError) as error:
                print(f"{name}: left out. {error}", file=sys.stderr)
                continue
            print(f"{name}: {speeds[-1].items_per_s:,.1f} {reads}s/s", file=sys.stderr, flush=True)
            peaks = _better_peaks(peaks, device)
    return peaks, speeds


def _better_peaks(peaks: Mapping[torch.dtype, float], device: torch.device) -> dict[torch.dtype, float]:
    numbers = (torch.float32, torch.bfloat16)
    return {number: max(peaks.get(number, 0.0), matmul_gflops(number, device)) for number in numbers}


def _measure_one(name: str, reads: str, build: Builder, items: Sequence[Any], seconds: float) -> Speed:
    with TemporaryDirectory(prefix="shelfwise-weights-") as folder:
        encoder = build(Path(folder))
        gflop = count_gflop(encoder, items[:N_COUNTED])
        return Speed(name, reads, items_per_second(encoder, items, seconds), gflop)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
