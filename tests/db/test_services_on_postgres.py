"""The whole loop of the services on PostgreSQL, with two people at once."""

import csv
import shutil
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, update

from core.classifier.parameters import TrainingParameters
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import AppError, StaleRevisionError
from core.domain.job import JobKind, JobState
from core.domain.prediction_queue import PredictionQuery
from core.domain.progress import NullProgress
from core.domain.workspace import Workspace
from core.jobs.inline import run_inline
from core.services import history
from core.services.catalogue import catalogue_totals, data_revision, loop_state, statistics
from core.services.context import Context, open_context
from core.services.drift import drift_weeks
from core.services.exports import AssignmentKind, ExportKind, export_assignments, export_taxonomy
from core.services.jobs import list_jobs
from core.services.prediction_acts import accept, correct
from core.services.prediction_queue import queue_page
from core.services.review import (
    approve_clusters,
    cluster_products,
    exclude_products,
    list_runs,
    move_products,
    name_cluster,
    open_review,
    recut,
    send_back,
    undo,
)
from core.services.taxonomy import find_category, list_versions
from core.services.unpredicted import count_unpredicted
from db.base import utc_now
from db.models import PredictionRow, ProductRow

SHOES = ("Apparel & Accessories", "Shoes")


@pytest.fixture
def on_postgres(postgres_url, discovered_template, tmp_path, quick_encoders) -> Iterator[Context]:
    """An empty database, with the encoders of the small catalogue at hand so that none is trained again."""
    home = tmp_path / "home"
    for name in ("encoders", "features"):
        shutil.copytree(discovered_template / name, home / name)
    context = open_context(Workspace(home, postgres_url))
    yield context
    context.database.engine.dispose()


def test_the_whole_loop_runs_on_postgres(on_postgres, small_catalogue):
    context = on_postgres
    arguments = {"file_path": str(small_catalogue.csv_path), "images_path": str(small_catalogue.images_dir)}
    for n_new in (222, 0):
        job = run_inline(context, JobKind.IMPORT, arguments, "Ada", "Importing")
        assert (job.state, job.result["n_new"]) == (JobState.DONE, n_new), job.error
    assert catalogue_totals(context).n_products == statistics(context).platforms["n_products"].sum() == 222

    from core.services.discovery import run_discovery

    parameters = DiscoveryParameters(n_clusters=5, n_neighbors=10)
    run_id = run_discovery(context, find_category(context, SHOES), parameters, "Ada", NullProgress())
    assert list_runs(context)[0].n_open == 5
    name_at_once(context, run_id)
    newest, *_ = history.entries(context, history.run_scope(run_id))
    assert history.take_back(context, newest.id, "Ada") == newest.summary

    before = {cluster.id for cluster in open_review(context, run_id).clusters}
    first, second, *_ = recut(context, run_id, 4, "Ada").clusters
    name_cluster(context, first.id, "Boots", first.revision, "Ada")
    moving = [item.product_id for item in cluster_products(context, run_id, second.id)[0]][:2]
    move_products(context, run_id, moving, first.id, "Ada")
    exclude_products(context, run_id, moving[:1], "Ada")
    send_back(context, run_id, moving[:1], "Ada")
    approve_clusters(context, run_id, {first.id: "Boots", second.id: "Heels"}, "", "Ada")
    while undo(context, run_id, "Ada"):
        pass
    assert {cluster.id for cluster in open_review(context, run_id).clusters} == before
    third, fourth, *_ = open_review(context, run_id).clusters
    result = approve_clusters(context, run_id, {third.id: "Boots", fourth.id: "Heels"}, "", "Ada")
    assert result.n_products == third.size + fourth.size

    from core.services.models import promote_model
    from core.services.training import run_training

    model_id = run_training(context, TrainingParameters(batch_size=16, max_epochs=2), "Ada", NullProgress())
    promote_model(context, model_id, "Ada")
    items, total = queue_page(context, PredictionQuery())
    assert total == 222
    accept(context, [items[0].id], "Ada")
    correct(context, [items[1].id], find_category(context, ("Luggage & Bags",)), "Ada")
    classify_what_changed(context, [item.product.product_id for item in items[2:4]])
    assert loop_state(context).next_step == "export"
    assert data_revision(context)

    with export_taxonomy(context, ExportKind.CSV).open(newline="", encoding="utf-8") as stream:
        paths = {row["path"]: row for row in csv.DictReader(stream)}
    assert int(paths["Apparel & Accessories > Shoes > Heels"]["n_products"]) > 0
    with export_assignments(context, AssignmentKind.CSV).open(newline="", encoding="utf-8") as stream:
        assert Counter(row["source"] for row in csv.DictReader(stream))["curator"] == 2
    assert [str(job.state) for job in list_jobs(context)] == ["done", "done"]


def classify_what_changed(context: Context, product_ids: list[int]) -> None:
    """Of two products one changed and one has no prediction: they are classified once, and drift is measured."""
    from core.services.new_products import classify_new

    with context.database.write() as session:
        session.execute(update(ProductRow).where(ProductRow.id == product_ids[0]).values(updated_at=utc_now()))
        session.execute(delete(PredictionRow).where(PredictionRow.product_id == product_ids[1]))
    assert count_unpredicted(context) == 2
    assert classify_new(context, "Ada", NullProgress()).n_classified == 2
    assert classify_new(context, "Ada", NullProgress()).n_new == 0
    with context.database.read() as session:
        known = list(session.scalars(select(PredictionRow.product_id)))
    assert len(known) == len(set(known)) == 222
    assert sum(week.n_products for week in drift_weeks(context)) == 222


def test_of_two_people_who_name_a_cluster_at_once_one_is_told(discovered):
    name_at_once(discovered, 1)


def test_people_who_approve_at_once_get_versions_of_their_own(discovered):
    clusters = [cluster for cluster in open_review(discovered, 1).clusters if cluster.level == 1]
    barrier, faults = threading.Barrier(len(clusters)), []

    def approve(cluster_id: int, name: str) -> None:
        barrier.wait(20)
        try:
            approve_clusters(discovered, 1, {cluster_id: name}, "", name)
        except AppError as error:
            faults.append(error)

    threads = [threading.Thread(target=approve, args=(cluster.id, "Boots")) for cluster in clusters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == []
    assert [version.number for version in list_versions(discovered)] == list(range(2 + len(clusters), 0, -1))
    assert len({cluster.node_id for cluster in open_review(discovered, 1).clusters}) == 1


def name_at_once(context: Context, run_id: int) -> None:
    """Two people read one cluster and then name it in the same moment."""
    cluster = open_review(context, run_id).clusters[0]
    barrier, told = threading.Barrier(2), []

    def name_it(name: str) -> None:
        barrier.wait(20)
        try:
            name_cluster(context, cluster.id, name, cluster.revision, name)
            told.append("done")
        except StaleRevisionError:
            told.append("stale")

    threads = [threading.Thread(target=name_it, args=(name,)) for name in ("Boots", "Heels")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(told) == ["done", "stale"]
