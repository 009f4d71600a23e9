"""What was imported since the last run is classified, once, and what a curator settled is left alone."""

import pytest
from sqlalchemy import delete, select, update

from core.domain.errors import ModelNotFoundError
from core.domain.progress import NullProgress
from core.services import new_products
from core.services.catalogue import data_revision
from core.services.context import Context
from core.services.models import retire_model
from core.services.new_products import classify_new
from core.services.unpredicted import count_unpredicted
from db.base import utc_now
from db.models import ModelRow, PredictionRow, ProductRow

BOOTS = [{"sku": f"n{n}", "title": f"Leather ankle boots {n}", "category": "Apparel & Accessories > Shoes"}
         for n in range(3)]  # fmt: skip


def rows_of(context: Context) -> list[PredictionRow]:
    with context.database.read() as session:
        return list(session.scalars(select(PredictionRow).order_by(PredictionRow.product_id)))


def forget(context: Context, n_products: int) -> list[PredictionRow]:
    """Forget what the model said of the first products, and return that."""
    gone = rows_of(context)[:n_products]
    with context.database.write() as session:
        session.execute(delete(PredictionRow).where(PredictionRow.id.in_([row.id for row in gone])))
    return gone


def test_imported_products_are_classified_once(trained, write_csv, import_file):
    assert count_unpredicted(trained) == 0
    import_file(trained, write_csv(BOOTS))
    assert count_unpredicted(trained) == 3
    result = classify_new(trained, "Ada", NullProgress())
    assert (result.n_new, result.n_classified, result.model_id) == (3, 3, 1)
    assert count_unpredicted(trained) == 0
    n_rows = len(rows_of(trained))
    again = classify_new(trained, "Ada", NullProgress())
    assert (again.n_new, len(rows_of(trained))) == (0, n_rows)


class _Revisions(NullProgress):
    """Remembers under which revision pages would keep what they read while predictions were valued."""

    def __init__(self, context: Context) -> None:
        self._context, self.seen = context, []

    def report(self, fraction: float, message: str) -> None:
        if message.startswith("Valued"):
            self.seen.append(data_revision(self._context))


def test_pages_do_not_keep_what_they_read_before_predictions_were_valued(trained, write_csv, import_file):
    for n_new in (3, 0):
        if n_new:
            import_file(trained, write_csv(BOOTS))
        revisions = _Revisions(trained)
        assert classify_new(trained, "Ada", revisions).n_new == n_new
        assert revisions.seen
        assert data_revision(trained) not in revisions.seen


def test_new_products_are_predicted_as_a_training_predicts_them(trained):
    before = forget(trained, 40)
    classify_new(trained, "Ada", NullProgress())
    after = {row.product_id: row for row in rows_of(trained)}
    for row in before:
        same = after[row.product_id]
        if same.stage == row.stage:
            assert (same.node_id, same.path, same.is_change) == (row.node_id, row.path, row.is_change)
            assert same.confidence == pytest.approx(row.confidence, abs=1e-4)
        assert same.text_node_id == row.text_node_id


@pytest.mark.parametrize(("threshold", "stages"), [(0.0, {1}), (1.01, {2})])
def test_the_threshold_decides_which_stage_speaks(trained, threshold, stages):
    with trained.database.write() as session:
        session.execute(update(ModelRow).values(escalate_below=threshold))
    forget(trained, 30)
    now = utc_now()
    result = classify_new(trained, "Ada", NullProgress())
    fresh = [row for row in rows_of(trained) if row.predicted_at >= now]
    assert len(fresh) == result.n_classified == 30
    assert {row.stage for row in fresh} == stages
    assert result.n_escalated == (30 if stages == {2} else 0)
    for row in fresh:
        assert row.text_confidence is not None
        if row.stage == 1:
            assert (row.node_id, row.confidence) == (row.text_node_id, row.text_confidence)


def test_pictures_of_products_settled_by_their_text_are_not_embedded(trained, monkeypatch):
    with trained.database.write() as session:
        session.execute(update(ModelRow).values(escalate_below=0.0))
    forget(trained, 30)
    asked = []
    features = new_products.classifier_features
    monkeypatch.setattr(
        new_products, "classifier_features",
        lambda context, encoders, *rest: asked.extend(encoders.by_modality) or features(context, encoders, *rest),
    )  # fmt: skip
    classify_new(trained, "Ada", NullProgress())
    assert "title" in asked
    assert "image" not in asked


def test_a_changed_product_is_classified_anew_and_a_settled_one_is_not(trained, write_csv, import_file):
    import_file(trained, write_csv(BOOTS))
    classify_new(trained, "Ada", NullProgress())
    with trained.database.write() as session:
        ids = list(session.scalars(select(ProductRow.id).where(ProductRow.external_id.in_(["n0", "n1", "n2"]))))
        ofs = PredictionRow.product_id == ids[1]
        session.execute(update(PredictionRow).where(ofs).values(review_state="accepted"))
        session.execute(update(ProductRow).where(ProductRow.id == ids[2]).values(source="curator"))
    import_file(trained, write_csv([{**row, "title": f"Canvas backpack {row['sku']}"} for row in BOOTS]))
    before = {row.product_id: row for row in rows_of(trained)}
    assert classify_new(trained, "Ada", NullProgress()).n_classified == 1
    after = {row.product_id: row for row in rows_of(trained)}
    assert after[ids[0]].id == before[ids[0]].id
    assert after[ids[0]].predicted_at > before[ids[0]].predicted_at
    assert [after[key].predicted_at for key in ids[1:]] == [before[key].predicted_at for key in ids[1:]]
    assert len(after) == len(before)


def test_a_killed_run_goes_on_where_it_was(trained, monkeypatch):
    class StopsAt:
        def report(self, fraction: float, message: str = "", **metrics: float) -> None:
            if message.startswith("Classified 20 "):
                raise KeyboardInterrupt

    forget(trained, 30)
    monkeypatch.setattr(new_products, "CHUNK", 10)
    with pytest.raises(KeyboardInterrupt):
        classify_new(trained, "Ada", StopsAt())
    assert count_unpredicted(trained) == 10
    assert classify_new(trained, "Ada", NullProgress()).n_classified == 10


def test_without_a_model_in_use_it_says_what_to_do(trained):
    retire_model(trained, 1, "Ada")
    assert count_unpredicted(trained) is None
    with pytest.raises(ModelNotFoundError) as caught:
        classify_new(trained, "Ada", NullProgress())
    assert "Promote" in caught.value.remedy
