"""How fast the stages classify, beside a plain loop and HiClass: `python -m bench.inference_speed --home FOLDER`.

The workspace needs a trained model with a text stage and its pictures; it is only read. Every rate is the median of
some runs, and stands beside the products that one second of one core classifies: other work on the machine takes from
the first and hardly from the second. The machine's peak is measured in the same run.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.encoding_speed import matmul_gflops
from bench.measure import machine
from core.domain.arrays import FloatArray
from core.domain.classified import ProductToClassify
from core.domain.product import Product
from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.encoders.workers import count_cores
from core.experiments.hiclass_peer import PEER
from core.inference.predictor import predict_arrays
from core.inference.two_stage import TwoStageClassifier
from core.services.context import Context, open_context
from core.services.encoding import classifier_features, load_encoders
from core.services.model_bundle import bundle_of
from core.services.models import get_model
from db.repositories import products as product_rows

SHARE_ESCALATED = 0.2
N_LOOP = 200
"""Products that the plain loops take: enough to tell, as they are slow."""
N_PEER_TRAIN, N_PEER_TEST, PEER_ITERATIONS = 2_000, 4_000, 30
"""HiClass learns from few products in few steps: only its prediction is timed, which is as fast whatever it learned."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Products classified in a second of wall time, and of processor time."""

    work: str
    n_products: int
    per_second: float
    per_cpu_second: float


@dataclass(frozen=True)
class Desk:
    """A workspace's model, its products, their embeddings, and their pictures by content hash."""

    context: Context
    classifier: TwoStageClassifier
    catalogue: list[Product]
    products: list[ProductToClassify]
    features: dict[str, FloatArray]

    def pictures(self, refs: Sequence[str]) -> list[bytes | str]:
        """Originals from the disk, as they were imported."""
        return [self.context.workspace.image_path(ref).read_bytes() for ref in refs]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything and print markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="a workspace with a trained model")
    parser.add_argument("--runs", type=int, default=3, help="each rate is the median of so many runs")
    parser.add_argument("--products", type=int, default=8_000, help="products that are read end to end")
    options = parser.parse_args(arguments)
    torch.set_num_threads(count_cores())
    desk = _open(options.home)
    measured = [*_cached(desk, options.runs), *_texts(desk, options.runs, options.products)]
    rates, seconds = _escalated(desk, options.runs, options.products)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    peak = matmul_gflops(torch.float32, torch.device("cpu"))
    tree = desk.classifier.full_stage.tree
    print(f"{machine()}; load {load}; peak in the same run {peak:,.0f} GFLOP/s in float32. {len(desk.products):,} "
          f"products; {len(tree.paths)} categories on {tree.depth} levels.\n")  # fmt: skip
    print(rate_table([*measured, *rates]))
    print(f"\n{share_table(seconds)}")


def rate_table(rates: Sequence[Rate]) -> str:
    """Markdown, one line per work."""
    lines = ["| work | products | products/s | per second of one core |", "|---|---|---|---|"]
    lines += [f"| {r.work} | {r.n_products:,} | {_short(r.per_second)} | {_short(r.per_cpu_second)} |" for r in rates]
    return "\n".join(lines)


def share_table(seconds: dict[str, float]) -> str:
    """Markdown: where the time went, the longest first."""
    whole = sum(seconds.values())
    ordered = sorted(seconds.items(), key=lambda part: -part[1])
    lines = [f"| {name} | {spent:.2f} s | {spent / whole:.0%} |" for name, spent in ordered]
    return "\n".join(["| part | wall time | share |", "|---|---|---|", *lines])


def measure(work: str, n_products: int, runs: int, do: Callable[[], Any]) -> Rate:
    """Do a work some times, and take the medians."""
    walls, processors = [], []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        do()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return Rate(work, n_products, n_products / statistics.median(walls), n_products / statistics.median(processors))


