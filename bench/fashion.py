"""The whole loop on the real fashion pack: `python -m bench.fashion --data FOLDER`. Takes about half an hour.

The children of every second-level category are hidden: the catalogue is imported with its paths cut to two levels,
and the third level is kept as the truth that discovery is scored against.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.measure import Measured, machine, run_command
from bench.page_times import measure_pages
from core.discovery.quality import purity

CATEGORY = "Footwear > Shoes"
COUNTS = (5, 8, 12, 20)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the tables of `bench/RESULTS.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with products.csv and images.zip")
    parser.add_argument("--home", type=Path, help="keep the workspace here, and use it again where it is")
    options = parser.parse_args(arguments)
    if not (options.data / "products.csv").exists():
        sys.exit(f"{options.data} holds no products.csv. Name the folder of the fashion pack with --data.")
    if options.home:
        _run(options.data, options.home)
        return
    with TemporaryDirectory(prefix="shelfwise-bench-") as folder:
        _run(options.data, Path(folder))


def _run(data: Path, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    frame = pd.read_csv(data / "products.csv", dtype=str, keep_default_na=False)
    truth = frame.set_index("product_id").category_path
    shallow = home / "shallow.csv"
    frame.assign(category_path=frame.category_path.str.split(" > ").str[:2].str.join(" > ")).to_csv(
        shallow, index=False
    )
    print(f"Machine: {machine()}\n")
    print("| step | result | time | peak memory |\n|---|---|---|---|")
    images = ["--images", str(data / "images.zip")]
    imported = _row("import", run_command(["import", str(shallow), *images], home))
    again = _row("import again", run_command(["import", str(shallow), *images], home))
    assert again.result["n_new"] == again.result["n_updated"] == 0, "a second import changed something"
    _row("encode (titles, brands, descriptions, images)", run_command(["encode"], home))
    suggested = _row(f"discover {CATEGORY}, suggested cut", run_command(["discover", CATEGORY], home))
    purities = {count: _purity(home, count, truth) for count in COUNTS}
    names = home / "names.csv"
    rows = [(c["cluster"], c["suggested_name"]) for c in suggested.result["clusters"] if c["level"] == 1]
    pd.DataFrame(rows, columns=["cluster", "name"]).to_csv(names, index=False)
    run_id = str(suggested.result["run_id"])
    _row("approve all suggested clusters", run_command(["approve", run_id, "--names", str(names)], home))
    trained = _row("retrain", run_command(["train"], home))
    _row("export", run_command(["export", "--output", str(home / "taxonomy.csv")], home))
    print(f"\nImported {imported.result['n_new']:,} of {imported.result['n_rows']:,} rows.\n")
    _print_purities(purities)
    _print_metrics(trained)
    print("\n| page | first draw | second draw |\n|---|---|---|")
    for page, first, second in measure_pages(home):
        print(f"| {page} | {first:.2f} s | {second:.2f} s |")


def _row(title: str, measured: Measured) -> Measured:
    short = {key: value for key, value in measured.result.items() if isinstance(value, int) and key != "seconds"}
    said = ", ".join(f"{key} {value:,}" for key, value in short.items())
    print(f"| {title} | {said} | {measured.seconds:.0f} s | {measured.peak_gib:.2f} GiB |", flush=True)
    return measured


def _purity(home: Path, count: int, truth: pd.Series) -> tuple[float, float]:
    measured = run_command(["discover", CATEGORY, "--clusters", str(count), "--levels", "1"], home)
    output = home / f"clusters-{count}.csv"
    run_command(["clusters", str(measured.result["run_id"]), "--output", str(output)], home)
    rows = pd.read_csv(output, dtype={"product_id": str})
    return purity(rows.cluster.to_numpy(), truth.loc[rows.product_id].tolist()), measured.seconds


def _print_purities(purities: dict[int, tuple[float, float]]) -> None:
    print(f"| clusters in {CATEGORY} | purity (noise counts as wrong) | time |\n|---|---|---|")
    for count, (value, seconds) in purities.items():
        print(f"| {count} | {value:.3f} | {seconds:.0f} s |")


def _print_metrics(trained: Measured) -> None:
    metrics = trained.result["metrics"]
    print("\n| classifier on the test split | figure |\n|---|---|")
    for name in ("hierarchical_precision", "hierarchical_recall", "hierarchical_f1", "expected_calibration_error"):
        print(f"| {name.replace('_', ' ')} | {metrics[name]:.4f} |")
    for level in metrics["levels"]:
        print(
            f"| level {level['level']}: macro F1, weighted F1 | {level['macro_f1']:.4f}, {level['weighted_f1']:.4f} |"
        )


if __name__ == "__main__":
    main()
