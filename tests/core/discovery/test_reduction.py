"""PCA and UMAP."""

import io
import threading

import numpy as np
import pytest
from tqdm import tqdm

from core.discovery.reduction import MINIMUM_PRODUCTS, project_for_map, reduce_for_clustering
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
