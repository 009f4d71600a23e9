"""What a look at each prediction is worth, as it is written down."""

import shutil

import numpy as np
import pytest
from sqlalchemy import select, update

from core.domain.errors import ModelNotFoundError
from core.domain.prediction_queue import PredictionQuery
from core.domain.progress import NullProgress
from core.inference.review_sample import sample_size
from core.services.context import Context
from core.services.prediction_acts import accept
from core.services.prediction_queue import look_alike_items, queue_ids, queue_page
from core.services.prediction_scores import score_predictions
from core.services.taxonomy_edit import deprecate
from db.models import PredictionRow


def rows(context: Context) -> list[PredictionRow]:
    with context.database.read() as session:
        return list(session.scalars(select(PredictionRow).order_by(PredictionRow.id)))


def said(context: Context) -> list[tuple]:
    return [(row.value, row.group_id, row.is_sample) for row in rows(context)]


def forget(context: Context) -> None:
    with context.database.write() as session:
        session.execute(update(PredictionRow).values(value=0.0, group_id=0, is_sample=False))


@pytest.fixture
def scored(trained: Context) -> Context:
    forget(trained)
    score_predictions(trained, 1, NullProgress())
    return trained


def test_every_prediction_that_waits_is_valued_and_the_doubtful_lead(scored):
    others = [row for row in rows(scored) if not row.is_sample and not row.group_id]
    assert min(row.value for row in rows(scored)) > 0
    ranks = [
        np.argsort(np.argsort(values)) for values in ([row.value for row in others], [-r.confidence for r in others])
    ]
    assert np.corrcoef(ranks)[0, 1] > 0.7


def test_look_alikes_are_of_one_category_and_two_or_more(scored):
    groups: dict[int, list[PredictionRow]] = {}
    for row in rows(scored):
        groups.setdefault(row.group_id, []).append(row)
    del groups[0]
    assert groups
    for members in groups.values():
        assert len(members) >= 2
        assert len({row.node_id for row in members}) == 1
    first = next(iter(groups.values()))[0]
    assert {item.id for item in look_alike_items(scored, first.id)} | {first.id} == {
        row.id for row in groups[first.group_id]
    }


def test_scoring_again_says_the_same(scored):
    before = said(scored)
    score_predictions(scored, 1, NullProgress())
    assert said(scored) == before


def test_the_sample_is_a_random_tenth_that_stays_though_some_were_decided(scored):
    sample = {row.id for row in rows(scored) if row.is_sample}
    assert len(sample) == sample_size(222)
    accept(scored, sorted(sample)[:5], "Ada")
    score_predictions(scored, 1, NullProgress())
    assert {row.id for row in rows(scored) if row.is_sample} == sample


def test_of_predictions_that_come_later_as_large_a_share_joins_the_sample(scored):
    before = {row.id: row.is_sample for row in rows(scored)}
    with scored.database.write() as session:
        columns = [column.name for column in PredictionRow.__table__.columns if column.name != "id"]
        fresh = {"value": 0.0, "group_id": 0, "is_sample": False}
        for _ in range(4):
            for row in rows(scored)[:222]:
                session.add(PredictionRow(**{**{name: getattr(row, name) for name in columns}, **fresh}))
    score_predictions(scored, 1, NullProgress())
    found = {row.id: row.is_sample for row in rows(scored)}
    assert {key: found[key] for key in before} == before
    joined = sum(is_sample for key, is_sample in found.items() if key not in before)
    assert joined == pytest.approx(4 * sample_size(222), abs=30)


def test_predictions_made_anew_change_nothing_about_the_sample(scored):
    sample = {row.id for row in rows(scored) if row.is_sample}
    accept(scored, sorted(sample)[:5], "Ada")
    with scored.database.write() as session:  # as an import does that changes every price
        waits = PredictionRow.review_state == "pending"
        session.execute(update(PredictionRow).where(waits).values(value=0.0, group_id=0))
    score_predictions(scored, 1, NullProgress())
    assert {row.id for row in rows(scored) if row.is_sample} == sample


def test_categories_that_were_merged_are_one(scored):
    kept, gone = sorted({row.node_id for row in rows(scored)})[:2]
    with scored.database.write() as session:
        session.execute(update(PredictionRow).values(text_node_id=gone, text_confidence=0.9))
        session.execute(update(PredictionRow).where(PredictionRow.id % 2 == 0).values(node_id=gone))
        session.execute(update(PredictionRow).where(PredictionRow.id % 2 == 1).values(node_id=kept))
    score_predictions(scored, 1, NullProgress())
    apart = {row.id: row for row in rows(scored)}
    deprecate(scored, [gone], kept, revisions={}, author="Ada")
    score_predictions(scored, 1, NullProgress())
    now = {row.id: row for row in rows(scored)}
    assert any(len({key % 2 for key in members}) == 2 for members in members_by_group(now.values()))
    odd = [key for key in now if key % 2 and not (apart[key].group_id or now[key].group_id or now[key].is_sample)]
    assert odd
    assert all(now[key].value < apart[key].value for key in odd), "its stages agree by now"


def members_by_group(found) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for row in found:
        groups.setdefault(row.group_id, []).append(row.id)
    return [members for group, members in groups.items() if group]


def test_the_sample_is_met_in_an_order_of_its_own_whatever_the_doubt(scored):
    before = queue_ids(scored, PredictionQuery(only_sample=True))
    with scored.database.write() as session:
        session.execute(update(PredictionRow).values(confidence=1 - PredictionRow.confidence))
    score_predictions(scored, 1, NullProgress())
    assert queue_ids(scored, PredictionQuery(only_sample=True)) == before


def test_the_sample_is_spread_over_the_queue(scored):
    items, _ = queue_page(scored, PredictionQuery(), 222)
    places = [place for place, item in enumerate(items) if item.is_sample]
    assert 0.3 < np.mean(places) / 222 < 0.7


def test_groups_of_decided_ones_are_not_mixed_with_new_ones(scored):
    grouped = next(row for row in rows(scored) if row.group_id)
    accept(scored, [grouped.id], "Ada")
    score_predictions(scored, 1, NullProgress())
    waiting = {row.group_id for row in rows(scored) if row.review_state == "pending"} - {0}
    assert grouped.group_id not in waiting


def test_without_embeddings_all_are_valued_too(scored):
    before = len(rows(scored))
    shutil.rmtree(scored.workspace.features)
    forget(scored)
    score_predictions(scored, 1, NullProgress())
    assert sum(row.value > 0 for row in rows(scored)) == before


def test_an_unknown_model_is_refused(trained):
    with pytest.raises(ModelNotFoundError):
        score_predictions(trained, 99, NullProgress())
