"""Cuts of a dendrogram."""

import time

import fastcluster
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster

from core.discovery.cut import cut, cut_within, size_ordered
from core.discovery.dendrogram import Dendrogram
from core.domain.errors import ShapeError


def tree_of(n_products: int, seed: int = 0, width: int = 10) -> Dendrogram:
    points = np.random.default_rng(seed).normal(size=(n_products, width))
    return Dendrogram(fastcluster.linkage_vector(points, "ward"), np.arange(n_products))


def same_partition(first, second) -> bool:
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    return len(pairs) == len(set(first.tolist())) == len(set(second.tolist()))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 5))
def test_a_cut_is_the_partition_scipy_gives(n_products, k, seed):
    tree = tree_of(n_products, seed)
    found = cut(tree, k)
    assert set(found.tolist()) == set(range(min(k, n_products)))
    if n_products > 1:
        assert same_partition(found, fcluster(tree.linkage, min(k, n_products), "maxclust"))


def test_clusters_are_numbered_by_falling_size():
    sizes = np.bincount(cut(tree_of(500), 12))
    assert (np.diff(sizes) <= 0).all()


def test_equal_sizes_keep_the_order_of_their_first_product():
    assert size_ordered(np.array([7, 3, 3, 7, 5, -4])).tolist() == [0, 1, 1, 0, 2, -1]


def test_a_finer_cut_only_splits_clusters():
    tree = tree_of(300)
    for k in range(1, 30):
        coarse, fine = cut(tree, k), cut(tree, k + 1)
        assert all(len(np.unique(coarse[fine == cluster])) == 1 for cluster in range(k + 1))


def test_noise_belongs_to_no_cluster():
    tree = tree_of(6)
    with_noise = Dendrogram(tree.linkage, np.array([0, -1, 1, 2, 3, 4, -1, 5]))
    found = cut(with_noise, 3)
    assert found[[1, 6]].tolist() == [-1, -1]
    assert np.array_equal(np.delete(found, [1, 6]), cut(tree, 3))


def test_products_on_one_leaf_stay_together():
    tree = Dendrogram(tree_of(4).linkage, np.array([0, 0, 0, 1, 2, 3, 3]))
    found = cut(tree, 4)
    assert found.tolist()[:3] == [0, 0, 0]
    assert found[5] == found[6] == 1


@pytest.mark.parametrize("k", [0, -3])
def test_less_than_one_cluster_is_refused(k):
    with pytest.raises(ShapeError):
        cut(tree_of(5), k)
    with pytest.raises(ShapeError):
        cut_within(tree_of(5), np.arange(3), k)


def test_cutting_within_everything_is_the_plain_cut():
    tree = tree_of(200)
    for k in (1, 2, 7, 200, 300):
        assert np.array_equal(cut_within(tree, np.arange(200), k), cut(tree, k))


def test_cutting_within_a_cluster_undoes_its_own_topmost_merges():
    tree = tree_of(200)
    coarse = cut(tree, 4)
    inside = np.flatnonzero(coarse == 0)
    found = cut_within(tree, inside, 2)
    # The next cut of the whole tree that splits this cluster splits it the same way.
    fine = next(ids for ids in (cut(tree, k)[inside] for k in range(5, 200)) if len(np.unique(ids)) > 1)
    assert same_partition(found, fine)


def test_cutting_within_scattered_products_gives_as_many_clusters_as_asked():
    tree = tree_of(300)
    scattered = np.random.default_rng(1).choice(300, 40, replace=False)
    for k in (1, 2, 5, 40):
        assert len(np.unique(cut_within(tree, scattered, k))) == k
    assert np.array_equal(cut_within(tree, scattered, 99), cut_within(tree, scattered, 40))


def test_cutting_within_nothing_gives_nothing():
    assert len(cut_within(tree_of(5), np.array([], dtype=np.int64), 2)) == 0


def test_recutting_is_quick_enough_for_a_slider():
    for n_products, seconds in ((6_000, 0.010), (20_000, 0.050)):
        tree = tree_of(n_products, width=2)
        assert min(seconds_of(lambda tree=tree: cut(tree, 12)) for _ in range(5)) < seconds
    # Above 20,000 products the leaves are about 4,000 micro-clusters.
    large = Dendrogram(tree_of(4_000, width=2).linkage, np.arange(35_000) % 4_000)
    assert min(seconds_of(lambda: cut(large, 12)) for _ in range(5)) < 0.050
    assert min(seconds_of(lambda: cut_within(large, np.arange(9_000), 4)) for _ in range(5)) < 0.050


def seconds_of(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
