"""Drift as it is measured and kept, and the discoveries it proposes; on each kind of database."""

import json
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, update

from core.classifier.held_out import SPLIT_FILE
from core.domain.drift import DriftWeek
from core.domain.errors import JobCancelledError, ModelNotFoundError, NodeNotFoundError
from core.domain.job import JobKind
from core.domain.progress import NullProgress
from core.services import drift, history
from core.services.discovery_proposals import (
    discovery_proposals,
    dismiss_proposal,
    dismissed_proposals,
    proposal_examples,
    restore_proposal,
)
from core.services.drift_measurement import measure_drift
from db.base import utc_now
from db.models import ImportRow, ModelRow, ProductRow
from db.repositories import drift as drift_rows
from db.repositories import jobs
from db.session import Database
from tests.db.drift_world import (
    MONDAY,
    add_model,
    add_products,
    add_run,
    decide,
    empty,
    open_world,
    predict,
    settle,
)

WEEKS = ("2026-W45", "2026-W46", "2026-W47")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared_database(request, tmp_path_factory):
    """One migrated database of each kind for the whole file: to make one takes longer than any test here."""
    url = f"sqlite:///{tmp_path_factory.mktemp('drift') / 'test.db'}"
    if request.param == "postgres":
        folder = request.getfixturevalue("postgres_server")
        with psycopg.connect(f"host={folder} user=curator dbname=postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE drift")
        url = f"postgresql://curator@/drift?host={folder}"
    opened = Database(url)
    opened.migrate()
    yield opened
    opened.engine.dispose()


@pytest.fixture
def world(shared_database, tmp_path):
    empty(shared_database)
    return open_world(shared_database, tmp_path / "home")


def proposed(world) -> list[str]:
    return [proposal.node_id for proposal in discovery_proposals(world)]


def mistaken(world, node_id: str, n: int = 40, n_corrected: int = 20, **chosen) -> list[int]:
    """Products of a category of which a curator decided all predictions."""
    ids = add_products(world, n, node_id, **chosen)
    predict(world, ids, node_id)
    decide(world, ids, n_corrected)
    return ids


def test_three_weeks_of_two_platforms_are_measured_as_by_hand(world):
    first = add_products(world, 2, "boots", title="Red boot", brand="Nord")
    predict(world, first, "boots", 0.9)
    other = add_products(world, 1, "boots", platform="b", title="Blue boot")
    predict(world, other, "boots", 0.4)
    later = add_products(world, 3, "clogs", week=1, title="Red clog", brand="Sol")
    predict(world, later[:2], "clogs", 0.3)
    last = add_products(world, 1, "clogs", week=2, platform="b", title="Clog", brand="SOL")
    predict(world, last, "clogs", 0.6)
    assert measure_drift(world, NullProgress()) == 4
    assert drift.drift_weeks(world) == [
        DriftWeek("a", WEEKS[0], 2, 2, 0, 2, 0, 4, 0, {"boots": 2}, {"brands": {}, "words": {}}),
        DriftWeek("b", WEEKS[0], 1, 1, 1, 0, 0, 2, 0, {"boots": 1}, {"brands": {}, "words": {}}),
        DriftWeek("a", WEEKS[1], 3, 2, 2, 3, 3, 6, 3, {"clogs": 2}, {"brands": {"Sol": 3}, "words": {"clog": 3}}),
        DriftWeek("b", WEEKS[2], 1, 1, 0, 1, 0, 1, 0, {"clogs": 1}, {"brands": {}, "words": {}}),
    ]


def test_a_product_that_changed_stays_in_its_first_week_and_the_newest_prediction_counts(world):
    ids = add_products(world, 3, "boots")
    predict(world, ids, "boots", 0.2)
    predict(world, ids[1:2], "clogs", 0.9)
    with world.database.write() as session:
        session.execute(update(ProductRow).values(updated_at=MONDAY + timedelta(weeks=2), title="Changed thing"))
    measure_drift(world, NullProgress())
    [week] = drift.drift_weeks(world)
    assert (week.week, week.n_products, week.n_predicted, week.n_unsure) == (WEEKS[0], 3, 3, 2)
    assert week.categories == {"boots": 2, "clogs": 1}


def test_products_that_taught_the_model_are_no_measure_of_how_sure_it_is(world):
    """It is sure of these by heart, and what comes later would seem to make it unsure."""
    old, new = add_products(world, 40, "boots"), add_products(world, 40, "boots", week=1)
    predict(world, [*old[:30], *new[:20]], "boots", 0.9)
    predict(world, [*old[30:], *new[20:]], "boots", 0.3)
    file_path = world.workspace.models / SPLIT_FILE  # the world's model has no folder of its own
    file_path.parent.mkdir(parents=True, exist_ok=True)
    file_path.write_text(json.dumps({"train": old[:20], "validation": [], "test": old[20:]}))
    try:
        measure_drift(world, NullProgress())
    finally:
        file_path.unlink()
    before, after = drift.drift_weeks(world)
    assert (before.n_predicted, before.share_unsure, before.categories) == (20, 0.5, {"boots": 40})
    assert (after.n_predicted, after.share_unsure) == (40, 0.5)
    file_path.write_text("{}")
    with pytest.raises(ModelNotFoundError, match=SPLIT_FILE):
        measure_drift(world, NullProgress())
    file_path.unlink()


