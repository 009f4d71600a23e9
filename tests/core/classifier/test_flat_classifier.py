import numpy as np
import pytest

from core.classifier.flat_classifier import fit_flat_classifier, most_probable_paths, path_class_ids
from core.classifier.label_tree import LabelTree
from core.classifier.linear_head import concatenated
from core.classifier.metrics import evaluate
from core.domain.errors import TrainingDataError


@pytest.fixture(scope="module")
def flat(catalogue_factory):
    catalogue = catalogue_factory(40)
    rows = np.arange(len(catalogue.paths))
    features = concatenated(list(catalogue.features.values()))
    train, validation, test = rows[rows % 5 > 1], rows[rows % 5 == 1], rows[rows % 5 == 0]
    classifier = fit_flat_classifier(features, catalogue.paths, train, validation)
    return classifier, features[test], [catalogue.paths[row] for row in test]


def test_unseen_products_get_their_path_and_the_hierarchical_metrics(flat):
    classifier, features, paths = flat
    found = evaluate(paths, classifier.predict(features))
    assert found.hierarchical_f1 > 0.95
    assert len(found.levels) == 5


def test_a_levels_confidence_is_the_sum_over_the_paths_through_its_node(ragged_paths):
    tree = LabelTree(ragged_paths)
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(tree.paths)), size=50).astype(np.float32)
    for row, predicted in zip(probabilities, most_probable_paths(probabilities, tree), strict=True):
        chosen = tree.paths[int(row.argmax())]
        assert predicted.node_ids == chosen
        for depth in range(1, len(chosen)):
            through = sum(p for p, path in zip(row, tree.paths, strict=True) if path[:depth] == chosen[:depth])
            assert predicted.level_confidences[depth - 1] == pytest.approx(through, abs=1e-6)
        assert predicted.confidence == pytest.approx(row.max())
        assert len(predicted.level_confidences) == len(chosen)


def test_an_inner_node_that_holds_products_is_a_path_of_its_own(flat):
    classifier, features, paths = flat
    rows = [i for i, path in enumerate(paths) if path == ("shoes",)]
    predicted = [path.node_ids for path in classifier.predict(features[rows])]
    assert predicted.count(("shoes",)) > 0.8 * len(rows)


def test_paths_that_the_training_lacks_are_never_predicted_and_judge_nothing(catalogue_factory):
    catalogue = catalogue_factory(10)
    features = concatenated(list(catalogue.features.values()))
    rows = np.arange(len(features))
    is_bag = np.array([path == ("bags",) for path in catalogue.paths])
    classifier = fit_flat_classifier(features, catalogue.paths, rows[~is_bag], rows[is_bag])
    assert ("bags",) not in {path.node_ids for path in classifier.predict(features)}
    assert (path_class_ids(catalogue.paths, rows[is_bag], classifier.tree) == -1).all()


def test_without_training_products_there_is_no_classifier(catalogue_factory):
    catalogue = catalogue_factory(5)
    nobody = np.zeros(0, dtype=np.int64)
    with pytest.raises(TrainingDataError):
        fit_flat_classifier(catalogue.features["image"], catalogue.paths, nobody, nobody)
