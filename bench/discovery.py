"""How right the discovered groups are: `python -m bench.discovery --data FOLDER`. Resumes where it was stopped.

The children of every second-level category are hidden: the catalogue is imported with its paths cut to two levels. The
product then discovers in each category that has enough products and children, under several sets of encoders and seeds,
beside two peers; the hidden third level is the truth. Prints the tables of `bench/RESULTS.md`.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from bench.discovery_memory import PeakMemory
from bench.discovery_methods import Method, ProductMethod, split_set
from bench.discovery_peers import BertopicPeer, KMeansPeer
from bench.discovery_records import Record, RecordCache, current_versions, score_cuts
from bench.discovery_tables import (
    TARGET_K,
    Results,
    categories_table,
    category_table,
    fewer_clusters,
    modality_table,
    smoothing_table,
    target_table,
)
from bench.discovery_workspace import HiddenCategory, hidden_categories, open_hidden, true_paths_of
from bench.measure import machine
from bench.peers import TitleEmbedding
from core.domain.errors import AppError, EncoderUnavailableError
from core.services.context import Context

DEFAULT_SET = "aligned+tfidf"
"""What the product takes where no pretrained weights are at hand."""
SETS = ("tfidf", "simclr", "aligned", "simclr+tfidf", DEFAULT_SET)
COUNTS, SEEDS = (5, 8, 12, 20), (0, 1, 2)
HOME = Path(__file__).parent / "output" / "discovery"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what has not been measured yet, and print all tables."""
    options = _parser().parse_args(arguments)
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        true_paths = true_paths_of(options.data, options.sample)
        context = open_hidden(options.data, options.home, options.sample)
        categories = hidden_categories(context, true_paths, options.min_products)
        categories = [c for c in categories if not options.categories or c.name in options.categories]
        if not categories:
            raise AppError("No category is left to discover in.", "Lower --min-products, or check --categories.")
        records = measure(context, categories, _methods(options), options.seeds, options.counts)
    except AppError as error:
        sys.exit(str(error))
    if options.json:
        options.json.write_text(json.dumps([asdict(record) for record in records], indent=1), encoding="utf-8")
    _print_tables(records, categories, options)


def measure(
    context: Context,
    categories: Sequence[HiddenCategory],
    methods: Sequence[Method],
    seeds: Sequence[int],
    counts: Sequence[int],
) -> list[Record]:
    """Run every method on every category with every seed; what the workspace remembers is not run again.

    Args:
        context: A workspace that `open_hidden` made.
        categories: Where to discover.
        methods: What to compare. One that cannot be used on this machine is left out, said on the error stream.
        seeds: Each is one run.
        counts: Numbers of clusters to cut at.

    Returns:
        One record per variant of a method, category and seed.
    """
    cache = RecordCache(context.workspace.home / "bench-discovery.jsonl")
    versions = current_versions()
    records: list[Record] = []
    for method in methods:
        _say(f"{method.name}: preparing")
        try:
            method.prepare(context, categories)
        except EncoderUnavailableError as error:
            _say(f"{method.name}: left out. {error}")
            continue
        for category in categories:
            for seed in seeds:
                settings = {"category": category.name, "n_products": len(category.products), "counts": list(counts),
                            "versions": versions, **method.settings(seed)}  # fmt: skip
                cell = cache.get(settings)
                if cell is None:
                    cell = _run_cell(context, method, category, seed, counts)
                    cache.put(settings, cell)
                records += cell
    return records


def _run_cell(
    context: Context, method: Method, category: HiddenCategory, seed: int, counts: Sequence[int]
) -> list[Record]:
    started = time.monotonic()
    with PeakMemory() as peak:
        outcome = method.run(context, category, seed, counts)
    seconds = time.monotonic() - started
    truth = category.truth_of(outcome.product_ids)
    ceiling = outcome.ceiling(category)
    records = []
    for name, cuts in outcome.cuts.items():
        n_noise = int(np.sum(cuts[counts[0]] < 0))
        scores = score_cuts(cuts, truth)
        records.append(Record(name, category.name, seed, len(truth), n_noise, seconds, peak.gib, scores, ceiling))
        purities = ", ".join(f"{score.purity:.3f} at {score.k}" for score in scores)
        _say(f"{name}, {category.name}, seed {seed}: purity {purities}; {seconds:.0f} s, {peak.gib:.2f} GiB")
    return records


def _methods(options: argparse.Namespace) -> list[Method]:
    for name in (*options.sets, options.default):
        split_set(name)  # a name that nobody knows is a mistake; weights that are not at hand are not
    methods: list[Method] = [ProductMethod(name, keeps_modalities=name == options.default) for name in options.sets]
    if "+" in options.default and options.default in options.sets:
        methods.append(ProductMethod(options.default, is_smoothed=False))
    if not options.no_peers:
        methods.append(KMeansPeer())
        methods += [BertopicPeer(title, takes_kmeans) for title in TitleEmbedding for takes_kmeans in (False, True)]
    return methods


def _print_tables(records: Sequence[Record], categories: Sequence[HiddenCategory], options: argparse.Namespace) -> None:
    results, names = Results(records), [category.name for category in categories]
    k = TARGET_K if TARGET_K in options.counts else options.counts[-1]
    seeds = ", ".join(map(str, options.seeds))
    print(f"Machine: {machine()}. Seeds {seeds}: mean and range of the purity (noise counts as wrong), mean of NMI and")
    print("ARI, median of the time, the most memory.")
    print("\n### Where is discovered, and the ceiling\n")
    print(categories_table(categories, results, options.default), end="\n\n")
    for category in categories:
        records = results.records(options.default, category.name)
        for ceiling in (record.ceiling for record in records[:1] if record.ceiling is not None):
            print(f"- A logistic regression on 80 % of the true labels of {category.name} is right on {ceiling:.1%} of "
                  "the rest.")  # fmt: skip
    for name in names:
        print(f"\n### {name}\n\n{category_table(name, results, options.counts)}")
    if short := fewer_clusters(results, names):
        print("\nFewer clusters than asked for:\n" + "\n".join(short))
    print(f"\n### Both modalities beside each alone, purity at {k}\n")
    print(modality_table(results, names, options.default, k))
    print("\n### Smoothing across modalities\n")
    print(smoothing_table(results, names, options.default, options.counts))
    print("\n### The targets\n")
    print(target_table(results, k))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with products.csv and images.zip")
    parser.add_argument("--home", type=Path, default=HOME, help="workspace, kept and used again")
    parser.add_argument("--sets", nargs="+", default=SETS, help="encoder sets, such as tfidf or aligned+tfidf")
    parser.add_argument("--default", default=DEFAULT_SET, help="the set that ceiling and ablations are measured on")
    parser.add_argument("--categories", nargs="+", help="such as 'Footwear > Shoes'; all large ones by default")
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument("--counts", nargs="+", type=int, default=COUNTS, help="numbers of clusters")
    parser.add_argument("--sample", type=int, help="import so many products only")
    parser.add_argument("--min-products", type=int, default=500, help="leave smaller categories out")
    parser.add_argument("--no-peers", action="store_true", help="leave SimCLR + K-Means and BERTopic out")
    parser.add_argument("--json", type=Path, help="write all records here as well")
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