def test_what_curators_settled_is_no_growth_of_what_comes_next(world):
    """A model says nothing of products that were settled before it was trained; they are in their category, too."""
    settle(world, add_products(world, 100, "boots"))
    predict(world, add_products(world, 100, "coats"), "coats")
    predict(world, add_products(world, 60, "bags", week=1), "boots")
    corrected = add_products(world, 60, "bags", week=1)
    predict(world, corrected, "bags")
    settle(world, corrected, "coats")
    measure_drift(world, NullProgress())
    first, second = drift.drift_weeks(world)
    assert (first.n_predicted, first.categories) == (100, {"boots": 100, "coats": 100})
    assert (second.n_predicted, second.categories) == (120, {"boots": 60, "coats": 60})
    assert drift.growing(world, second.week) == []


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_every_product_is_read_once_however_the_parts_fall(world, monkeypatch, at_once):
    monkeypatch.setattr(drift_rows, "READ_AT_ONCE", at_once)
    ids = add_products(world, 5, "boots")
    for confidence in (0.1, 0.9):
        predict(world, ids[1:4], "boots", confidence)
    measure_drift(world, NullProgress())
    [week] = drift.drift_weeks(world)
    assert (week.n_products, week.n_predicted, week.n_unsure) == (5, 3, 0)


def test_a_model_that_stops_gives_the_node_above_and_its_threshold_is_the_limit(world):
    with world.database.write() as session:
        session.get_one(ModelRow, 1).stop_below = 0.7
    ids = add_products(world, 2, "boots")
    predict(world, ids[:1], "boots", 0.6)
    predict(world, ids[1:], "boots", 0.8)
    measure_drift(world, NullProgress())
    [week] = drift.drift_weeks(world)
    assert (week.n_unsure, week.categories) == (1, {"boots": 1, "shoes": 1})


def test_a_measurement_replaces_the_one_before_and_a_cancelled_one_leaves_it(world):
    predict(world, add_products(world, 1, "boots"), "boots")
    measure_drift(world, NullProgress())
    before, at = drift.drift_weeks(world), drift.measured_at(world)
    add_products(world, 1, "boots", week=1)

    class Stop:
        def report(self, fraction, message="", **metrics):
            if fraction > 0.5:
                raise JobCancelledError

    with pytest.raises(JobCancelledError):
        measure_drift(world, Stop())
    assert (drift.drift_weeks(world), drift.measured_at(world)) == (before, at)
    assert measure_drift(world, NullProgress()) == 2
    assert [week.week for week in drift.drift_weeks(world)] == list(WEEKS[:2])


def test_without_a_model_in_use_nothing_is_measured(world):
    with world.database.write() as session:
        session.get_one(ModelRow, 1).status = "retired"
    with pytest.raises(ModelNotFoundError):
        measure_drift(world, NullProgress())
    assert drift.measured_at(world) is None
    assert not drift.is_stale(world)


def test_imports_predictions_and_another_model_make_a_measurement_stale(world):
    ids = add_products(world, 1, "boots")
    measure_drift(world, NullProgress())
    assert not drift.is_stale(world)
    predict(world, ids, "boots", at=utc_now())
    assert drift.is_stale(world)
    measure_drift(world, NullProgress())
    assert not drift.is_stale(world)
    with world.database.write() as session:
        session.add(ImportRow(file_name="more.csv", author="Ada"))
    assert drift.is_stale(world)
    measure_drift(world, NullProgress())
    with world.database.write() as session:
        session.get_one(ModelRow, 1).status = "retired"
        add_model(session)
    assert drift.is_stale(world)


def test_a_category_that_grows_is_told_once_on_its_line(world):
    for week, n_clogs in ((0, 2), (1, 2), (2, 40)):
        predict(world, add_products(world, 100, "coats", week=week), "coats")
        predict(world, add_products(world, n_clogs, "clogs", week=week), "clogs")
    measure_drift(world, NullProgress())
    [(path, grown)] = drift.growing(world, WEEKS[2])
    assert (path, grown.n, grown.n_week, grown.n_before, grown.n_weeks_before) == ("Shoes > Clogs", 40, 140, 4, 204)
    assert drift.growing(world, WEEKS[1]) == []
    [proposal] = discovery_proposals(world)
    assert proposal.node_id == "clogs"
    assert proposal.reasons[0].startswith("It grew from 2 % to 29 % of new products (40 in week 47)")


def test_the_category_that_is_corrected_most_comes_first_and_ordinary_ones_stay_away(world):
    mistaken(world, "boots", n_corrected=20)
    mistaken(world, "coats", n_corrected=30)
    mistaken(world, "bags", n_corrected=2)
    found = discovery_proposals(world)
    assert [proposal.node_id for proposal in found] == ["coats", "boots"]
    assert found[0].reasons == ("30 of 40 decided predictions were corrected.",)
    assert (found[1].path, found[1].n_products) == ("Shoes > Boots", 40)
    assert found[0].score > found[1].score
    assert [proposal.node_id for proposal in discovery_proposals(world, limit=1)] == ["coats"]


