"""The wide path through words, as a part of the whole classifier."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.classifier.artefact import load_classifier, save_classifier
from core.classifier.training import fit_classifier, train_classifier
from core.classifier.word_path import WORDS
from core.domain.errors import JobCancelledError

WORD_OF_PATH = 100


def with_words(catalogue, is_telling=True):
    """Ids of one word that all share, and one that tells the path where asked for."""
    known = sorted(set(catalogue.paths))
    ids = np.zeros((len(catalogue.paths), 5), dtype=np.float32)
    ids[:, 0] = 7
    if is_telling:
        ids[:, 1] = [WORD_OF_PATH + known.index(path) for path in catalogue.paths]
    return {**catalogue.features, WORDS: ids}


class CancelAfter:
    def __init__(self, epochs: int) -> None:
        self._left = epochs

    def report(self, fraction: float, message: str = "", **metrics: float) -> None:
        self._left -= "validation_loss" in metrics
        if self._left <= 0:
            raise JobCancelledError


def parts(catalogue):
    rows = np.random.default_rng(0).permutation(len(catalogue.paths))
    return np.sort(rows[: 2 * len(rows) // 3]), np.sort(rows[2 * len(rows) // 3 :])


def test_words_settle_what_embeddings_cannot(catalogue, small_parameters):
    noise = {name: np.random.default_rng(1).normal(size=array.shape) for name, array in catalogue.features.items()}
    blind = replace(catalogue, features={name: array.astype(np.float32) for name, array in noise.items()})
    train, validation = parts(catalogue)
    parameters = replace(small_parameters, word_lr=0.1, word_dropout=0.0)
    scores = [
        max(
            epoch["validation_hf1"]
            for epoch in fit_classifier(features, catalogue.paths, train, validation, parameters).curve
        )
        for features in (with_words(blind, is_telling=False), with_words(blind))
    ]
    assert scores[0] < 0.8
    assert scores[1] > 0.95


def test_an_interrupted_training_with_words_ends_where_the_uninterrupted_one_does(
    catalogue, small_parameters, tmp_path
):
    parameters = replace(small_parameters, max_epochs=4, word_dropout=0.3)
    features, (train, validation) = with_words(catalogue), parts(catalogue)
    whole = fit_classifier(features, catalogue.paths, train, validation, parameters)
    with pytest.raises(JobCancelledError):
        fit_classifier(features, catalogue.paths, train, validation, parameters, CancelAfter(2), tmp_path)
    resumed = fit_classifier(features, catalogue.paths, train, validation, parameters, None, tmp_path)
    expected, found = (each.predictor.model.state_dict() for each in (whole, resumed))
    assert all(torch.equal(value, found[name]) for name, value in expected.items())
    assert resumed.curve == whole.curve


def test_a_model_with_words_is_saved_and_loaded_whole(catalogue, small_parameters, tmp_path):
    features = with_words(catalogue)
    trained = train_classifier(features, catalogue.paths, parameters=replace(small_parameters, max_epochs=2))
    save_classifier(tmp_path / "1", trained)
    loaded = load_classifier(tmp_path / "1")
    assert loaded.predict(features) == trained.predict(features)


def test_a_product_without_a_title_is_classified(catalogue, small_parameters):
    features = with_words(catalogue)
    trained = train_classifier(features, catalogue.paths, parameters=replace(small_parameters, max_epochs=6))
    image_only = {"image": features["image"]}
    predicted = trained.predict(image_only)
    right = np.mean([path.node_ids == true for path, true in zip(predicted, catalogue.paths, strict=True)])
    assert right > 0.8


def test_the_same_seed_gives_the_same_weights_of_words(catalogue, small_parameters):
    features, (train, validation) = with_words(catalogue), parts(catalogue)
    parameters = replace(small_parameters, max_epochs=2)
    first, second = (
        fit_classifier(features, catalogue.paths, train, validation, parameters).predictor.model.words.weights.weight
        for _ in range(2)
    )
    assert first.any()
    assert torch.equal(first, second)
