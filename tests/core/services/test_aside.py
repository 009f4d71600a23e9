"""What a run sets aside, by reason; and a run of HDBSCAN under review."""

import numpy as np
import pytest

from core.discovery.run_file import RunFile
from core.domain.discovery import DiscoveryParameters, OutlierReason
from core.domain.errors import RunNotFoundError
from core.domain.progress import NullProgress
from core.services.aside import AsideKind, aside_sets
from core.services.context import Context
from core.services.discovery import run_discovery
from core.services.review import cluster_products, exclude_products, open_review, recut, send_back, undo
from core.services.taxonomy import find_category
from db.models import MemberRow

SHOES = ("Apparel & Accessories", "Shoes")


def set_aside(context: Context, positions: list[int], reason: OutlierReason, scores: list[float]) -> list[int]:
    """Make products of run 1 outliers, as a run would have written them; their ids."""
    path = context.workspace.runs / "1.npz"
    file = RunFile.load(path)
    reasons = np.zeros(len(file.product_ids), dtype=np.int64) if file.outlier_reasons is None else file.outlier_reasons
    reasons[positions], file.outlier_scores[positions] = int(reason), scores
    RunFile(file.product_ids, file.reduced, file.projection, file.dendrogram, file.is_noise, file.outlier_scores,
            file.counts, file.vocabulary, reasons).save(path)  # fmt: skip
    with context.database.write() as session:
        for row in session.query(MemberRow).where(MemberRow.run_id == 1, MemberRow.position.in_(positions)):
            row.cluster_id = row.subcluster_id = None
            row.is_noise = reason is not OutlierReason.BETWEEN
    return file.product_ids[positions].tolist()


def test_each_set_says_why_and_how_sure(discovered):
    before = {found.kind: found.total for found in aside_sets(discovered, 1, {})}
    unlike = set_aside(discovered, [3, 4, 5], OutlierReason.UNLIKE, [0.2, 0.9, 0.4])
    busy = set_aside(discovered, [10], OutlierReason.BUSY_BACKGROUND, [0.625])
    between = set_aside(discovered, [20, 21], OutlierReason.BETWEEN, [0.81, 1.0])
    exclude_products(discovered, 1, between[:1], "Ada")
    sets = {found.kind: found for found in aside_sets(discovered, 1, {})}
    assert list(sets) == list(AsideKind)
    assert sets[AsideKind.UNLIKE].total == 3 + before.get(AsideKind.UNLIKE, 0)
    notes = {item.product_id: item.note for item in sets[AsideKind.UNLIKE].items}
    order = [product_id for product_id in notes if product_id in unlike]
    assert order == [unlike[1], unlike[2], unlike[0]]
    assert [notes[product_id] for product_id in order] == ["90% unlike", "40% unlike", "20% unlike"]
    assert (busy[0], "62% unlike") in [(item.product_id, item.note) for item in sets[AsideKind.BUSY_BACKGROUND].items]
    assert sets[AsideKind.BUSY_BACKGROUND].total == 1 + before.get(AsideKind.BUSY_BACKGROUND, 0)
    assert [(item.product_id, item.note) for item in sets[AsideKind.BETWEEN].items] == [(between[1], "100% between")]
    assert [(item.product_id, item.note) for item in sets[AsideKind.EXCLUDED].items] == [(between[0], "excluded")]


def test_fewer_items_can_be_asked_for_and_the_total_stays(discovered):
    set_aside(discovered, [10, 11, 12], OutlierReason.BETWEEN, [0.6, 0.7, 0.8])
    [found] = [one for one in aside_sets(discovered, 1, {"between": 2}) if one.kind == "between"]
    assert (len(found.items), found.total) == (2, 3)


def test_a_run_that_does_not_exist_is_refused(discovered):
    with pytest.raises(RunNotFoundError):
        aside_sets(discovered, 99, {})


@pytest.fixture
def dense(discovered):
    parameters = DiscoveryParameters(levels=1, n_neighbors=10, clusterer="hdbscan", image_filter="none")
    category_id = find_category(discovered, SHOES)
    return discovered, run_discovery(discovered, category_id, parameters, "Ada", NullProgress())


def test_a_run_of_hdbscan_is_cut_again_sent_back_and_undone(dense, dump_run):
    context, run_id = dense
    review = open_review(context, run_id)
    assert review.run.details["linkage"] == "HDBSCAN, exact"
    assert review.run.details["image filter"] == "none"
    in_clusters = sum(cluster.size for cluster in review.clusters if cluster.level == 1)
    assert in_clusters + review.n_noise == review.run.n_products == 92
    sets = aside_sets(context, run_id, {})
    assert sum(found.total for found in sets) == review.n_noise
    assert {found.kind for found in sets} <= {AsideKind.BETWEEN}
    before = dump_run(context, run_id)
    again = recut(context, run_id, 2, "Ada")
    assert again.k_current == 2
    assert sum(cluster.size for cluster in again.clusters if cluster.level == 1) == in_clusters
    undo(context, run_id, "Ada")
    assert dump_run(context, run_id) == before
    first = next(cluster for cluster in open_review(context, run_id).clusters if cluster.level == 1)
    product_id = cluster_products(context, run_id, first.id)[0][0].product_id
    exclude_products(context, run_id, [product_id], "Ada")
    assert aside_sets(context, run_id, {})[-1].kind is AsideKind.EXCLUDED
    send_back(context, run_id, [product_id], "Ada")
    assert open_review(context, run_id).n_excluded == 0
