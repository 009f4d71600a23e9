"""Approving all clusters above a quality."""

import pytest
from sqlalchemy import update

from core.domain.discovery import ClusterStatus
from core.domain.errors import RunNotFoundError, StaleRevisionError, TaxonomyError
from core.services.bulk_approval import Measure, approve_above, preview_above
from core.services.context import Context
from core.services.review import cluster_products, exclude_products, last_act, name_cluster, open_review, undo
from db.models import ClusterRow


def clusters_of(context: Context):
    return [found for found in open_review(context, 1).clusters if found.level == 1]


def set_qualities(context: Context, values: list[float], column: str = "silhouette") -> None:
    with context.database.write() as session:
        for cluster, value in zip(clusters_of(context), values, strict=True):
            session.execute(update(ClusterRow).where(ClusterRow.id == cluster.id).values({column: value}))


def name(context: Context, index: int, wanted: str) -> None:
    cluster = clusters_of(context)[index]
    name_cluster(context, cluster.id, wanted, cluster.revision, "Ada")


@pytest.fixture
def graded(discovered: Context) -> Context:
    set_qualities(discovered, [0.1, 0.9, 0.5, 0.7, 0.3])
    for index in range(5):
        name(discovered, index, f"Kind {index}")
    return discovered


def test_a_preview_takes_what_reaches_the_threshold_best_first(graded):
    preview = preview_above(graded, 1, 0.5)
    assert [(item.name, item.quality) for item in preview.taken] == [("Kind 1", 0.9), ("Kind 3", 0.7), ("Kind 2", 0.5)]
    assert preview.n_below == 2
    assert preview.n_products == sum(item.cluster.size for item in preview.taken)
    assert not any(item.is_known for item in preview.taken)


def test_what_is_taken_is_approved_in_one_act(graded, dump_run):
    before = dump_run(graded, 1)
    preview = preview_above(graded, 1, 0.5)
    result = approve_above(graded, 1, 0.5, "silhouette", "Ada", seen=preview.revisions)
    assert result.n_products == preview.n_products
    approved = {found.id for found in clusters_of(graded) if found.status is ClusterStatus.APPROVED}
    assert approved == {item.cluster.id for item in preview.taken}
    undo(graded, 1, "Ada")
    assert dump_run(graded, 1) == before


def test_clusters_called_alike_unnamed_or_empty_are_left_out_with_the_reason(graded):
    name(graded, 1, "kind 3")
    empty, unnamed = clusters_of(graded)[2], clusters_of(graded)[4]
    held = [item.product_id for item in cluster_products(graded, 1, empty.id, limit=1000)[0]]
    exclude_products(graded, 1, held, "Ada")
    with graded.database.write() as session:
        suggestion = [{"name": "Group 5", "source": "words", "evidence": ""}]
        values = {"name": "", "suggested_names": suggestion}
        session.execute(update(ClusterRow).where(ClusterRow.id == unnamed.id).values(values))
    preview = preview_above(graded, 1, -1.0)
    assert [item.name for item in preview.taken] == ["Kind 0"]
    reasons = {item.cluster.number: item.reason for item in preview.left_out}
    assert "no products" in reasons[empty.number]
    assert "suggest no name" in reasons[unnamed.number]
    assert sum("would be called" in reason for reason in reasons.values()) == 2


def test_a_name_the_category_has_already_is_told(graded):
    approve_above(graded, 1, 0.9, Measure.SILHOUETTE, "Ada")
    name(graded, 3, "KIND 1")
    [taken] = preview_above(graded, 1, 0.7).taken
    assert taken.is_known


def test_the_best_suggestion_stands_for_a_name(discovered):
    set_qualities(discovered, [0.0, 0.0, 0.0, 0.0, 0.8])
    cluster = clusters_of(discovered)[-1]
    [taken] = preview_above(discovered, 1, 0.5).taken
    assert taken.name == cluster.suggested_names[0]


def test_another_measure_takes_others(graded):
    set_qualities(graded, [0.9, 0.1, 0.1, 0.1, 0.1], "stability")
    assert [item.name for item in preview_above(graded, 1, 0.8, Measure.STABILITY).taken] == ["Kind 0"]
    with pytest.raises(TaxonomyError, match="charm"):
        preview_above(graded, 1, 0.8, "charm")


def test_what_changed_since_the_preview_is_not_approved(graded):
    seen = preview_above(graded, 1, 0.5).revisions
    name(graded, 1, "Something else")
    with pytest.raises(StaleRevisionError, match="than you saw"):
        approve_above(graded, 1, 0.5, "silhouette", "Bob", seen=seen)
    assert all(found.status is ClusterStatus.OPEN for found in clusters_of(graded))


def test_nothing_above_the_threshold_is_said(graded):
    last = last_act(graded, 1, "Ada")
    with pytest.raises(TaxonomyError, match=r"0\.95"):
        approve_above(graded, 1, 0.95, "silhouette", "Ada")
    assert last_act(graded, 1, "Ada") == last
    with pytest.raises(RunNotFoundError):
        preview_above(graded, 99, 0.5)
