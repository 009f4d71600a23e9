"""Decisions that the review queue needs, beside a random order: `python -m bench.review_queue --home FOLDER`.

The workspace has imported a catalogue and encoded it; where its products are counts as the truth. Part of the labels
are known at the start, a curator who knows all of them reviews the predictions of the rest, and a fifth of the
catalogue, never reviewed, says what the classifier learned. Takes about ten minutes a seed on 35,000 products.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.measure import machine
from bench.review_simulation import Order, Point, World, simulate
from core.discovery.near_duplicates import title_key
from core.domain.arrays import FloatArray
from core.domain.workspace import Workspace
from core.services.context import Context, open_context
from core.services.embedding_space import Modality, load_space
from db.repositories import products as product_rows
from db.repositories import taxonomy as taxonomy_rows

Curves = Mapping[Order, Sequence[Sequence[Point]]]
"""Of each order, the points of each seed."""
MEASURES = ("catalogue", "held_out")
RANDOM_ROUNDS = 2
"""Rounds of random review are so many times as long: it takes far more decisions to get as far."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate every order with every seed, and print the tables of `bench/RESULTS.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="a workspace with an encoded catalogue")
    parser.add_argument("--share", type=float, default=0.1, help="labels known at the start")
    parser.add_argument("--looks", type=int, default=500, help="decisions of a round")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--random-rounds", type=int, default=12)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args(arguments)
    world = load_world(open_context(Workspace(options.home)))
    print(f"Machine: {machine()}\n{len(world.labels):,} products, {len(set(world.labels.tolist()))} categories\n")
    curves: dict[Order, list[list[Point]]] = {order: [] for order in Order}
    for seed in options.seeds:
        for order, found in curves.items():
            is_random = order is Order.RANDOM
            looks = [options.looks * RANDOM_ROUNDS] * options.random_rounds if is_random else (
                [options.looks] * options.rounds)  # fmt: skip
            found.append(simulate(world, order, options.share, looks, seed))
            print(f"seed {seed}, {order}: {found[-1][-1]}", flush=True)
    print("\n" + "\n".join([*points_table(curves), "", *needed_table(curves)]))


def load_world(context: Context) -> World:
    """The products of a workspace below the root, with their stored embeddings."""
    with context.database.read() as session:
        root_id = next(node.id for node in taxonomy_rows.load_nodes(session) if node.parent_id is None)
        catalogue = [product for product in product_rows.all_products(session) if product.node_id != root_id]
    labels = np.unique([product.node_id for product in catalogue], return_inverse=True)[1]
    return World(
        image=_embeddings(context, Modality.IMAGE, [product.id for product in catalogue]),
        title=_embeddings(context, Modality.TITLE, [product.id for product in catalogue]),
        labels=labels.astype(np.int64),
        images=[product.image_hash for product in catalogue],
        titles=[title_key(product.title, product.brand) for product in catalogue],
    )


def points_table(curves: Curves) -> list[str]:
    """Where each order stands after so many decisions: means over seeds, in Markdown."""
    lines = ["| order | decisions | products settled | of them wrong | left out | catalogue | held out |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for order, runs in curves.items():
        for points in zip(*runs, strict=True):
            n = {name: np.mean([getattr(point, name) for point in points])
                 for name in ("n_looks", "n_settled", "n_settled_wrong", "n_left_out")}  # fmt: skip
            shares = " | ".join(f"{_mean(points, measure):.4f}" for measure in MEASURES)
            lines.append(f"| {order} | {n['n_looks']:,.0f} | {n['n_settled']:,.0f} | {n['n_settled_wrong']:,.0f} | "
                         f"{n['n_left_out']:,.0f} | {shares} |")  # fmt: skip
    return lines


def needed_table(curves: Curves) -> list[str]:
    """Decisions by which an order gets as far as random review does after so many, in Markdown."""
    orders = [order for order in curves if order is not Order.RANDOM]
    lines = []
    for measure in MEASURES:
        heading = measure.replace("_", " ")
        lines += [f"Accuracy, {heading}:", "", f"| random review | reaches | {' | '.join(orders)} |",
                  "|---" * (2 + len(orders)) + "|"]  # fmt: skip
        looks, reached = mean_curve(curves[Order.RANDOM], measure)
        for n_looks, share in zip(looks[1:], reached[1:], strict=True):
            said = [_said(needed(*mean_curve(curves[order], measure), share), n_looks) for order in orders]
            lines.append(f"| {n_looks:,.0f} | {share:.4f} | {' | '.join(said)} |")
        lines.append("")
    return lines


def mean_curve(runs: Sequence[Sequence[Point]], measure: str) -> tuple[list[float], list[float]]:
    """Decisions, and the best accuracy so far after them, as the mean over seeds."""
    looks = [float(points[0].n_looks) for points in zip(*runs, strict=True)]
    means = [_mean(points, measure) for points in zip(*runs, strict=True)]
    return looks, np.maximum.accumulate(means).tolist()


def needed(looks: Sequence[float], reached: Sequence[float], share: float) -> float | None:
    """Decisions after which a curve first reaches a share, between its points on the straight line; None for never."""
    for at, value in enumerate(reached):
        if value >= share:
            if at == 0:
                return looks[0]
            part = (share - reached[at - 1]) / (value - reached[at - 1])
            return looks[at - 1] + part * (looks[at] - looks[at - 1])
    return None


def _said(n_needed: float | None, n_random: float) -> str:
    return "not reached" if n_needed is None else f"{n_needed:,.0f} ({n_needed / n_random:.2f} ×)"


def _mean(points: Sequence[Point], measure: str) -> float:
    return float(np.mean([getattr(point, measure) for point in points]))


def _embeddings(context: Context, modality: Modality, product_ids: Sequence[int]) -> FloatArray:
    space = load_space(context, modality)
    if space.encoder is None:
        return np.zeros((len(product_ids), 1), dtype=np.float32)
    rows = space.rows_of(product_ids)
    return np.where((rows >= 0)[:, None], space.vectors[rows], 0).astype(np.float32)


if __name__ == "__main__":
    main()
