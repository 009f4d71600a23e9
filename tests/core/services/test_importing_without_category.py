"""Products without a category: rejected by default, on request under the root, where everything else bears them."""

from pathlib import Path

from sqlalchemy import select

from core.domain.classifier import ReviewState
from core.domain.progress import NullProgress
from core.services.catalogue import catalogue_totals, statistics
from core.services.context import Context
from core.services.exports import AssignmentKind, export_assignments
from core.services.importing import ImportResult, preview_import, run_import
from core.services.label_check import run_label_check
from core.services.new_products import classify_new
from core.services.taxonomy import taxonomy_view
from core.services.training_readiness import training_readiness
from db.models import AssignmentRow, PredictionRow, ProductRow

ROWS = [
    {"sku": "1", "title": "Red boot", "category": "Apparel > Shoes"},
    {"sku": "2", "title": "Blue heel", "category": ""},
]
UNPLACED = [{"sku": "u1", "title": "Leather ankle boots"}, {"sku": "u2", "title": "Canvas backpack"}]


def import_all(context: Context, file_path: Path) -> ImportResult:
    return run_import(context, file_path, None, None, "shop", "Ada", NullProgress(), without_category=True)


def place(context: Context, external_id: str) -> tuple[str, str]:
    with context.database.read() as session:
        row = session.scalars(select(ProductRow).where(ProductRow.external_id == external_id)).one()
    return row.node_id, row.source


def test_a_row_without_a_category_is_rejected_unless_it_is_wanted(context, write_csv, import_file):
    assert import_file(context, write_csv(ROWS)).reasons == {"missing category": 1}
    result = import_all(context, write_csv(ROWS))
    assert (result.n_new, result.n_unchanged, result.n_rejected) == (1, 1, 0)
    assert place(context, "2") == (taxonomy_view(context).taxonomy.root.id, "import")


def test_a_file_without_a_category_column_is_no_problem_then(context, write_csv):
    file_path = write_csv(UNPLACED)
    assert preview_import(context, file_path, None).problems
    assert not preview_import(context, file_path, None, require_category=False).problems
    assert import_all(context, file_path).n_new == 2


def test_a_known_product_keeps_its_place_when_its_row_names_none(context, write_csv, import_file):
    import_file(context, write_csv(ROWS[:1]))
    before = place(context, "1")
    result = import_all(context, write_csv([{"sku": "1", "title": "Red winter boot", "category": ""}]))
    assert result.n_updated == 1
    assert place(context, "1") == before


def test_a_category_that_comes_later_places_the_product(context, write_csv, import_file):
    import_all(context, write_csv(ROWS))
    import_file(context, write_csv([{**row, "category": "Apparel > Shoes"} for row in ROWS]))
    assert place(context, "2") == place(context, "1")


def test_every_service_bears_products_at_the_root(trained, write_csv, tmp_path):
    before = training_readiness(trained).n_products
    view = taxonomy_view(trained)
    assert import_all(trained, write_csv(UNPLACED)).n_new == 2
    assert taxonomy_view(trained).counts[view.taxonomy.root.id] == view.counts[view.taxonomy.root.id] + 2
    assert catalogue_totals(trained).n_products == 224
    assert statistics(trained).depth_distribution["depth"].min() == 0
    assert training_readiness(trained).n_products == before
    assert export_assignments(trained, AssignmentKind.CSV, tmp_path / "where.csv")
    run_label_check(trained, "Ada", NullProgress())
    classify_new(trained, "Ada", NullProgress())
    with trained.database.read() as session:
        at_root = select(ProductRow.id).where(ProductRow.node_id == view.taxonomy.root.id)
        rows = list(session.scalars(select(PredictionRow).where(PredictionRow.product_id.in_(at_root))))
        assigned = set(session.scalars(select(AssignmentRow.node_id).where(AssignmentRow.product_id.in_(at_root))))
    assert len(rows) == 2
    assert assigned == {view.taxonomy.root.id}
    assert {(row.is_change, row.review_state) for row in rows} == {(True, str(ReviewState.PENDING))}
