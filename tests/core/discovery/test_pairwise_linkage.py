"""Average and complete linkage, exact and on micro-clusters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage

from core.discovery.cut import cut
from core.discovery.dendrogram import (
    EXACT_AVERAGE,
    EXACT_COMPLETE,
    MICRO_CLUSTER_AVERAGE,
    MICRO_CLUSTER_COMPLETE,
    Dendrogram,
)
from core.discovery.pairwise_linkage import pairwise_dendrogram, weighted_linkage
from core.discovery.quality import purity
from core.domain.errors import ShapeError


def same_partition(first, second) -> bool:
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    return len(pairs) == len(set(first.tolist())) == len(set(second.tolist()))


@pytest.mark.parametrize(("name", "method"), [("average", EXACT_AVERAGE), ("complete", EXACT_COMPLETE)])
def test_the_exact_tree_has_scipys_heights(name, method):
    points = np.random.default_rng(0).normal(size=(80, 5)).astype(np.float32)
    tree = pairwise_dendrogram(points, name)
    assert tree.method == method
    assert np.allclose(tree.linkage[:, 2:], linkage(points.astype(np.float64), name)[:, 2:])


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 20), st.integers(0, 10_000), st.sampled_from(["average", "complete"]))
def test_weighted_linkage_is_the_exact_tree_of_the_repeated_points(n_points, seed, name):
    generator = np.random.default_rng(seed)
    points, weights = generator.normal(size=(n_points, 3)), generator.integers(1, 9, n_points)
    weighted = weighted_linkage(points, weights, name)
    repeated = np.repeat(np.arange(n_points), weights)
    exact = linkage(points[repeated], name)
    assert np.allclose(weighted[:, 2], exact[-(n_points - 1) :, 2])
    assert weighted[-1, 3] == weights.sum()
    for k in range(1, n_points + 1):
        of_weighted = cut(Dendrogram(weighted, repeated), k)
        of_exact = cut(Dendrogram(exact, np.arange(len(repeated))), k)
        assert same_partition(of_weighted, of_exact)


@pytest.mark.parametrize(("name", "method"), [("average", MICRO_CLUSTER_AVERAGE), ("complete", MICRO_CLUSTER_COMPLETE)])
def test_many_products_are_merged_by_micro_clusters_and_keep_their_groups(name, method):
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 4, 3_000)
    points = (generator.normal(size=(4, 6))[truth] * 9 + generator.normal(size=(3_000, 6))).astype(np.float32)
    tree = pairwise_dendrogram(points, name, seed=1, exact_limit=1_000, n_micro_clusters=200)
    assert tree.method == method
    assert tree.linkage[-1, 3] == 3_000
    assert purity(cut(tree, 4), truth.astype(str)) > 0.95
    again = pairwise_dendrogram(points, name, seed=1, exact_limit=1_000, n_micro_clusters=200)
    assert np.array_equal(again.linkage, tree.linkage)


@pytest.mark.parametrize("n_products", [1, 2])
def test_tiny_and_identical_inputs_have_a_tree(n_products):
    tree = pairwise_dendrogram(np.eye(2, dtype=np.float32)[:n_products], "average")
    assert len(np.unique(cut(tree, 5))) == n_products
    assert weighted_linkage(np.zeros((6, 2)), np.ones(6), "complete")[:, 2].tolist() == [0] * 5


def test_weights_and_points_must_fit():
    with pytest.raises(ShapeError):
        weighted_linkage(np.zeros((3, 2)), np.ones(2), "average")