def test_one_correction_of_one_and_small_categories_propose_nothing(world):
    ids = add_products(world, 60, "boots")
    predict(world, ids, "boots")
    decide(world, ids[:1], 1)
    mistaken(world, "coats", n=20, n_corrected=20)
    assert proposed(world) == []


def test_mistakes_on_both_sides_are_the_parents_and_are_told_once(world):
    mistaken(world, "boots", n=80, n_corrected=40)
    mistaken(world, "clogs", n=80, n_corrected=40)
    assert proposed(world) == ["shoes"]


def test_unsure_predictions_and_unsorted_products_speak_for_a_category(world):
    predict(world, add_products(world, 200, "coats"), "coats", 0.9)
    predict(world, add_products(world, 60, "bags"), "bags", 0.3)
    predict(world, add_products(world, 90, "shoes"), "shoes", 0.9)
    predict(world, add_products(world, 30, "boots"), "boots", 0.9)
    reasons = {proposal.node_id: proposal.reasons for proposal in discovery_proposals(world)}
    assert reasons == {
        "bags": ("60 of 60 predictions are unsure: 100 %, against 16 % in the whole catalogue.",),
        "shoes": ("90 products are in none of its 2 subcategories.",),
    }


def test_decisions_of_older_models_count_until_there_are_newer_ones(world):
    mistaken(world, "coats")
    with world.database.write() as session:
        session.get_one(ModelRow, 1).status = "retired"
        add_model(session)
    assert proposed(world) == ["coats"]


def test_only_what_came_since_the_last_discovery_counts(world):
    ids = mistaken(world, "boots")
    add_run(world, "shoes", MONDAY + timedelta(days=1), is_open=False)
    assert proposed(world) == []
    decide(world, ids, 20, at=MONDAY + timedelta(days=2))
    assert proposed(world) == ["boots"]


def test_while_a_discovery_waits_runs_or_is_reviewed_its_line_is_not_proposed(world):
    mistaken(world, "boots")
    mistaken(world, "coats")
    add_run(world, "shoes", MONDAY - timedelta(days=1), is_open=True)
    with world.database.write() as session:
        jobs.add_job(session, JobKind.DISCOVER, {"category_id": "coats"}, "Ada")
    assert proposed(world) == []


def test_a_dismissed_proposal_stays_away_until_much_more_speaks_for_it(world):
    ids = mistaken(world, "boots", n=100, n_corrected=25)
    dismiss_proposal(world, "boots", "Bob")
    assert proposed(world) == [], "nor does the category above ask the same"
    [dismissed] = dismissed_proposals(world)
    assert (dismissed.node_id, dismissed.dismissed_by) == ("boots", "Bob")
    decide(world, ids, 28)
    assert proposed(world) == []
    decide(world, ids, 50)
    assert proposed(world) == ["boots"]
    assert dismissed_proposals(world) == []


def test_a_dismissed_proposal_can_be_brought_back_and_both_are_in_the_history(world):
    mistaken(world, "boots")
    dismiss_proposal(world, "boots", "Bob")
    restore_proposal(world, "boots", "Ada")
    restore_proposal(world, "boots", "Ada")
    assert proposed(world) == ["boots"]
    assert [(entry.author, entry.summary) for entry in history.entries(world, node_id="boots")] == [
        ("Ada", "Brought back the proposal to discover Shoes > Boots"),
        ("Bob", "Dismissed the proposal to discover Shoes > Boots"),
    ]


def test_a_discovery_ends_a_dismissal(world):
    ids = mistaken(world, "boots", n=100, n_corrected=50)
    dismiss_proposal(world, "boots", "Bob")
    later = utc_now() + timedelta(days=1)
    add_run(world, "boots", later, is_open=False)
    decide(world, ids, 25, at=later + timedelta(days=1))
    assert proposed(world) == ["boots"]


def test_dismissing_what_is_no_category_is_refused(world):
    with pytest.raises(NodeNotFoundError):
        dismiss_proposal(world, "nothing", "Ada")


def test_examples_are_those_the_model_is_least_sure_of_with_pictures_first(world):
    ids = add_products(world, 4, "boots")
    for key, confidence in zip(ids, (0.9, 0.2, 0.5, 0.1), strict=True):
        predict(world, [key], "boots", confidence)
    with world.database.write() as session:
        session.execute(update(ProductRow).where(ProductRow.id != ids[3]).values(image_hash="0" * 64))
        assert session.scalar(select(ProductRow.image_hash).where(ProductRow.id == ids[3])) is None
    found = proposal_examples(world, "shoes", limit=3)
    assert [(item.product_id, item.note) for item in found] == [
        (ids[1], "20 % sure"), (ids[2], "50 % sure"), (ids[0], "90 % sure"),
    ]  # fmt: skip
    assert proposal_examples(world, "coats") == []
