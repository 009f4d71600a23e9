import numpy as np
import pytest

from core.classifier.parameters import TrainingParameters
from core.classifier.training import train_classifier
from core.domain.errors import JobCancelledError, ShapeError
from core.inference import predictor
from core.inference.predictor import classify_features


@pytest.fixture(scope="module")
def products():
    generator = np.random.default_rng(0)
    labels = generator.integers(3, size=90)
    title = (4 * np.eye(3, 6)[labels] + generator.normal(size=(90, 6))).astype(np.float32)
    brand = (4 * np.eye(3, 5)[labels] + generator.normal(size=(90, 5))).astype(np.float32)
    return {"title": title, "brand": brand}, [("a",) if i == 0 else ("b", f"b{i}") for i in labels.tolist()]


@pytest.fixture(scope="module")
def classifier(products):
    widths = {"modality_width": 16, "shared_width": 16, "level_width": 16}
    return train_classifier(*products, parameters=TrainingParameters(max_epochs=15, batch_size=16, **widths))


class Recorder:
    def __init__(self, cancels=False):
        self.fractions, self.cancels = [], cancels

    def report(self, fraction, message="", **metrics):
        self.fractions.append(fraction)
        if self.cancels:
            raise JobCancelledError


def test_products_are_classified_in_input_order_over_parts(classifier, products, monkeypatch):
    features, paths = products
    monkeypatch.setattr(predictor, "_PRODUCTS_BETWEEN_REPORTS", 40)
    progress = Recorder()
    predicted = classify_features(classifier, features, progress=progress)
    whole = classifier.predict(features)
    assert [path.node_ids for path in predicted] == [path.node_ids for path in whole]
    assert progress.fractions == pytest.approx([40 / 90, 80 / 90, 1.0])
    assert np.mean([path.node_ids == true for path, true in zip(predicted, paths, strict=True)]) > 0.9


def test_a_product_without_a_brand_is_classified(classifier, products):
    features, paths = products
    brand = features["brand"].copy()
    brand[::2] = 0
    predicted = classify_features(classifier, {**features, "brand": brand})
    assert np.mean([path.node_ids == true for path, true in zip(predicted, paths, strict=True)]) > 0.8


def test_cancelling_stops_the_run(classifier, products):
    with pytest.raises(JobCancelledError):
        classify_features(classifier, products[0], progress=Recorder(cancels=True))


def test_embeddings_of_other_numbers_of_products_are_refused(classifier, products):
    features, _ = products
    with pytest.raises(ShapeError):
        classify_features(classifier, {**features, "brand": features["brand"][1:]})
    with pytest.raises(ShapeError):
        classify_features(classifier, {})


def test_no_products_give_no_predictions(classifier):
    assert classify_features(classifier, {"title": np.zeros((0, 6), np.float32)}) == []
