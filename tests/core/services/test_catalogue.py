"""The catalogue in figures."""

from dataclasses import fields

import pandas as pd
from sqlalchemy import select, update

from core.domain.prediction_queue import PredictionQuery
from core.services.catalogue import (
    catalogue_frame,
    catalogue_totals,
    data_revision,
    loop_state,
    platforms,
    recent_events,
    statistics,
)
from core.services.prediction_acts import accept
from core.services.prediction_queue import queue_ids
from core.services.review import cluster_products, exclude_products, name_cluster, open_review, recut, undo
from db.base import utc_now
from db.models import JobRow, PredictionRow, ProductRow


def test_totals_agree_with_the_products(imported):
    totals, frame = catalogue_totals(imported), catalogue_frame(imported)
    assert totals.n_products == len(frame) == 222
    assert totals.n_platforms == frame["platform"].nunique() == len(platforms(imported)) == 5
    assert totals.n_brands == frame.loc[frame["brand"] != "", "brand"].nunique()
    assert totals.n_missing_brand == (frame["brand"] == "").sum() > 0
    assert totals.n_clean_background == (frame["background_cleanliness"] >= 0.9).sum() > 0
    assert totals.n_with_image == frame["background_cleanliness"].notna().sum()
    assert (totals.n_categories, totals.n_leaves, totals.taxonomy_version) == (3, 3, 2)


def test_a_frame_row_says_where_the_product_is(imported):
    frame = catalogue_frame(imported)
    assert list(frame.columns) == [
        "product_id", "platform", "brand", "title", "background_cleanliness", "depth", "path", "level_1",
    ]  # fmt: skip
    shoes = frame[frame["path"] == "Apparel & Accessories > Shoes"]
    assert (len(shoes), set(shoes["depth"]), set(shoes["level_1"])) == (92, {2}, {"Apparel & Accessories"})


def test_figures_for_every_chart_are_there_also_for_an_empty_catalogue(imported, tmp_path):
    from core.domain.workspace import Workspace
    from core.services.context import open_context

    empty = open_context(Workspace(tmp_path / "empty"))
    for context, n_products in ((imported, 222), (empty, 0)):
        found = statistics(context)
        tables = {field.name: getattr(found, field.name) for field in fields(found)}
        assert all(isinstance(table, pd.DataFrame) for table in tables.values())
        assert all(len(table) > 0 for table in tables.values()) or n_products == 0
        assert found.platforms["n_products"].sum() == n_products
    assert catalogue_totals(empty).n_products == catalogue_totals(empty).n_leaves == 0


def test_every_act_changes_the_revision(trained):
    cluster = next(found for found in open_review(trained, 1).clusters if not found.is_touched)
    seen = [data_revision(trained)]
    assert data_revision(trained) == seen[0], "looking is no act"

    def changed() -> bool:
        seen.append(data_revision(trained))
        return len(set(seen)) == len(seen)

    name_cluster(trained, cluster.id, "Heels", cluster.revision, "Ada")
    assert changed()
    recut(trained, 1, 4, "Ada")
    assert changed()
    recut(trained, 1, 6, "Ada")
    assert changed()
    undo(trained, 1, "Ada")
    assert changed()
    exclude_products(trained, 1, [cluster_products(trained, 1, cluster.id)[0][0].product_id], "Ada")
    assert changed()
    accept(trained, queue_ids(trained, PredictionQuery())[:1], "Ada")
    assert changed()


def test_the_end_of_a_job_changes_the_revision(context):
    """What a job writes last, such as the order of predictions, comes after its act and is no act itself."""
    before = data_revision(context)
    with context.database.write() as session:
        session.add(JobRow(kind="drift", state="done", arguments={}, author="Ada", finished_at=utc_now()))
    assert data_revision(context) != before


def test_the_loop_says_what_comes_next(context, discovered, trained):
    assert loop_state(context).next_step == "import"
    state = loop_state(discovered)
    assert (state.next_step, state.n_runs, state.n_open_clusters, state.n_approved_nodes) == ("review", 1, 5, 0)
    state = loop_state(trained)
    assert (state.next_step, state.n_approved_nodes, state.has_active_model) == ("predictions", 2, True)
    assert state.n_pending_predictions == 222
    accept(trained, queue_ids(trained, PredictionQuery())[:1], "Ada")
    state = loop_state(trained)
    assert (state.next_step, state.n_decided_predictions, state.n_pending_predictions) == ("export", 1, 221)
    with trained.database.write() as session:
        waits = session.scalars(select(PredictionRow.product_id).where(PredictionRow.review_state == "pending")).first()
        session.execute(update(ProductRow).where(ProductRow.id == waits).values(source="curator"))
    assert loop_state(trained).n_pending_predictions == 220, "what a curator placed in another way does not wait"


def test_recent_acts_come_newest_first(trained):
    acts = recent_events(trained)
    assert list(acts["kind"])[:4] == ["promote", "train", "approve", "discover"]
    assert acts["at"].is_monotonic_decreasing
