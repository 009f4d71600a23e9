"""The tables of the discovery benchmark, as Markdown for `bench/RESULTS.md`."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from bench.discovery_methods import NOT_SMOOTHED, split_set
from bench.discovery_records import Record, Score
from bench.discovery_workspace import HiddenCategory

TARGET_CATEGORIES = ("Footwear > Shoes", "Accessories > Bags", "Apparel > Bottomwear", "Accessories > Jewellery")
TARGET_MEAN, TARGET_SHOES, TARGET_K = 0.88, 0.84, 12
SHOES = TARGET_CATEGORIES[0]


class Results:
    """All records of a run, grouped by method and category, methods in the order they ran in."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for record in records:
            self._groups[record.method, record.category].append(record)

    def methods(self, category: str) -> list[str]:
        """Methods that have measured this category."""
        return [method for method, measured in self._groups if measured == category]

    def all_methods(self) -> list[str]:
        """All methods."""
        return list(dict.fromkeys(method for method, _ in self._groups))

    def records(self, method: str, category: str) -> list[Record]:
        """One record per seed."""
        return self._groups.get((method, category), [])

    def purity(self, method: str, category: str, k: int) -> float | None:
        """Mean purity over the seeds; None where it was not measured."""
        values = [record.at(k).purity for record in self.records(method, category)]
        return float(np.mean(values)) if values else None


def categories_table(categories: Sequence[HiddenCategory], results: Results, default: str) -> str:
    """What is discovered in, and the ceiling of each."""
    rows = []
    for category in categories:
        records = results.records(default, category.name)
        ceiling = next((record.ceiling for record in records if record.ceiling is not None), None)
        rows.append(
            [category.name, f"{len(category.products):,}", str(category.n_leaves), f"{category.largest_share:.3f}",
             _figure(ceiling)]
        )  # fmt: skip
    head = ["category", "products", "hidden children", "share of the largest", "ceiling"]
    return _table(head, rows)


def category_table(category: str, results: Results, counts: Sequence[int]) -> str:
    """Every method on one category."""
    head = ["method", *(f"purity at {k}" for k in counts), f"NMI at {_list(counts)}", f"ARI at {_list(counts)}",
            "set aside", "time", "peak memory"]  # fmt: skip
    rows = []
    for method in results.methods(category):
        records = results.records(method, category)
        rows.append([
            method,
            *(_spread(records, k, lambda score: score.purity) for k in counts),
            " / ".join(f"{_mean(records, k, lambda score: score.nmi):.2f}" for k in counts),
            " / ".join(f"{_mean(records, k, lambda score: score.ari):.2f}" for k in counts),
            f"{np.mean([record.n_noise / record.n_products for record in records]):.1%}",
            f"{np.median([record.seconds for record in records]):.0f} s",
            f"{max(record.peak_gib for record in records):.2f} GiB",
        ])  # fmt: skip
    return _table(head, rows)


def fewer_clusters(results: Results, categories: Sequence[str]) -> list[str]:
    """Lines on methods that did not give as many clusters as they were asked for."""
    lines = []
    for category in categories:
        for method in results.methods(category):
            short = {(score.k, score.n_clusters) for record in results.records(method, category)
                     for score in record.scores if score.n_clusters != score.k}  # fmt: skip
            if short:
                said = ", ".join(f"{came} of {k}" for k, came in sorted(short))
                lines.append(f"- {method} on {category}: {said} clusters")
    return lines


def modality_table(results: Results, categories: Sequence[str], default: str, k: int) -> str:
    """The default beside each of its modalities alone, and whether it falls under the better one."""
    singles = [name for name in split_set(default) if name is not None and name != default]
    rows = []
    for category in categories:
        both = results.purity(default, category, k)
        alone = {name: value for name in singles if (value := results.purity(name, category, k)) is not None}
        if both is None or not alone:
            continue
        best = max(alone, key=lambda name: alone[name])
        verdict = f"**falls under {best} by {alone[best] - both:.3f}**" if both < alone[best] else "no"
        rows.append([category, _figure(both), *(_figure(alone.get(name)) for name in singles), verdict])
    head = ["category", default, *(f"{name} alone" for name in singles), "under its best single modality"]
    return _table(head, rows)


def smoothing_table(results: Results, categories: Sequence[str], default: str, counts: Sequence[int]) -> str:
    """The default with and without smoothing across its modalities."""
    rows = [
        [category, *(_change(results.purity(default, category, k), results.purity(default + NOT_SMOOTHED, category, k))
                     for k in counts)]
        for category in categories
    ]  # fmt: skip
    return _table(["category", *(f"purity at {k}: smoothed, not" for k in counts)], rows)


def target_table(results: Results, k: int) -> str:
    """Mean over the categories that the targets name, each the mean of its seeds; a method must have run on all."""
    rows = []
    for method in results.all_methods():
        purities = [results.purity(method, category, k) for category in TARGET_CATEGORIES]
        measured = [value for value in purities if value is not None]
        if len(measured) == len(purities):
            rows.append([method, f"**{np.mean(measured):.3f}**", *(_figure(value) for value in purities)])
    rows.append(["*target*", f"{TARGET_MEAN:.2f}", f"{TARGET_SHOES:.2f}", *[""] * (len(TARGET_CATEGORIES) - 1)])
    return _table([f"purity at {k} clusters", "mean", *(name.rpartition(" > ")[2] for name in TARGET_CATEGORIES)], rows)


def _mean(records: Sequence[Record], k: int, figure: Callable[[Score], float]) -> float:
    return float(np.mean([figure(record.at(k)) for record in records]))


def _spread(records: Sequence[Record], k: int, figure: Callable[[Score], float]) -> str:
    values = [figure(record.at(k)) for record in records]
    spread = f" ({min(values):.2f}–{max(values):.2f})" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{spread}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _change(on: float | None, off: float | None) -> str:
    return "" if on is None or off is None else f"{on:.3f}, {off:.3f} ({on - off:+.3f})"


def _list(counts: Sequence[int]) -> str:
    return " / ".join(str(k) for k in counts)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
