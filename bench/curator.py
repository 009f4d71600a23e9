"""A simulated curator: `python -m bench.curator --data FOLDER`. Counts what it takes to label a category.

The children of every second-level category are hidden, the product discovers in one of them, and a curator who sees
only what the screen shows, and knows the truth about what is shown, names, splits, moves and labels. Beside him, the
same curator on clusters of K-Means, and one without clusters. Prints the tables of `bench/RESULTS.md`.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.curator_plan import mean_ceiling, work
from bench.curator_tables import curves_table, effort_table, marks_table, verdicts
from bench.curator_workspace import load_cases
from bench.discovery import DEFAULT_SET, HOME, SEEDS
from bench.discovery_workspace import HiddenCategory, hidden_categories, open_hidden, true_paths_of
from bench.measure import machine
from core.domain.errors import AppError
from core.services.context import Context

CATEGORY = "Footwear > Shoes"


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, and print all tables."""
    options = _parser().parse_args(arguments)
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        true_paths = true_paths_of(options.data, options.sample)
        context = open_hidden(options.data, options.home, options.sample)
        known = {category.name: category for category in hidden_categories(context, true_paths, 1, 2)}
        print(f"Machine: {machine()}")
        for name in options.categories:
            if name not in known:
                raise AppError(f"No category '{name}' with hidden children.", f"Choose of {', '.join(known)}.")
            _report(context, known[name], options)
    except AppError as error:
        sys.exit(str(error))


def _report(context: Context, category: HiddenCategory, options: argparse.Namespace) -> None:
    started = time.monotonic()
    cases = load_cases(context, category, options.encoders, options.seeds)
    ceiling, n_products = mean_ceiling(cases), len(category.products)
    suggested = ", ".join(str(case.n_clusters) for case in cases)
    print(f"\n### {category.name}: {n_products:,} products, {category.n_leaves} hidden children\n")
    print(f"Encoders {options.encoders}; seeds {', '.join(map(str, options.seeds))}; suggested clusters {suggested}.")
    print(f"Ceiling (logistic regression on 80 % of the true labels, on the rest): {ceiling:.4f}.\n", flush=True)
    worked = work(cases, tell=lambda name: print(f"… {name}", file=sys.stderr, flush=True))
    print("Decisions per 1,000 products (decisions) to a share of the ceiling, on the mean of the seeds:\n")
    print(marks_table(worked, ceiling, n_products))
    print("\nShare of products labelled right after so many decisions per 1,000 products:\n")
    print(curves_table(worked, n_products))
    print("\nThe whole curve of the first seed:\n")
    print(effort_table(worked))
    print("\n" + "\n".join(f"- {line}" for line in verdicts(worked, ceiling, n_products)))
    print(f"\n{time.monotonic() - started:.0f} s.", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with products.csv and images.zip")
    parser.add_argument("--home", type=Path, default=HOME, help="workspace, as python -m bench.discovery makes it")
    parser.add_argument("--encoders", default=DEFAULT_SET, help="image and text encoder joined by +")
    parser.add_argument("--categories", nargs="+", default=[CATEGORY], help="second-level paths")
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS))
    parser.add_argument("--sample", type=int, help="take so many products only, chosen at random")
    return parser


if __name__ == "__main__":
    main()
