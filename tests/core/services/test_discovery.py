"""Discovering a category: what a run writes down, what it refuses, and that it can be repeated."""

import pytest
from sqlalchemy import func, select

from core.discovery.run_file import RunFile
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import (
    EncoderUnavailableError,
    JobCancelledError,
    NodeNotFoundError,
    TooFewProductsError,
)
from core.domain.progress import NullProgress
from core.services.context import Context
from core.services.discovery import run_discovery
from core.services.review import open_review
from core.services.taxonomy import find_category
from db.models import ClusterRow, MemberRow, RunRow

SHOES = ("Apparel & Accessories", "Shoes")
TEXT_ONLY = DiscoveryParameters(n_clusters=4, levels=1, image_weight=0.0, n_neighbors=10)


class CancelAt:
    """A progress that cancels once `fraction` is reached."""

    def __init__(self, fraction: float) -> None:
        self._fraction = fraction

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        if fraction >= self._fraction:
            raise JobCancelledError


def shape(context: Context, run_id: int) -> list[tuple]:
    """Who is with whom, how far from the centre, and what the clusters are called."""
    with context.database.read() as session:
        number = dict(session.execute(select(ClusterRow.id, ClusterRow.number)).all())
        query = select(MemberRow).where(MemberRow.run_id == run_id).order_by(MemberRow.position)
        members = [
            (row.product_id, number.get(row.cluster_id), number.get(row.subcluster_id), row.distance, row.is_noise)
            for row in session.scalars(query)
        ]
        clusters = session.scalars(select(ClusterRow).where(ClusterRow.run_id == run_id).order_by(ClusterRow.number))
        return [*members, *((row.number, row.level, row.suggested_names, row.silhouette) for row in clusters)]


def n_runs(context: Context) -> int:
    with context.database.read() as session:
        return session.scalar(select(func.count(RunRow.id))) or 0


def test_a_run_holds_every_product_of_its_category_once(discovered):
    review = open_review(discovered, 1)
    assert review.run.n_products == 92
    assert review.run.parameters.n_clusters == review.k_current == 5
    with discovered.database.read() as session:
        ids = session.scalars(select(MemberRow.product_id).where(MemberRow.run_id == 1)).all()
    assert len(ids) == len(set(ids)) == 92
    file = RunFile.load(discovered.workspace.runs / "1.npz")
    assert set(file.product_ids.tolist()) == set(ids)


def test_a_run_writes_down_how_it_was_made(discovered):
    run = open_review(discovered, 1).run
    assert {"linkage", "image encoder"} <= set(run.details)
    assert {"silhouette", "stability", "n_clusters"} <= set(run.quality)
    assert run.author == "Ada"


def test_the_same_seed_gives_the_same_clusters_and_another_seed_others(discovered):
    shoes = find_category(discovered, SHOES)
    again = run_discovery(discovered, shoes, open_review(discovered, 1).run.parameters, "Bob", NullProgress())
    assert shape(discovered, again) == shape(discovered, 1)
    parameters = DiscoveryParameters(n_clusters=5, n_neighbors=10, seed=1)
    other = run_discovery(discovered, shoes, parameters, "Bob", NullProgress())
    assert shape(discovered, other) != shape(discovered, 1)


def test_words_alone_find_the_kinds_of_a_catalogue_without_pictures(context, write_csv, import_file):
    kinds = ("running sneaker", "ankle boot", "beach sandal")
    words = ("soft", "city", "summer", "classic")
    rows = [{"sku": str(n), "title": f"{words[n % 4]} {kinds[n % 3]} {n}", "brand": "", "category": "Shoes"}
            for n in range(60)]  # fmt: skip
    rows += [{"sku": f"b{n}", "title": f"{words[n % 4]} bag {n}", "brand": "", "category": "Bags"} for n in range(20)]
    import_file(context, write_csv(rows))
    parameters = DiscoveryParameters(n_clusters=3, levels=1, n_neighbors=10)
    run_id = run_discovery(context, find_category(context, ("Shoes",)), parameters, "Ada", NullProgress())
    names = {cluster.suggested_names[0].casefold() for cluster in open_review(context, run_id).clusters}
    assert [any(kind.split()[-1] in name for name in names) for kind in kinds] == [True] * 3
    assert "image encoder" not in open_review(context, run_id).run.details


def test_three_products_are_too_few_and_nothing_is_encoded(context, write_csv, import_file, draw_pictures):
    rows = [{"sku": str(n), "title": f"Boot {n}", "category": "Shoes" if n < 3 else "Bags", "image": f"{n}.png"}
            for n in range(20)]  # fmt: skip
    import_file(context, write_csv(rows), draw_pictures(20))
    with pytest.raises(TooFewProductsError, match="holds 3") as caught:
        run_discovery(context, find_category(context, ("Shoes",)), TEXT_ONLY, "Ada", NullProgress())
    assert caught.value.remedy
    assert not list(context.workspace.encoders.iterdir())
    assert n_runs(context) == 0


def test_an_unknown_category_or_encoder_is_refused(imported):
    with pytest.raises(NodeNotFoundError):
        run_discovery(imported, "nothing", TEXT_ONLY, "Ada", NullProgress())
    with pytest.raises(EncoderUnavailableError, match="'clip'") as caught:
        run_discovery(
            imported, find_category(imported, SHOES), DiscoveryParameters(image_encoder="clip"), "Ada", NullProgress()
        )
    assert "simclr" in caught.value.remedy


@pytest.mark.parametrize("fraction", [0.0, 0.5, 0.98])
def test_a_cancelled_run_leaves_no_run(discovered, fraction, dump_run):
    before = dump_run(discovered, 1)
    with pytest.raises(JobCancelledError):
        run_discovery(discovered, find_category(discovered, SHOES), TEXT_ONLY, "Ada", CancelAt(fraction))
    assert n_runs(discovered) == 1
    assert [path.name for path in discovered.workspace.runs.iterdir()] == ["1.npz"]
    assert dump_run(discovered, 1) == before
