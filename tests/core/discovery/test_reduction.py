"""PCA and UMAP."""

import io
import threading

import numpy as np
import pytest
from tqdm import tqdm

from core.discovery.reduction import MINIMUM_PRODUCTS, neighbourhood, project_for_map, reduce_for_clustering
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import JobCancelledError, TooFewProductsError

PARAMETERS = DiscoveryParameters()


def random_features(n_products: int, width: int = 20, seed: int = 0):
    return np.random.default_rng(seed).normal(size=(n_products, width)).astype(np.float32)


@pytest.mark.parametrize("n_products", [0, 3, MINIMUM_PRODUCTS - 1])
def test_too_few_products_are_refused_with_what_to_do(n_products):
    with pytest.raises(TooFewProductsError) as caught:
        reduce_for_clustering(random_features(n_products), PARAMETERS)
    assert f"at least 8 products, this category holds {n_products}" in caught.value.message
    assert "parent category" in caught.value.remedy


@pytest.mark.parametrize("n_products", [8, 14, 15, 16, 31, 60, 250])
def test_any_number_of_products_has_finite_positions_of_the_asked_width(n_products):
    features = random_features(n_products)
    reduced, projection = reduce_for_clustering(features, PARAMETERS), project_for_map(features, PARAMETERS)
    assert reduced.shape == (n_products, 10)
    assert projection.shape == (n_products, 2)
    assert np.isfinite(reduced).all()
    assert np.isfinite(projection).all()


@pytest.mark.parametrize(("n_distinct", "n_copies"), [(1, 20), (2, 30), (20, 40), (300, 2)])
def test_duplicates_are_no_fault_and_stay_near_one_another(n_distinct, n_copies):
    features = np.repeat(random_features(n_distinct), n_copies, axis=0)
    reduced = reduce_for_clustering(features, PARAMETERS)
    assert np.isfinite(reduced).all()
    if n_distinct > 1:
        groups = reduced.reshape(n_distinct, n_copies, 10)
        spread = np.linalg.norm(groups - groups.mean(axis=1, keepdims=True), axis=2).mean()
        assert spread < np.linalg.norm(reduced - reduced.mean(axis=0), axis=1).mean()


def test_opposite_and_empty_products_are_never_lost():
    direction = np.zeros((60, 3), dtype=np.float32)
    direction[:, 0] = np.repeat([1, -1, 0], 20)
    features = direction + 1e-3 * random_features(60, 3)
    features[-20:] = 0
    assert np.isfinite(reduce_for_clustering(features, PARAMETERS)).all()


def test_the_same_seed_gives_the_same_positions():
    features = random_features(260)
    first, again = (reduce_for_clustering(features, DiscoveryParameters(seed=5)) for _ in range(2))
    other = reduce_for_clustering(features, DiscoveryParameters(seed=6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_share_of_epochs_is_reported_and_a_cancel_stops_the_optimiser():
    class Recorder:
        def __init__(self) -> None:
            self.fractions: list[float] = []

        def report(self, fraction, message="", **metrics):
            self.fractions.append(fraction)
            if fraction > 0.02:
                raise JobCancelledError

    recorder = Recorder()
    with pytest.raises(JobCancelledError):
        reduce_for_clustering(random_features(3_000), PARAMETERS, recorder)
    assert recorder.fractions[-1] < 1
    assert recorder.fractions == sorted(recorder.fractions)


def test_a_cancelled_reduction_leaves_every_other_progress_bar_working():
    class CancelsHalfWay:
        def report(self, fraction, message="", **metrics):
            if fraction > 0.02:
                raise JobCancelledError

    with pytest.raises(JobCancelledError):
        reduce_for_clustering(random_features(3_000), PARAMETERS, CancelsHalfWay())
    other = threading.Thread(target=lambda: tqdm(total=1, file=io.StringIO()).update(), daemon=True)
    other.start()
    other.join(20)
    assert not other.is_alive()


def groups(n_products: int, n_groups: int = 5, seed: int = 0):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, n_groups, n_products)
    centres = 2 * generator.normal(size=(n_groups, 20))
    return (centres[truth] + generator.normal(size=(n_products, 20))).astype(np.float32), truth


def test_products_beyond_the_landmarks_stand_with_their_group():
    features, truth = groups(900)
    near = neighbourhood(features, PARAMETERS, n_landmarks=300)
    assert (len(near.landmarks), int(near.is_other.sum())) == (300, 600)
    reduced = reduce_for_clustering(features, PARAMETERS, neighbours=near)
    assert reduced.shape == (900, 10)
    centres = np.stack([reduced[near.landmarks][truth[near.landmarks] == group].mean(axis=0) for group in range(5)])
    apart = np.linalg.norm(reduced[near.is_other][:, None] - centres, axis=2)
    assert (apart.argmin(axis=1) == truth[near.is_other]).mean() > 0.95


def test_a_product_like_a_landmark_stands_where_the_landmark_does():
    features, _ = groups(900)
    near = neighbourhood(features, PARAMETERS, n_landmarks=300)
    copies = features.copy()
    copies[near.is_other] = features[near.landmarks[0]]
    near = neighbourhood(copies, PARAMETERS, n_landmarks=300)
    reduced = reduce_for_clustering(copies, PARAMETERS, neighbours=near)
    others = reduced[near.is_other]
    assert np.ptp(others, axis=0).max() < 1e-3
    assert np.linalg.norm(others[0] - reduced[near.landmarks[0]]) < np.linalg.norm(reduced.std(axis=0))


def test_landmarks_follow_the_seed_and_shared_neighbours_change_nothing():
    features, _ = groups(400)
    near = neighbourhood(features, PARAMETERS, n_landmarks=250)
    again = neighbourhood(features, PARAMETERS, n_landmarks=250)
    other = neighbourhood(features, DiscoveryParameters(seed=1), n_landmarks=250)
    assert np.array_equal(near.landmarks, again.landmarks)
    assert not np.array_equal(near.landmarks, other.landmarks)
    shared = neighbourhood(features, PARAMETERS)
    assert np.array_equal(
        reduce_for_clustering(features, PARAMETERS, neighbours=shared), reduce_for_clustering(features, PARAMETERS)
    )


def test_neighbours_are_the_nearest_by_cosine_and_an_empty_product_is_like_none():
    features = random_features(60)
    features[0] = 0
    near = neighbourhood(features, DiscoveryParameters(n_neighbors=8))
    units = features[1:] / np.linalg.norm(features[1:], axis=1, keepdims=True)
    expected = np.sort(1 - units @ units.T, axis=1)[:, :8]
    assert near.distances[1:] == pytest.approx(np.maximum(expected, 0), abs=1e-5)
    assert near.distances[0, 1:] == pytest.approx(1.0, abs=1e-5)
