from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from core.classifier.parameters import TrainingParameters
from core.classifier.training import train_classifier
from core.domain.arrays import FloatArray

RAGGED_PATHS = [
    ("shoes", "heels"),
    ("shoes", "sneakers", "running"),
    ("shoes", "sneakers", "tennis"),
    ("shoes",),  # an inner node that holds products
    ("bags",),
    ("jewellery", "rings", "gold", "plain", "thin"),  # five levels, no choice below the first
]


@dataclass(frozen=True)
class Catalogue:
    features: dict[str, FloatArray]
    paths: list[tuple[str, ...]]

    def take(self, rows):
        features = {name: array[rows] for name, array in self.features.items()}
        return Catalogue(features, [self.paths[i] for i in np.arange(len(self.paths))[rows]])


def make_catalogue(n_per_path, noise=0.5, seed=0, paths=RAGGED_PATHS):
    """Products around a random centre of their path, in two modalities of different scale."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(paths)), n_per_path)
    features = {}
    for name, dimension, scale in (("image", 12, 30.0), ("title", 8, 0.05)):
        centres = np.random.default_rng(len(name)).normal(size=(len(paths), dimension))
        rows = centres[labels] + noise * generator.normal(size=(len(labels), dimension))
        features[name] = (scale * rows).astype(np.float32)
    return Catalogue(features, [paths[i] for i in labels])


SMALL = TrainingParameters(
    modality_width=16, shared_width=32, level_width=16, max_epochs=12, batch_size=32, dropout=0.1, lr=5e-3
)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Models this small only lose time when threads wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def small_parameters():
    return SMALL


@pytest.fixture(scope="session")
def catalogue():
    return make_catalogue(40)


@pytest.fixture(scope="session")
def trained(catalogue):
    return train_classifier(catalogue.features, catalogue.paths, parameters=replace(SMALL, max_epochs=25))


@pytest.fixture(scope="session")
def catalogue_factory():
    return make_catalogue


@pytest.fixture(scope="session")
def ragged_paths():
    return RAGGED_PATHS
