"""HDBSCAN's hierarchy as a dendrogram."""

import hdbscan
import numpy as np
import pytest

from core.discovery.cut import cut
from core.discovery.dendrogram import EXACT_HDBSCAN, MICRO_CLUSTER_HDBSCAN
from core.discovery.hdbscan_tree import (
    AMBIGUOUS,
    MOST_BETWEEN,
    density_parameters,
    hdbscan_dendrogram,
)
from core.discovery.quality import purity
from core.domain.errors import JobCancelledError


def groups(n_products: int, seed: int = 0, spread: float = 4.0):
    """Six dense groups of uneven width, two of them near each other, and a haze."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 6, n_products)
    centres = generator.normal(size=(6, 5)) * spread
    centres[1] = centres[0] + 1.8
    widths = np.array([0.4, 0.4, 0.6, 0.8, 0.3, 0.5])
    points = centres[truth] + widths[truth][:, None] * generator.normal(size=(n_products, 5))
    n_haze = n_products // 20
    points[:n_haze] = generator.uniform(-spread, spread, (n_haze, 5))
    return points.astype(np.float32), truth


def hdbscans_own(points):
    smallest, n_neighbours = density_parameters(len(points))
    model = hdbscan.HDBSCAN(min_cluster_size=smallest, min_samples=n_neighbours, core_dist_n_jobs=1)
    return model.fit(points.astype(np.float64)).labels_


@pytest.mark.parametrize("seed", range(4))
def test_the_cut_at_its_own_number_is_hdbscans_selection(seed):
    points, _ = groups(600, seed)
    tree, own = hdbscan_dendrogram(points), hdbscans_own(points)
    found = cut(tree.dendrogram, tree.n_selected)
    inside = own >= 0
    assert tree.n_selected == own.max() + 1 == found.max() + 1
    pairs = set(zip(own[inside].tolist(), found[inside].tolist(), strict=True))
    assert len(pairs) == tree.n_selected


@pytest.mark.parametrize("seed", range(4))
def test_only_hdbscans_noise_is_left_between_and_only_the_ambiguous(seed):
    points, _ = groups(600, seed, spread=2.5)
    tree, own = hdbscan_dendrogram(points), hdbscans_own(points)
    is_between = tree.dendrogram.leaf_of_product < 0
    assert is_between.any()
    assert (own[is_between] == -1).all()
    assert is_between.sum() <= MOST_BETWEEN * 600
    assert tree.ambiguity[is_between].min() >= AMBIGUOUS
    for product in np.flatnonzero(own == -1)[:20]:
        nearest = np.sort(
            [np.linalg.norm(points[own == g] - points[product], axis=1).min() for g in range(own.max() + 1)]
        )
        assert tree.ambiguity[product] == pytest.approx(nearest[0] / nearest[1], rel=1e-4)


def test_every_cut_nests_in_the_coarser_one_down_to_the_leaves():
    tree = hdbscan_dendrogram(groups(900)[0]).dendrogram
    assert (np.diff(tree.linkage[:, 2]) >= 0).all()
    assert tree.linkage[-1, 3] == (tree.leaf_of_product >= 0).sum()
    for k in range(1, tree.n_leaves):
        coarse, fine = cut(tree, k), cut(tree, k + 1)
        assert (coarse.max() + 1, fine.max() + 1) == (k, k + 1)
        assert all(len(set(coarse[fine == cluster])) == 1 for cluster in range(k + 1))
    assert cut(tree, 500).max() + 1 == tree.n_leaves


def test_groups_are_found_pure_and_the_tree_repeats_itself():
    points, truth = groups(900)
    first, again = hdbscan_dendrogram(points), hdbscan_dendrogram(points)
    assert first.dendrogram.method == EXACT_HDBSCAN
    assert purity(cut(first.dendrogram, first.n_selected), truth.astype(str)) > 0.85
    assert np.array_equal(first.dendrogram.linkage, again.dendrogram.linkage)
    assert np.array_equal(first.dendrogram.leaf_of_product, again.dendrogram.leaf_of_product)


@pytest.mark.parametrize(
    "points",
    [np.zeros((1, 3)), np.eye(8, 10), np.zeros((50, 4)), np.random.default_rng(0).uniform(size=(40, 8))],
    ids=["one", "eight", "identical", "haze"],
)
def test_where_nothing_stands_apart_all_are_one_group(points):
    tree = hdbscan_dendrogram(points.astype(np.float32))
    assert tree.n_selected == 1
    assert (cut(tree.dendrogram, 5) == 0).all()


def test_duplicates_form_groups_of_their_own():
    points = np.repeat(np.eye(4, dtype=np.float32), 25, axis=0)
    tree = hdbscan_dendrogram(points)
    assert np.bincount(cut(tree.dendrogram, 4)).tolist() == [25] * 4


def test_many_products_are_seen_as_micro_clusters():
    points, truth = groups(4_000)
    tree = hdbscan_dendrogram(points, seed=2, exact_limit=3_000, n_micro_clusters=800)
    assert tree.dendrogram.method == MICRO_CLUSTER_HDBSCAN
    assert tree.dendrogram.linkage[-1, 3] == (tree.dendrogram.leaf_of_product >= 0).sum()
    assert len(tree.ambiguity) == 4_000
    assert purity(cut(tree.dendrogram, 8), truth.astype(str)) > 0.7


def test_a_cancel_passes_through():
    class Cancelled:
        def report(self, fraction, message="", **metrics):
            raise JobCancelledError

    with pytest.raises(JobCancelledError):
        hdbscan_dendrogram(groups(100)[0], progress=Cancelled())
