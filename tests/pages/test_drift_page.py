"""The Drift page and its box on Home: what they teach before there is anything, what they show, and what they start."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from core.domain.classifier import ReviewState
from core.domain.discovery import ClusterStatus
from core.domain.job import JobKind
from core.domain.progress import NullProgress
from core.services import discovery_proposals, jobs, models, review, taxonomy
from core.services.drift import Measure
from core.services.drift_measurement import measure_drift
from db.base import utc_now
from db.models import PredictionRow, ProductRow
from tests.pages.conftest import check

FIRST = datetime(2026, 10, 12, 9, tzinfo=UTC)


@pytest.fixture
def promoted(is_trained, ctx):
    """The trained workspace with its model in use and its review done; nothing measured yet."""
    models.promote_model(ctx, 1, "Ada")
    for cluster in review.open_review(ctx, 1).clusters:
        if cluster.level == 1 and cluster.status is ClusterStatus.OPEN:
            review.reject_cluster(ctx, cluster.id, "Ada")
    return ctx


@pytest.fixture
def measured(promoted):
    """Products spread over three weeks; a curator corrected most predictions of what she decided."""
    with promoted.database.write() as session:
        for week in range(3):
            values = {"created_at": FIRST + timedelta(weeks=week)}
            session.execute(update(ProductRow).where(ProductRow.id % 3 == week).values(**values))
        session.execute(update(ProductRow).where(ProductRow.created_at > FIRST).values(brand="Novel <3"))
        for row in session.scalars(select(PredictionRow)):
            row.review_state, row.decided_at = str(ReviewState.CORRECTED), utc_now()
    measure_drift(promoted, NullProgress())
    return promoted


def proposal(ctx):
    return discovery_proposals.discovery_proposals(ctx)[0]


def by_platform(ctx) -> dict[str, int]:
    with ctx.database.read() as session:
        query = select(ProductRow.platform, func.count()).group_by(ProductRow.platform)
        return dict(session.execute(query).all())


def told(at) -> str:
    bodies = [element.value for kind in (at.markdown, at.caption) for element in kind]
    return "\n".join([*bodies, *(str(element.proto.body) for element in at.get("html"))])


def button_keys(at) -> set[str]:
    return {button.key for button in at.button}


def test_an_empty_workspace_leads_to_the_import(empty_home, open_page):
    assert "Nothing to compare" in told(open_page("drift.py")).replace("There is nothing", "Nothing")


def test_without_a_classifier_it_says_why_and_leads_to_the_training(home, open_page):
    at = open_page("drift.py")
    assert "Drift needs a classifier" in told(at)
    assert at.button("empty_state_go").label == "Retrain the classifier"


def test_measuring_is_queued_as_a_job(promoted, worker_held, open_page):
    at = open_page("drift.py")
    assert "Nothing was measured yet" in told(at)
    check(at.button("drift_measure").click().run())
    assert jobs.list_jobs(promoted)[0].kind is JobKind.DRIFT
    assert at.button("drift_measure").disabled


def test_the_first_week_is_shown_as_the_yardstick(promoted, open_page):
    measure_drift(promoted, NullProgress())
    at = open_page("drift.py")
    assert "is the first week of this workspace" in told(at)
    [frame] = [table.value for table in at.dataframe]
    assert dict(zip(frame["Platform"], frame["Products"], strict=True)) == by_platform(promoted)


def test_the_table_shows_each_measure_by_platform_and_week(measured, open_page):
    at = open_page("drift.py")
    assert "in 3 weeks" in told(at)
    table = told(at).partition('data-testid="drift-table"')[2]
    assert [f">{name}<" in table for name in ("W42", "W43", "W44")] == [True] * 3
    assert "yardstick" in table and "100 %" in table
    at.segmented_control("drift_measure_shown").set_value("unsure")
    assert "yardstick<" not in told(check(at.run())).partition('data-testid="drift-table"')[2]


def test_another_week_shows_what_that_one_brought(measured, open_page):
    at = open_page("drift.py")
    assert at.selectbox("drift_week").value == "2026-W44"
    assert "products of unseen brands" not in told(at)
    at.selectbox("drift_week").set_value("2026-W43")
    unseen = told(check(at.run()))
    assert "products of unseen brands" in unseen
    assert "<span>Novel &lt;3<b>" in unseen, "what a catalogue says is text, never markup"


def test_a_proposal_shows_its_evidence_and_starts_the_discovery(measured, worker_held, open_page):
    found = proposal(measured)
    at = open_page("drift.py")
    assert "decided predictions were corrected" in told(at)
    assert told(at).count("% sure</p>") >= 6
    check(at.button(f"proposal_go_{found.node_id}").click().run())
    job = jobs.list_jobs(measured)[0]
    assert (job.kind, job.arguments["category_id"]) == (JobKind.DISCOVER, found.node_id)
    assert at.title[0].value == "Discover"
    name = taxonomy.taxonomy_view(measured).taxonomy.node(found.node_id).name
    assert f"### {name}" in [element.value for element in at.markdown]
    assert not any(key.startswith("proposal_go_") for key in button_keys(open_page("drift.py")) if found.node_id in key)


def test_a_dismissed_proposal_goes_and_can_be_brought_back(measured, open_page):
    node_id = proposal(measured).node_id
    at = open_page("drift.py")
    check(at.button(f"proposal_dismiss_{node_id}").click().run())
    assert f"proposal_go_{node_id}" not in button_keys(at)
    check(at.button(f"proposal_restore_{node_id}").click().run())
    assert f"proposal_go_{node_id}" in button_keys(at)


def test_a_measurement_that_is_outdated_says_so(measured, open_page):
    assert "Measure again" not in told(open_page("drift.py"))
    with measured.database.write() as session:
        session.execute(update(PredictionRow).values(predicted_at=utc_now()))
    assert "Measure again" in told(open_page("drift.py"))


def test_home_names_proposals_only_where_there_are_some(promoted, open_page):
    assert "home_drift" not in button_keys(open_page())
    with promoted.database.write() as session:
        session.execute(update(PredictionRow).values(review_state="corrected", decided_at=utc_now()))
    models.retire_model(promoted, 1, "Ada")  # an act: what pages keep is of the state before
    models.promote_model(promoted, 1, "Ada")
    at = open_page()
    assert "Worth another discovery" in told(at)
    assert check(at.button("home_drift").click().run()).title[0].value == "Drift"


def test_platforms_that_had_none_are_told_in_one_line_instead_of_rows_of_zeros(measured, open_page):
    quiet, *_ = sorted(by_platform(measured))
    with measured.database.write() as session:
        session.execute(update(ProductRow).where(ProductRow.platform == quiet).values(brand="Old"))
    measure_drift(measured, NullProgress())
    at = open_page("drift.py")
    at.segmented_control(key="drift_measure_shown").set_value(Measure.BRANDS).run()
    assert "1 other platform had none in these weeks" in told(at)
    assert f'<th scope="row" title="{quiet}">' not in told(at)
    at.segmented_control(key="drift_measure_shown").set_value(Measure.WORDS).run()
    assert "1 other platform had none" not in told(at)