def _cached(desk: Desk, runs: int) -> list[Rate]:
    """Predictions of the full stage from embeddings that are there."""
    full, features, n = desk.classifier.full_stage, _seen(desk), len(desk.products)
    singles = [{name: rows[i : i + 1] for name, rows in features.items()} for i in range(min(N_LOOP, n))]
    full.predict_arrays(singles[0])
    predict, test = _peer(desk)
    return [
        measure("from embeddings", n, runs, lambda: predict_arrays(full, features)),
        measure("from embeddings, plain loop", len(singles), runs, lambda: [full.predict(one) for one in singles]),
        measure(f"from embeddings, {PEER}", len(test), runs, lambda: predict(test)),
    ]


def _texts(desk: Desk, runs: int, n_products: int) -> list[Rate]:
    """From titles, brands and descriptions, by the text stage alone."""
    classifier, products = desk.classifier, desk.products[:n_products]
    loop = products[:N_LOOP]

    def one_by_one() -> None:
        for product in loop:
            classifier.classify([product], escalate_below=0.0)

    return [
        measure(
            "from texts, text stage", len(products), runs, lambda: classifier.classify(products, escalate_below=0.0)
        ),
        measure("from texts, text stage, plain loop", len(loop), runs, one_by_one),
    ]


def _escalated(desk: Desk, runs: int, n_products: int) -> tuple[list[Rate], dict[str, float]]:
    """From texts, and the least sure share from picture files too; and the seconds of each part."""
    classifier, products = desk.classifier, desk.products[:n_products]
    sure = [said.text_confidence for said in classifier.classify(products, escalate_below=0.0)]
    threshold = float(np.quantile(np.array(sure, dtype=np.float64), SHARE_ESCALATED))
    loop = products[:N_LOOP]
    classifier.seconds.clear()
    rate = measure(f"from texts, {SHARE_ESCALATED:.0%} escalated to their pictures", len(products), runs,
                   lambda: classifier.classify(products, desk.pictures, threshold))  # fmt: skip
    seconds = {name: spent / runs for name, spent in classifier.seconds.items()}
    seconds["the rest"] = max(0.0, len(products) / rate.per_second - sum(seconds.values()))

    def one_by_one() -> None:
        for product in loop:
            classifier.classify([product], desk.pictures, threshold)

    return [rate, measure("the same, plain loop", len(loop), runs, one_by_one)], seconds


def _open(home: Path) -> Desk:
    context = open_context(Workspace(home.absolute()))
    bundle = bundle_of(context)
    classifier = TwoStageClassifier.load(bundle)
    with context.database.read() as session:
        catalogue = product_rows.all_products(session)
    order = np.random.default_rng(0).permutation(len(catalogue)).tolist()  # neighbours of a file are alike
    catalogue = [catalogue[row] for row in order]
    encoders = load_encoders(context, get_model(context, bundle.model_id).config["encoders"])
    features = classifier_features(context, encoders, catalogue, NullProgress())
    products = [
        ProductToClassify(row, str(item.id), item.title, item.brand, item.description, item.image_hash or "")
        for row, item in enumerate(catalogue, start=1)
    ]
    return Desk(context, classifier, catalogue, products, features)


def _peer(desk: Desk) -> tuple[Callable[[FloatArray], Any], FloatArray]:
    """HiClass, as in `core.experiments.hiclass_peer`, that learned the model's paths; and embeddings to predict."""
    from hiclass import LocalClassifierPerParentNode
    from sklearn.linear_model import LogisticRegression

    embeddings = np.concatenate(
        [rows for name, rows in _seen(desk).items() if name in desk.classifier.bundle.encoders], 1
    )
    ids, _ = predict_arrays(desk.classifier.full_stage, _seen(desk))
    paths = desk.classifier.full_stage.tree.decode(ids[:N_PEER_TRAIN])
    depth = max(map(len, paths))
    padded = np.array([[*path, *[""] * (depth - len(path))] for path in paths])
    peer = LocalClassifierPerParentNode(local_classifier=LogisticRegression(max_iter=PEER_ITERATIONS))
    peer.fit(embeddings[:N_PEER_TRAIN], padded)
    return peer.predict, embeddings[-N_PEER_TEST:]


def _seen(desk: Desk) -> dict[str, FloatArray]:
    return {name: rows for name, rows in desk.features.items() if name in desk.classifier.full_stage.dimensions}


def _short(rate: float) -> str:
    return f"{rate:,.{0 if rate >= 100 else 1}f}"


if __name__ == "__main__":
    main()
