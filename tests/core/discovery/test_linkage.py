"""Ward dendrograms, exact and weighted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import is_valid_linkage, linkage

from core.discovery.cut import cut
from core.discovery.dendrogram import EXACT_WARD, MICRO_CLUSTER_WARD, Dendrogram
from core.discovery.linkage import outside_noise, ward_dendrogram, weighted_ward
from core.discovery.quality import purity
from core.domain.errors import JobCancelledError, ShapeError


def same_partition(first, second) -> bool:
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    return len(pairs) == len(set(first.tolist())) == len(set(second.tolist()))


def counting_leaves(tree):
    """The tree with leaves counted in column 3, as SciPy's check expects, where ours counts products."""
    n_leaves, counts = len(tree) + 1, [1.0] * (len(tree) + 1)
    for left, right in tree[:, :2].astype(int):
        counts.append(counts[left] + counts[right])
    return np.column_stack([tree[:, :3], counts[n_leaves:]])


def test_the_exact_tree_has_scipys_heights():
    points = np.random.default_rng(0).normal(size=(80, 5)).astype(np.float32)
    tree = ward_dendrogram(points)
    assert tree.method == EXACT_WARD
    assert np.allclose(tree.linkage[:, 2:], linkage(points.astype(np.float64), "ward")[:, 2:])


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 25), st.integers(0, 10_000))
def test_weighted_ward_is_the_exact_tree_of_the_repeated_points(n_points, seed):
    generator = np.random.default_rng(seed)
    points, weights = generator.normal(size=(n_points, 3)), generator.integers(1, 9, n_points)
    weighted = weighted_ward(points, weights)
    repeated = np.repeat(np.arange(n_points), weights)
    exact = linkage(points[repeated], "ward")
    assert np.allclose(weighted[:, 2], exact[-(n_points - 1) :, 2])
    assert weighted[-1, 3] == weights.sum()
    assert is_valid_linkage(counting_leaves(weighted))
    for k in range(1, n_points + 1):
        of_weighted = cut(Dendrogram(weighted, repeated), k)
        of_exact = cut(Dendrogram(exact, np.arange(len(repeated))), k)
        assert same_partition(of_weighted, of_exact)


def test_weighted_ward_copes_with_identical_points():
    tree = weighted_ward(np.zeros((6, 2)), np.ones(6))
    assert is_valid_linkage(tree)
    assert tree[:, 2].tolist() == [0] * 5


def test_weights_and_points_must_fit():
    with pytest.raises(ShapeError):
        weighted_ward(np.zeros((3, 2)), np.ones(2))


def test_many_products_are_merged_by_micro_clusters_and_keep_their_groups():
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 4, 3_000)
    points = (generator.normal(size=(4, 6))[truth] * 5 + generator.normal(size=(3_000, 6))).astype(np.float32)
    tree = ward_dendrogram(points, seed=1, exact_limit=1_000, n_micro_clusters=200)
    assert tree.method == MICRO_CLUSTER_WARD
    assert 150 <= tree.n_leaves <= 200
    assert tree.linkage[-1, 3] == 3_000
    exact = cut(ward_dendrogram(points), 4)
    assert purity(cut(tree, 4), exact.astype(str)) > 0.99
    again = ward_dendrogram(points, seed=1, exact_limit=1_000, n_micro_clusters=200)
    assert np.array_equal(again.linkage, tree.linkage)


def test_fewer_different_products_than_micro_clusters_are_no_fault():
    points = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)
    tree = ward_dendrogram(points, exact_limit=5, n_micro_clusters=20)
    assert tree.n_leaves == 3
    assert np.bincount(cut(tree, 3)).tolist() == [10, 10, 10]


@pytest.mark.parametrize("n_products", [1, 2])
def test_tiny_inputs_have_a_tree(n_products):
    tree = ward_dendrogram(np.eye(2, dtype=np.float32)[:n_products])
    assert len(np.unique(cut(tree, 5))) == n_products


def test_noise_is_put_outside_the_tree():
    tree = ward_dendrogram(np.array([[0.0], [1.0], [5.0]], dtype=np.float32))
    spread = outside_noise(tree, np.array([True, False, False, True, False]))
    assert spread.leaf_of_product.tolist() == [-1, 0, 1, -1, 2]


def test_merging_can_be_cancelled():
    class Cancelled:
        def report(self, fraction, message="", **metrics):
            raise JobCancelledError

    points = np.random.default_rng(0).normal(size=(600, 2))
    with pytest.raises(JobCancelledError):
        weighted_ward(points, np.ones(600), Cancelled())
