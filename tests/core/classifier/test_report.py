from dataclasses import replace

import numpy as np
import pytest

from core.classifier.report import predict_and_report, report_on
from core.classifier.training import fit_classifier
from core.domain.errors import ShapeError
from core.domain.model_report import WHOLE_PATH


@pytest.fixture(scope="module")
def hard(catalogue_factory):
    """Products the classifier never saw, noisy enough for it to be wrong now and then."""
    return catalogue_factory(40, noise=1.6, seed=11)


@pytest.fixture(scope="module")
def report(trained, hard):
    platforms = ["large"] * 150 + ["small"] * 90
    return report_on(trained, hard.features, hard.paths, platforms, list(range(1000, 1240)))


def test_every_part_speaks_of_the_same_predictions(trained, hard, report):
    predicted = trained.predict(hard.features)
    is_exact = [path.node_ids == true for path, true in zip(predicted, hard.paths, strict=True)]
    assert report.metrics.exact_path_accuracy == pytest.approx(np.mean(is_exact))
    assert 0.2 < np.mean(is_exact) < 1.0
    assert sum(found.n_products for found in report.confusions) == is_exact.count(False)
    assert {product_id for found in report.confusions for product_id in found.product_ids} <= {
        1000 + row for row, right in enumerate(is_exact) if not right
    }
    assert [(each.platform, each.n_products) for each in report.platforms] == [("large", 150), ("small", 90)]
    assert report.platforms[0].exact_path_accuracy == pytest.approx(np.mean(is_exact[:150]))
    assert report.stopping[0].hierarchical_f1 == pytest.approx(report.metrics.hierarchical_f1)
    assert [node.node_id for node in report.nodes if node.level == 1] == ["bags", "jewellery", "shoes"]


def test_calibration_is_told_of_the_path_and_of_every_level_reached(trained, report):
    assert [found.level for found in report.calibration] == [WHOLE_PATH, 1, 2, 3, 4, 5]
    whole, *levels = report.calibration
    assert whole.error_after == pytest.approx(report.metrics.expected_calibration_error)
    assert whole.temperature == 1.0
    assert tuple(found.temperature for found in levels) == trained.temperatures
    for found in report.calibration:
        n_products = sum(group.n_products for group in found.bins_after)
        gap = sum(group.n_products * abs(group.mean_confidence - group.accuracy) for group in found.bins_after)
        assert found.error_after == pytest.approx(gap / n_products)


def test_the_confidence_of_a_level_leaves_out_that_the_path_ends_there(trained, hard, report):
    """Of the first level it is the sum over all paths below a node: right as often as the node is."""
    class_ids, confidences = trained.predict_arrays(hard.features)
    nodes = [trained.tree.levels[0][i].node_id for i in class_ids[:, 0]]
    is_right = [node == path[0] for node, path in zip(nodes, hard.paths, strict=True)]
    first = report.calibration[1]
    total = sum(group.n_products for group in first.bins_after)
    assert total == len(hard.paths)
    mean = sum(group.n_products * group.mean_confidence for group in first.bins_after) / total
    accuracy = sum(group.n_products * group.accuracy for group in first.bins_after) / total
    assert (mean, accuracy) == pytest.approx((confidences[:, 0].mean(), np.mean(is_right)), rel=1e-5)


def test_before_is_what_temperature_one_gives(trained, hard):
    hot = replace(trained, temperatures=(3.0,) * trained.tree.depth)
    cool = replace(trained, temperatures=(1.0,) * trained.tree.depth)
    one, other = (report_on(each, hard.features, hard.paths) for each in (hot, cool))
    assert one.calibration[0].error_before == other.calibration[0].error_after
    assert one.calibration[0].error_before != one.calibration[0].error_after


def test_no_predicted_path_is_invalid_with_the_mask(report):
    assert report.share_invalid == 0.0


def test_without_the_mask_invalid_paths_are_counted_and_kept_as_they_are(catalogue_factory, small_parameters):
    noisy = catalogue_factory(40, noise=4.0)
    rows = np.arange(len(noisy.paths))
    parameters = replace(small_parameters, is_masked=False, max_epochs=2, lr=1e-3)
    fitted = fit_classifier(noisy.features, noisy.paths, rows[rows % 4 > 0], rows[rows % 4 == 0], parameters)
    held_out = catalogue_factory(40, noise=4.0, seed=3)
    report, predicted = predict_and_report(fitted.predictor, held_out.features, held_out.paths)
    known = {path[:end] for path in noisy.paths for end in range(1, len(path) + 1)}
    share = np.mean([path.node_ids not in known for path in predicted])
    assert report.share_invalid == pytest.approx(share)
    assert share > 0
    for path in predicted:
        assert len(path.level_confidences) == len(path.node_ids)
        assert list(path.level_confidences) == sorted(path.level_confidences, reverse=True)


def test_paths_that_the_tree_lacks_are_missed_and_no_fault(trained, hard):
    paths = [("hats",), ("shoes", "heels", "high"), *hard.paths[2:]]
    report = report_on(trained, hard.features, paths)
    by_id = {node.node_id: node for node in report.nodes}
    assert (by_id["hats"].n_products, by_id["hats"].n_predicted, by_id["hats"].recall) == (1, 0, 0.0)
    assert by_id["high"].recall == 0.0
    assert report.share_invalid == 0.0
    assert any(found.true_node_id == "hats" for found in report.confusions)
    assert report.platforms == ()


def test_the_decoding_is_the_classifiers_own_unless_said(trained, hard):
    greedy = replace(trained, decoding="greedy")
    assert report_on(greedy, hard.features, hard.paths) == report_on(
        trained, hard.features, hard.paths, decode="greedy"
    )


def test_no_products_cannot_be_reported_on(trained):
    with pytest.raises(ShapeError):
        report_on(trained, {"title": np.zeros((0, 8), np.float32)}, [])
