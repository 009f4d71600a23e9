import pytest

from core.classifier.confusion import MAX_EXAMPLES, sibling_confusions
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError


def _said(*node_ids, sure=0.5):
    return PredictedPath(node_ids, tuple(sure for _ in node_ids))


def _pairs(true, predicted):
    found = sibling_confusions(true, predicted)
    return [(each.parent_id, each.true_node_id, each.predicted_node_id, each.n_products) for each in found]


def test_right_paths_are_no_confusion():
    assert sibling_confusions([("a", "b")], [_said("a", "b")]) == ()


def test_a_wrong_path_counts_once_where_it_parts_from_the_truth():
    true = [("shoes", "heels", "high"), ("shoes", "heels"), ("bags", "clutch")]
    predicted = [_said("shoes", "boots", "ankle"), _said("shoes", "boots"), _said("shoes", "heels")]
    assert _pairs(true, predicted) == [("shoes", "heels", "boots", 2), ("", "bags", "shoes", 1)]


def test_a_path_that_ends_at_the_parent_is_taken_for_the_parent():
    assert _pairs([("shoes", "heels")], [_said("shoes")]) == [("shoes", "heels", "shoes", 1)]
    assert _pairs([("shoes",)], [_said("shoes", "heels")]) == [("shoes", "shoes", "heels", 1)]


def test_the_share_is_of_the_products_at_or_below_the_true_node():
    true = [("shoes", "heels"), ("shoes", "heels", "high"), ("shoes", "heels"), ("shoes", "boots")]
    predicted = [_said("shoes", "boots"), *(_said(*path) for path in true[1:])]
    [found] = sibling_confusions(true, predicted)
    assert found.share == pytest.approx(1 / 3)


def test_examples_are_those_whose_wrong_node_was_most_certain():
    n_products = MAX_EXAMPLES + 3
    predicted = [PredictedPath(("a", "c", "d"), (1.0, i / 100, (n_products - i) / 1000)) for i in range(n_products)]
    ids = [1000 + i for i in range(n_products)]
    [found] = sibling_confusions([("a", "b")] * n_products, predicted, ids)
    assert found.n_products == n_products
    assert found.product_ids == tuple(reversed(ids[3:]))


def test_the_most_frequent_come_first_and_equals_by_share():
    true = [("a",)] * 4 + [("b",)] * 2 + [("c",)] * 2
    predicted = [_said("b"), _said("a"), _said("a"), _said("a"), _said("a"), _said("b"), _said("a"), _said("a")]
    assert _pairs(true, predicted) == [("", "c", "a", 2), ("", "b", "a", 1), ("", "a", "b", 1)]


def test_ids_of_other_products_are_refused():
    for true, predicted, ids in (([("a",)], [], None), ([("a",)], [_said("a")], [1, 2])):
        with pytest.raises(ShapeError):
            sibling_confusions(true, predicted, ids)
