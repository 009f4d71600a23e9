"""One category of 100,000 products: `python -m bench.scale [--products 100000]`. Takes a few minutes.

A synthetic mixture stands in for the catalogue: 40 kinds whose sizes fall off as 1 / rank. Each modality alone mixes
some of them up, embeddings have a decaying spectrum, and within a kind styles differ. Discovery runs with its default
parameters; the clusters are then written to a workspace and cut again through the service, as the slider does.
"""

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.measure import machine
from core.discovery.cascade import Cascade, discover
from core.discovery.cut import cut
from core.discovery.quality import ari, purity
from core.domain.arrays import FloatArray, IntArray
from core.domain.discovery import DiscoveryParameters, RunStatus
from core.domain.progress import Progress
from core.domain.workspace import Workspace
from core.services.context import Context, open_context
from core.services.recut import recut_run
from core.services.review import open_review
from db.models import ProductRow
from db.repositories import runs
from db.repositories import taxonomy as taxonomy_rows

N_KINDS = 40
N_LOOKS, N_WORDINGS = 28, 30
"""Fewer than kinds: some kinds look alike, others are called alike; hardly two are both."""
IMAGE_WIDTH, TEXT_WIDTH = 512, 256
WITHIN_IMAGE, WITHIN_TEXT = 2.0, 1.8
"""Spread within a kind over the spread between kinds."""
CUTS = (12, 40)
RECUTS = (9, 14, 25, 39, 12)
COLOURS = ("black", "white", "red", "navy", "green", "beige", "brown", "grey")
AUTHOR = "bench"


@dataclass(frozen=True, slots=True)
class Mixture:
    """A catalogue's category: embeddings of shape (n, d), title words and the true kind of each product."""

    image: FloatArray
    text: FloatArray
    tokens: list[list[str]]
    truth: IntArray


def make_mixture(n_products: int, seed: int = 0) -> Mixture:
    """Draw the products; the same seed gives the same ones."""
    generator = np.random.default_rng(seed)
    weights = 1 / np.arange(1, N_KINDS + 1)
    truth = generator.choice(N_KINDS, n_products, p=weights / weights.sum())
    looks, wordings = generator.permutation(N_KINDS) % N_LOOKS, generator.permutation(N_KINDS) % N_WORDINGS
    image = _modality(generator, looks[truth], truth, N_LOOKS, IMAGE_WIDTH, WITHIN_IMAGE)
    text = _modality(generator, wordings[truth], truth, N_WORDINGS, TEXT_WIDTH, WITHIN_TEXT)
    colours = generator.integers(0, len(COLOURS), n_products)
    styles = generator.integers(0, 200, n_products)
    tokens = [
        [COLOURS[colour], f"style{style}", f"word{wordings[kind]}", f"kind{kind}"]
        for colour, style, kind in zip(colours, styles, truth, strict=True)
    ]
    return Mixture(image, text, tokens, truth)


def _modality(
    generator: np.random.Generator, group: IntArray, truth: IntArray, n_groups: int, width: int, within: float
) -> FloatArray:
    """Unit-scale vectors around one centre per group, nudged per kind, with noise of a decaying spectrum."""
    scale = (np.arange(1, width + 1) ** -0.5).astype(np.float32)
    scale /= np.linalg.norm(scale)
    axes = np.linalg.qr(generator.normal(size=(width, width)))[0].astype(np.float32)
    centres = generator.normal(size=(n_groups, width)).astype(np.float32) * scale
    nudges = 0.35 * generator.normal(size=(N_KINDS, width)).astype(np.float32) * scale
    rows = generator.standard_normal(size=(len(group), width), dtype=np.float32)
    rows *= within * scale
    rows += centres[group]
    rows += nudges[truth]
    return rows @ axes


class Stages:
    """A progress that keeps when each step began, in wall and CPU seconds."""

    def __init__(self, *, is_told: bool) -> None:
        self.began: list[tuple[str, float, float]] = []
        self._is_told = is_told

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        """Note a step whose name is new."""
        step = "Looking inside clusters" if message.startswith("Looking inside") else message
        if any(name.startswith("Looking inside") for name, _, _ in self.began) or not step:
            return
        if not self.began or self.began[-1][0] != step:
            self.began.append((step, time.perf_counter(), time.process_time()))
            if self._is_told:
                print(f"{fraction:5.2f} {step}", file=sys.stderr, flush=True)

    def spans(self) -> list[tuple[str, float, float]]:
        """Wall and CPU seconds of each step, in the order in which they first came."""
        ends = [*self.began[1:], ("", time.perf_counter(), time.process_time())]
        spent: dict[str, tuple[float, float]] = {}
        for (name, wall, cpu), (_, next_wall, next_cpu) in zip(self.began, ends, strict=True):
            before = spent.get(_short(name), (0.0, 0.0))
            spent[_short(name)] = (before[0] + next_wall - wall, before[1] + next_cpu - cpu)
        return [(name, *seconds) for name, seconds in spent.items()]


def _short(name: str) -> str:
    return "Judging cuts" if name.startswith("Judging") else name


def run_cascade(mixture: Mixture, parameters: DiscoveryParameters, progress: Progress) -> Cascade:
    """Discover with the weights of the parameters."""
    return discover(
        np.arange(1, len(mixture.truth) + 1),
        {"image": (mixture.image, parameters.image_weight), "text": (mixture.text, parameters.text_weight)},
        mixture.image,
        mixture.tokens,
        parameters,
        progress,
    )


