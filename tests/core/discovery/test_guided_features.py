"""Features are bent by what is known, a little where little is known, and not at all where nothing is."""

import time

import numpy as np
import pytest

from core.discovery.features import weighted_features
from core.discovery.guidance import Group, Guidance, Teachers
from core.discovery.guided_features import adapt, guided_features, teacher_features
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import ShapeError


def crossed(n_products=300, seed=0):
    """Products whose kind shows in all directions, and whose colour, which matters to nobody, louder in a few."""
    generator = np.random.default_rng(seed)
    kinds, colours = generator.integers(0, 4, n_products), generator.integers(0, 40, n_products)
    features = generator.normal(size=(4, 24))[kinds]
    features[:, :6] += 2 * generator.normal(size=(40, 6))[colours]
    return (features + generator.normal(size=features.shape)).astype(np.float32), kinds


def agreement(features, kinds, asked, n_neighbors=10):
    """Share of the nearest neighbours that are of the same kind."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    similar = unit @ unit.T
    np.fill_diagonal(similar, -np.inf)
    nearest = np.argsort(-similar, axis=1)[:, :n_neighbors]
    return float((kinds[nearest] == kinds[:, None])[asked].mean())


def test_known_products_help_the_others():
    features, kinds = crossed()
    labels = np.where(np.arange(300) < 150, kinds, -1)
    bent = adapt(features, labels, None, None, 0)
    assert agreement(bent, kinds, labels < 0) > agreement(features, kinds, labels < 0) + 0.01


def test_groups_elsewhere_help_too():
    features, kinds = crossed(400)
    elsewhere = np.arange(400) >= 200
    labels = np.full(200, -1)
    bent = adapt(features[~elsewhere], labels, features[elsewhere], kinds[elsewhere], 0)
    here = features[~elsewhere], kinds[~elsewhere], labels < 0
    assert agreement(bent, *here[1:]) > agreement(*here) + 0.01


def test_little_guidance_changes_little():
    features, kinds = crossed()
    shift = {}
    for n_known in (8, 150):
        labels = np.where(np.arange(300) < n_known, kinds, -1)
        shift[n_known] = float(np.linalg.norm(adapt(features, labels, None, None, 0) - features))
    assert 0 < shift[8] < shift[150]
    assert shift[8] < 0.25 * np.linalg.norm(features)


@pytest.mark.parametrize("known", [{}, {0: 0}, {0: 0, 1: 0, 2: 0}, {0: 0, 1: 1}])
def test_too_little_to_tell_groups_apart_changes_nothing(known):
    features, _ = crossed(60)
    labels = np.full(60, -1)
    for position, label in known.items():
        labels[position] = label
    assert adapt(features, labels, None, None, 0) is features


def test_the_same_seed_gives_the_same_features_and_another_seed_others():
    features, kinds = crossed(400)
    first, again, other = (adapt(features, kinds, None, None, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_six_thousand_products_are_bent_in_seconds():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(6_000, 100)).astype(np.float32)
    labels = generator.integers(-1, 10, 6_000)
    started = time.process_time()
    adapt(features, labels, features[:3_000], labels[:3_000] + 1, 0)
    assert time.process_time() - started < 20


def test_teachers_land_where_the_category_would_put_them():
    """Teachers that are the category's own products get its own features."""
    generator = np.random.default_rng(0)
    image = generator.normal(size=(80, 30)).astype(np.float32)
    text = generator.normal(size=(80, 20)).astype(np.float32)
    modalities = {"image": (image, 0.7), "text": (text, 1.0)}
    parameters = DiscoveryParameters(pca_components=8)
    teachers = Teachers({"image": image, "text": text}, np.zeros(80, np.int64), np.zeros(80, np.int64))
    found, own = teacher_features(modalities, teachers, parameters), weighted_features(modalities, parameters)
    assert found.shape == own.shape
    assert np.abs(found - own).max() < 1e-3


def test_teachers_without_words_teach_by_their_looks():
    generator = np.random.default_rng(0)
    modalities = {name: (generator.normal(size=(40, 12)).astype(np.float32), 1.0) for name in ("image", "text")}
    labels = np.repeat([0, 1], 20)
    teachers = Teachers({"image": modalities["image"][0]}, labels, np.zeros(40, np.int64))
    found = teacher_features(modalities, teachers, DiscoveryParameters(pca_components=5))
    assert found.shape == (40, 10)
    assert np.isfinite(found).all()
    assert not found[:, 5:].any()


def test_unguided_runs_keep_their_features_to_the_bit():
    features, kinds = crossed(50)
    parameters = DiscoveryParameters()
    nothing = Guidance(np.full(50, -1), (), np.zeros(50, dtype=bool))
    assert guided_features(features, {}, parameters, None) is features
    assert guided_features(features, {}, parameters, nothing) is features
    groups = tuple(Group(str(kind), str(kind)) for kind in range(4))
    known = Guidance(kinds, groups, np.zeros(50, dtype=bool))
    assert not np.array_equal(guided_features(features, {}, parameters, known), features)


def test_shapes_that_do_not_fit_are_refused():
    features, kinds = crossed(20)
    with pytest.raises(ShapeError, match="19 for 20"):
        adapt(features, kinds[:19], None, None, 0)
    with pytest.raises(ShapeError, match="width 24"):
        adapt(features, kinds, features[:, :5], kinds, 0)
