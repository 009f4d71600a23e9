from dataclasses import replace

import numpy as np
import pytest

from core.classifier.training import train_classifier
from core.domain.errors import ShapeError


def test_confidences_go_down_the_path_and_the_last_includes_the_stop(trained, catalogue):
    class_ids, confidences = trained.predict_arrays(catalogue.features)
    predicted = trained.predict(catalogue.features)
    assert trained.tree.decode(class_ids) == [path.node_ids for path in predicted]
    for row, path in zip(confidences, predicted, strict=True):
        assert len(path.level_confidences) == len(path.node_ids)
        assert (np.diff(path.level_confidences) <= 1e-6).all()
        assert path.confidence == pytest.approx(float(row[-1]))
    assert {len(path.node_ids) for path in predicted} == {1, 2, 3, 5}


def test_batches_do_not_change_predictions(trained, catalogue):
    ids, confidences = trained.predict_arrays(catalogue.features)
    ids_in_batches, confidences_in_batches = trained.predict_arrays(catalogue.features, batch_size=7)
    assert (ids == ids_in_batches).all()
    np.testing.assert_allclose(confidences, confidences_in_batches, rtol=1e-4)


def test_best_path_confidence_is_at_least_greedys(trained, catalogue_factory):
    hard = catalogue_factory(50, noise=2.0, seed=3)
    best, greedy = (trained.predict_arrays(hard.features, decode)[1][:, -1] for decode in ("best_path", "greedy"))
    assert (best >= greedy - 1e-6).all()


def _accuracy(classifier, catalogue, missing):
    features = {**catalogue.features, missing: np.zeros_like(catalogue.features[missing])}
    predicted = classifier.predict(features)
    return np.mean([path.node_ids == true for path, true in zip(predicted, catalogue.paths, strict=True)])


@pytest.mark.parametrize("missing", ["image", "title"])
def test_modality_dropout_teaches_to_classify_from_the_other_modality(catalogue, small_parameters, missing):
    without, with_dropout = (
        train_classifier(
            catalogue.features, catalogue.paths, parameters=replace(small_parameters, modality_dropout=chance)
        )
        for chance in (0.0, 0.4)
    )
    assert _accuracy(with_dropout, catalogue, missing) > 0.9
    assert _accuracy(with_dropout, catalogue, missing) >= _accuracy(without, catalogue, missing)


def test_a_modality_left_out_is_one_that_all_products_lack(trained, catalogue):
    zeros = np.zeros_like(catalogue.features["image"])
    with_zeros = trained.predict({**catalogue.features, "image": zeros})
    assert trained.predict({"title": catalogue.features["title"]}) == with_zeros


def test_no_products_give_no_predictions(trained):
    assert trained.predict({"title": np.zeros((0, 8), np.float32)}) == []


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"sound": np.ones((2, 3), np.float32)}, "sound"),
        ({}, "none"),
        ({"title": np.ones((2, 9), np.float32)}, "(2, 8)"),
        ({"title": np.ones((2, 8), np.float32), "image": np.ones((3, 12), np.float32)}, "(3, 12)"),
        ({"title": np.full((2, 8), np.nan, np.float32)}, "not finite"),
    ],
)
def test_embeddings_that_do_not_fit_are_refused(trained, features, message):
    with pytest.raises(ShapeError) as fault:
        trained.predict(features)
    assert message in fault.value.message


def test_an_unknown_decoding_names_the_valid_ones(trained, catalogue):
    with pytest.raises(ShapeError) as fault:
        trained.predict(catalogue.features, decode="beam")
    assert "best_path" in fault.value.remedy


def test_a_high_temperature_lowers_confidence_and_keeps_greedy_choices(trained, catalogue):
    hot = replace(trained, temperatures=tuple(3 * t for t in trained.temperatures))
    ids, confidences = trained.predict_arrays(catalogue.features, "greedy")
    hot_ids, hot_confidences = hot.predict_arrays(catalogue.features, "greedy")
    assert (ids == hot_ids).all()
    assert hot_confidences[:, -1].mean() < confidences[:, -1].mean()


def test_a_classifier_decodes_by_itself_unless_told(trained, catalogue_factory):
    hard = catalogue_factory(50, noise=3.0, seed=3)
    greedy = replace(trained, decoding="greedy")
    best = trained.predict(hard.features)
    assert greedy.predict(hard.features) == trained.predict(hard.features, "greedy") != best
    assert greedy.predict(hard.features, "best_path") == best