def write_run(context: Context, mixture: Mixture, cascade: Cascade, parameters: DiscoveryParameters) -> int:
    """Insert the products in bulk and write the run down as the service does.

    Returns:
        The run's id.
    """
    with context.database.write() as session:
        root = next(node for node in taxonomy_rows.load_nodes(session) if node.parent_id is None)
        rows = [
            {"id": number + 1, "platform": "shop", "external_id": str(number), "title": " ".join(words),
             "node_id": root.id, "content_hash": ""}
            for number, words in enumerate(mixture.tokens)
        ]  # fmt: skip
        session.execute(insert(ProductRow), rows)
    with context.database.write() as session:
        n_products = len(mixture.truth)
        row = runs.add_run(session, root.id, parameters, n_products, cascade.details, cascade.quality, AUTHOR)
        row.n_clusters = sum(cluster.level == 1 for cluster in cascade.clusters)
        _write_clusters(session, row.id, cascade)
        cascade.run_file.save(context.workspace.runs / f"{row.id}.npz")
        row.status = str(RunStatus.READY)
        return row.id


def _write_clusters(session: Session, run_id: int, cascade: Cascade) -> None:
    n_products = len(cascade.cluster_ids)
    ids: dict[int, int] = {}
    places: dict[int, list[int | None]] = {1: [None] * n_products, 2: [None] * n_products}
    for cluster in cascade.clusters:
        parent_id = ids[cluster.parent_number] if cluster.parent_number is not None else None
        keywords = runs.keyword_rows(cluster.keywords, cluster.evidence)
        ids[cluster.number] = runs.add_cluster(
            session, run_id, cluster.number, cluster.level, parent_id, cluster.suggestions, keywords, cluster.quality
        )
        for position in cluster.positions.tolist():
            places[cluster.level][position] = ids[cluster.number]
    rows = zip(*places.values(), cascade.distances.tolist(), cascade.run_file.is_noise.tolist(), strict=True)
    members = [
        {"run_id": run_id, "product_id": position + 1, "position": position, "cluster_id": cluster_id,
         "subcluster_id": sub_id, "distance": distance, "is_noise": is_noise, "is_excluded": False, "is_moved": False}
        for position, (cluster_id, sub_id, distance, is_noise) in enumerate(rows)
    ]  # fmt: skip
    runs.add_members(session, members)


def time_recuts(context: Context, run_id: int) -> list[tuple[int, float, float]]:
    """Number of clusters, seconds of the cut through the service, and of opening the review after it."""
    times = []
    for n_clusters in RECUTS:
        started = time.perf_counter()
        recut_run(context, run_id, n_clusters, AUTHOR)
        cut_at = time.perf_counter()
        review = open_review(context, run_id)
        assert review.k_current == n_clusters, "the cut was not made"
        times.append((n_clusters, cut_at - started, time.perf_counter() - cut_at))
    return times


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the tables of `bench/RESULTS.md`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--levels", type=int, default=DiscoveryParameters().levels)
    parser.add_argument("--home", type=Path, help="keep the workspace here")
    parser.add_argument("--verbose", action="store_true", help="say what is being done")
    options = parser.parse_args(arguments)
    mixture = make_mixture(options.products, options.seed)
    parameters = DiscoveryParameters(seed=options.seed, levels=options.levels)
    stages = Stages(is_told=options.verbose)
    wall, cpu = time.perf_counter(), time.process_time()
    cascade = run_cascade(mixture, parameters, stages)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"Machine: {machine()}\n\n{asdict(parameters)}\n")
    _print_discovery(mixture, cascade, stages, (wall, cpu, peak))
    with TemporaryDirectory(prefix="shelfwise-scale-") as folder:
        context = open_context(Workspace(options.home or Path(folder)))
        run_id = write_run(context, mixture, cascade, parameters)
        _print_recuts(options.products, time_recuts(context, run_id))


def _print_recuts(n_products: int, times: list[tuple[int, float, float]]) -> None:
    print(f"\n| re-cut of {n_products:,} products | through the service | opening the review after |\n|---|---|---|")
    for n_clusters, seconds, opening in times:
        print(f"| into {n_clusters} clusters | {seconds:.2f} s | {opening:.2f} s |")


def _print_discovery(mixture: Mixture, cascade: Cascade, stages: Stages, total: tuple[float, float, float]) -> None:
    print("| step | wall | CPU | peak memory |\n|---|---|---|---|")
    for name, wall, cpu in stages.spans():
        print(f"| {name.lower()} | {wall:.1f} s | {cpu:.1f} s | |")
    print(f"| **discovery of {len(mixture.truth):,} products** | {total[0]:.0f} s | {total[1]:.0f} s "
          f"| {total[2]:.2f} GiB |")  # fmt: skip
    labels = [str(kind) for kind in mixture.truth]
    n_suggested = int(cascade.cluster_ids.max()) + 1
    n_below = len(cascade.clusters) - n_suggested
    print(
        f"\n{n_suggested} clusters suggested, {n_below} below; {cascade.quality['n_noise']:.0f} products set aside.\n"
    )
    print("| clusters | purity (noise counts as wrong) | ARI |\n|---|---|---|")
    for n_clusters in (n_suggested, *CUTS):
        cluster_ids = cut(cascade.run_file.dendrogram, n_clusters)
        print(f"| {n_clusters} | {purity(cluster_ids, labels):.3f} | {ari(cluster_ids, labels):.3f} |")


if __name__ == "__main__":
    main()
