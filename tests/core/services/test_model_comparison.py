"""Two classifiers on what both held out: figures worked out by hand on a small catalogue."""

import pytest
from sqlalchemy import select

from core.domain.errors import ModelNotFoundError, ParameterError
from core.domain.model_comparison import ENOUGH, Right
from core.domain.taxonomy import AssignmentSource
from core.services.model_comparison import compare_models
from core.services.taxonomy import find_category, taxonomy_view
from core.services.taxonomy_edit import add_category, merge
from db.models import ProductRow
from db.repositories import assignments
from tests.core.services.model_world import METRICS, add_model, write_artefact

APPAREL = "Apparel & Accessories"
N = 24


class Shelf:
    """The imported workspace, its shoes and clothes, and two models that know both."""

    def __init__(self, context):
        self.context = context
        self.shoes, self.clothing = self.path(APPAREL, "Shoes"), self.path(APPAREL, "Clothing")
        with context.database.read() as session:
            rows = session.execute(select(ProductRow.id, ProductRow.node_id).order_by(ProductRow.id)).all()
        self.in_shoes = [key for key, node_id in rows if node_id == self.shoes[-1]][:N]
        self.in_clothing = [key for key, node_id in rows if node_id == self.clothing[-1]][:N]
        self.a, self.b = add_model(context), add_model(context)

    def path(self, *names):
        taxonomy = taxonomy_view(self.context).taxonomy
        return tuple(node.id for node in taxonomy.path(find_category(self.context, names)))

    def write(self, model_id, said, known=(), platform="shop"):
        write_artefact(self.context, model_id, known or (self.shoes, self.clothing), said, platform)

    def compare(self):
        return compare_models(self.context, self.a, self.b)


@pytest.fixture
def shelf(imported):
    return Shelf(imported)


def test_only_products_that_both_held_out_count(shelf):
    shelf.write(shelf.a, dict.fromkeys(shelf.in_shoes, shelf.shoes))
    shelf.write(shelf.b, dict.fromkeys(shelf.in_shoes[4:] + shelf.in_clothing, shelf.shoes))
    found = shelf.compare()
    assert (found.n_common, found.is_enough) == (N - 4, N - 4 >= ENOUGH)
    assert found.a.hierarchical_f1 == found.b.hierarchical_f1 == 1.0
    assert found.disagreements == ()


def test_scores_categories_and_platforms_of_both(shelf):
    products = shelf.in_shoes + shelf.in_clothing
    truth = dict.fromkeys(shelf.in_shoes, shelf.shoes) | dict.fromkeys(shelf.in_clothing, shelf.clothing)
    shelf.write(shelf.a, truth, platform="one")
    shelf.write(shelf.b, dict.fromkeys(products, shelf.shoes))
    found = shelf.compare()
    assert found.n_common == 2 * N
    assert (found.a.hierarchical_f1, found.a.exact_path_accuracy) == (1.0, 1.0)
    # each path has two nodes: the top one is always right, the lower one for half of the products
    assert (found.b.hierarchical_f1, found.b.exact_path_accuracy) == (pytest.approx(0.75), 0.5)
    by_path = {node.path: node for node in found.nodes}
    assert by_path[f"{APPAREL} > Shoes"].f1_b == pytest.approx(2 / 3)
    assert by_path[f"{APPAREL} > Shoes"].n_products == N
    assert by_path[f"{APPAREL} > Clothing"].difference == -1.0
    assert found.nodes[0].path == f"{APPAREL} > Clothing"
    assert by_path[APPAREL].difference == 0.0
    assert [(part.platform, part.n_products) for part in found.platforms] == [("one", 2 * N)]
    assert found.platforms[0].difference == pytest.approx(-0.25)


def test_it_lists_where_they_differ_and_who_is_right(shelf):
    one, two, three, four = shelf.in_shoes[:4]
    right, wrong, short = shelf.shoes, shelf.clothing, shelf.shoes[:1]
    shelf.write(shelf.a, {one: right, two: wrong, three: wrong, four: right})
    shelf.write(shelf.b, {one: wrong, two: right, three: short, four: right})
    found = shelf.compare()
    assert [(each.product_id, each.right) for each in found.disagreements] == [
        (one, Right.A), (two, Right.B), (three, Right.NEITHER),
    ]  # fmt: skip
    last = found.disagreements[-1]
    assert (last.true_path, last.path_a, last.path_b) == (f"{APPAREL} > Shoes", f"{APPAREL} > Clothing", APPAREL)


def test_a_merged_category_is_judged_where_it_went(shelf):
    shelf.write(shelf.a, dict.fromkeys(shelf.in_shoes, shelf.clothing))
    shelf.write(shelf.b, dict.fromkeys(shelf.in_shoes, shelf.shoes))
    merge(shelf.context, [shelf.clothing[-1]], shelf.shoes[-1], revisions={}, author="Ada")
    found = shelf.compare()
    assert found.a.exact_path_accuracy == found.b.exact_path_accuracy == 1.0
    assert found.disagreements == ()


def test_the_older_one_is_not_blamed_for_what_was_named_after_it(shelf):
    boots = add_category(shelf.context, shelf.shoes[-1], "Boots", revisions={}, author="Ada").node_ids[0]
    with shelf.context.database.write() as session:
        assignments.assign(session, [(key, boots) for key in shelf.in_shoes], AssignmentSource.CURATOR, "Ada")
    shelf.write(shelf.a, dict.fromkeys(shelf.in_shoes, shelf.shoes))
    shelf.write(shelf.b, dict.fromkeys(shelf.in_shoes, (*shelf.shoes, boots)), [(*shelf.shoes, boots), shelf.clothing])
    found = shelf.compare()
    assert found.n_common == N
    assert found.a.hierarchical_f1 == found.b.hierarchical_f1 == 1.0
    assert {node.path for node in found.nodes} == {APPAREL, f"{APPAREL} > Shoes"}


def test_products_whose_place_says_nothing_are_left_out(shelf):
    boots = add_category(shelf.context, shelf.shoes[-1], "Boots", revisions={}, author="Ada").node_ids[0]
    moved, unsorted = shelf.in_shoes[:2], shelf.in_shoes[2:]
    with shelf.context.database.write() as session:
        assignments.assign(session, [(key, boots) for key in moved], AssignmentSource.CURATOR, "Ada")
    for model_id in (shelf.a, shelf.b):
        shelf.write(model_id, dict.fromkeys(shelf.in_shoes, shelf.shoes))
    found = shelf.compare()
    assert (found.n_common, found.n_left_out) == (len(moved), len(unsorted))


def test_without_common_products_each_keeps_its_own_figures(shelf):
    shelf.write(shelf.a, dict.fromkeys(shelf.in_shoes, shelf.shoes))
    found = shelf.compare()
    assert (found.n_common, found.is_enough, found.a, found.nodes) == (0, False, None, ())
    assert found.own_a == found.own_b == METRICS


def test_a_model_is_compared_with_another_that_exists(shelf):
    with pytest.raises(ParameterError):
        compare_models(shelf.context, shelf.a, shelf.a)
    with pytest.raises(ModelNotFoundError):
        compare_models(shelf.context, shelf.a, 99)
