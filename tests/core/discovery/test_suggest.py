"""How many clusters are suggested."""

import time

import numpy as np
import pytest

from core.discovery.dendrogram import Dendrogram
from core.discovery.linkage import outside_noise, ward_dendrogram
from core.discovery.suggest import TOLERANCE, CutScore, default_candidates, preferred, suggest_n_clusters


def blobs(n_products: int, n_groups: int, seed: int = 0):
    generator = np.random.default_rng(seed)
    centres = np.eye(n_groups, 12) * 25
    return (centres[generator.integers(0, n_groups, n_products)] + generator.normal(size=(n_products, 12))).astype("f4")


@pytest.mark.parametrize("n_groups", [3, 5, 9])
def test_clear_groups_are_counted(n_groups):
    points = blobs(400, n_groups)
    suggestion = suggest_n_clusters(points, ward_dendrogram(points))
    assert suggestion.n_clusters == n_groups
    assert suggestion.best.silhouette > 0.7
    assert [score.n_clusters for score in suggestion.curve] == list(range(3, 21))


def test_noise_takes_no_part():
    points = blobs(300, 4)
    is_noise = np.zeros(310, dtype=bool)
    is_noise[:10] = True
    far = np.vstack([np.full((10, 12), 1e4, dtype=np.float32), points])
    tree = ward_dendrogram(points)
    assert suggest_n_clusters(far, outside_noise(tree, is_noise)) == suggest_n_clusters(points, tree)


def test_of_cuts_about_as_good_the_coarsest_is_preferred():
    curve = [CutScore(k, 0.0, 0.0, score) for k, score in ((3, 0.5), (4, 1.0 - TOLERANCE / 2), (5, 1.0), (6, 0.9))]
    assert preferred(curve).n_clusters == 4


@pytest.mark.parametrize(("n_products", "candidates"), [(1, [1]), (8, [2]), (12, [3]), (16, [3, 4])])
def test_few_products_are_offered_few_clusters(n_products, candidates):
    assert list(default_candidates(n_products)) == candidates


def test_identical_products_have_a_suggestion_all_the_same():
    points = np.ones((20, 3), dtype=np.float32)
    assert 1 <= suggest_n_clusters(points, ward_dendrogram(points)).n_clusters <= 5


def test_six_thousand_products_take_less_than_five_seconds():
    points = blobs(6_000, 12)
    tree = ward_dendrogram(points)
    started = time.perf_counter()
    suggest_n_clusters(points, Dendrogram(tree.linkage, tree.leaf_of_product))
    assert time.perf_counter() - started < 5
