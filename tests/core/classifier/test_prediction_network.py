import numpy as np
import pytest
import torch

from core.classifier.parameters import TrainingParameters
from core.classifier.prediction_network import PredictionNetwork
from core.classifier.trained import feature_tensors, log_conditionals
from core.classifier.training import train_classifier
from core.classifier.word_path import WORDS


def learned(catalogue, **options):
    """A classifier that learned for two epochs from embeddings and words."""
    rng = np.random.default_rng(0)
    words = rng.integers(0, 99, (len(catalogue.paths), 5)).astype(np.float32)
    features = {**catalogue.features, WORDS: words}
    widths = {"modality_width": 16, "shared_width": 24, "level_width": 16}
    parameters = TrainingParameters(max_epochs=2, **widths, **options)
    return train_classifier(features, catalogue.paths, parameters=parameters), features


@pytest.mark.parametrize(
    "options", [{"fusion": "late"}, {"fusion": "early"}, {"fusion": "attention"}, {"is_masked": False}]
)
def test_it_says_what_the_classifier_says(catalogue, options):
    trained, features = learned(catalogue, **options)
    features = {name: array[:200].copy() for name, array in features.items()}
    features[next(iter(features))][::3] = 0  # some products lack a modality
    tensors = feature_tensors(features, trained.dimensions)
    expected = [
        mask.log_softmax(scores / temperature)
        for scores, temperature, mask in zip(
            log_conditionals(trained.model, tensors), trained.temperatures, trained.model.masks, strict=True
        )
    ]
    found = PredictionNetwork(trained.model, trained.temperatures)(tensors)
    for level, reference in zip(found, expected, strict=True):
        np.testing.assert_allclose(level.numpy(), reference.numpy(), atol=2e-5)


def test_the_classifier_itself_is_left_as_it_was(catalogue):
    trained, features = learned(catalogue)
    before = {name: value.clone() for name, value in trained.model.state_dict().items()}
    PredictionNetwork(trained.model, trained.temperatures)(feature_tensors(features, trained.dimensions))
    assert all(torch.equal(before[name], value) for name, value in trained.model.state_dict().items())
