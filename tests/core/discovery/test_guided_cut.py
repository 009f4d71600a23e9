"""Every cut of a guided tree obeys the curator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.discovery.cut import cut, cut_within
from core.discovery.guidance import Group, Guidance, Separation
from core.discovery.guided_cut import fewest_clusters, guided_dendrogram
from core.discovery.linkage import outside_noise, ward_dendrogram
from core.domain.errors import ShapeError


def clouds(n_products=240, n_kinds=6, spread=0.4, seed=0):
    """Products of a few kinds: positions and kinds."""
    generator = np.random.default_rng(seed)
    kinds = generator.integers(0, n_kinds, n_products)
    centres = 3 * generator.normal(size=(n_kinds, 5))
    return (centres[kinds] + spread * generator.normal(size=(n_products, 5))).astype(np.float32), kinds


def guidance(labels, separations=()):
    labels = np.array(labels, dtype=np.int64)
    groups = tuple(Group(str(index), str(index)) for index in range(labels.max(initial=-1) + 1))
    return Guidance(labels, groups, np.zeros(len(labels), dtype=bool), tuple(separations))


def check_whole(tree, n_leaves):
    """A tree in SciPy's format: every node but the last has one parent, and comes before it."""
    children = tree.linkage[:, :2].astype(int)
    assert sorted(children.ravel().tolist()) == list(range(2 * (n_leaves - 1)))
    assert all(row < n_leaves + index for index, pair in enumerate(children.tolist()) for row in pair)
    heights = tree.linkage[:, 2]
    assert np.array_equal(heights, np.sort(heights))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_cut_tears_a_group_or_joins_two(data):
    n_products = data.draw(st.integers(2, 40))
    positions = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(n_products, 3)).astype(np.float32)
    found = data.draw(st.lists(st.integers(-1, 3), min_size=n_products, max_size=n_products))
    names = sorted({label for label in found if label >= 0})
    labels = np.array([names.index(label) if label >= 0 else -1 for label in found])
    exact_limit = data.draw(st.sampled_from([5, 100]))
    tree = guided_dendrogram(
        ward_dendrogram(positions, exact_limit=exact_limit, n_micro_clusters=6), positions, guidance(labels)
    )
    check_whole(tree, tree.n_leaves)
    most = tree.n_leaves - int(np.isneginf(tree.linkage[:, 2]).sum())
    for k in range(1, n_products + 1):
        clusters = cut(tree, k)
        assert (clusters >= 0).all()
        assert clusters.max() + 1 == min(max(k, fewest_clusters(tree)), most)
        for label in range(len(names)):
            (home,) = set(clusters[labels == label].tolist())
            assert set(labels[clusters == home].tolist()) <= {-1, label}


def test_a_cut_counts_all_its_clusters():
    positions, kinds = clouds()
    labels = np.where((kinds < 3) & (np.arange(len(kinds)) % 2 == 0), kinds, -1)
    tree = guided_dendrogram(ward_dendrogram(positions), positions, guidance(labels))
    assert fewest_clusters(tree) == 3
    assert [int(cut(tree, k).max()) + 1 for k in (1, 3, 4, 9, 30)] == [3, 3, 4, 9, 30]


def test_unlabelled_products_follow_their_neighbourhood():
    positions, kinds = clouds()
    labels = np.where((kinds < 2) & (np.arange(len(kinds)) % 4 == 0), kinds, -1)
    clusters = cut(guided_dendrogram(ward_dendrogram(positions), positions, guidance(labels)), 6)
    for kind in range(6):
        assert len(set(clusters[kinds == kind].tolist())) == 1
    assert len(set(clusters.tolist())) == 6


def test_a_group_in_two_places_is_one_cluster_that_leaves_the_others_alone():
    positions, kinds = clouds()
    labels = np.where(kinds < 2, 0, -1)  # the curator calls two clouds by one name
    clusters = cut(guided_dendrogram(ward_dendrogram(positions), positions, guidance(labels)), 5)
    assert len(set(clusters[kinds < 2].tolist())) == 1
    for kind in range(2, 6):
        assert len(set(clusters[kinds == kind].tolist())) == 1


def test_a_stray_seed_draws_no_neighbourhood_after_it():
    positions, kinds = clouds()
    labels = np.where(kinds == 0, 0, -1)
    stray = np.flatnonzero(kinds == 1)[0]
    labels[stray] = 0
    clusters = cut(guided_dendrogram(ward_dendrogram(positions), positions, guidance(labels)), 6)
    assert clusters[stray] == clusters[kinds == 0][0]
    others = clusters[(kinds == 1) & (labels < 0)]
    assert np.mean(others == np.bincount(others).argmax()) > 0.95
    assert np.bincount(others).argmax() != clusters[stray]


def test_products_moved_apart_stay_apart_at_every_cut():
    positions, kinds = clouds()
    inside = np.flatnonzero(kinds == 2)
    separation = Separation(inside[:4], inside[4:])
    tree = guided_dendrogram(ward_dendrogram(positions), positions, guidance(np.full(len(kinds), -1), [separation]))
    assert fewest_clusters(tree) == 2
    for k in (1, 2, 6, 12, 40):
        clusters = cut(tree, k)
        assert not set(clusters[separation.movers].tolist()) & set(clusters[separation.stayers].tolist())


def test_a_cut_of_a_part_obeys_too():
    positions, kinds = clouds()
    labels = np.full(len(kinds), -1)
    inside = np.flatnonzero(kinds == 0)
    labels[inside[::3]], labels[inside[1::3]] = 0, 1
    tree = guided_dendrogram(ward_dendrogram(positions), positions, guidance(labels))
    clusters = cut_within(tree, inside, 1)
    assert set(clusters[::3].tolist()).isdisjoint(clusters[1::3].tolist())


def test_seeds_among_the_noise_come_back_and_the_rest_stays_out():
    positions, kinds = clouds()
    is_noise = np.zeros(len(kinds), dtype=bool)
    is_noise[:10] = True
    labels = np.full(len(kinds), -1)
    labels[[0, 1, 50]], labels[2] = 0, 1
    tree = outside_noise(ward_dendrogram(positions[~is_noise]), is_noise)
    clusters = cut(guided_dendrogram(tree, positions, guidance(labels)), 6)
    assert clusters[0] == clusters[1] == clusters[50] >= 0
    assert clusters[2] >= 0
    assert clusters[2] != clusters[0]
    assert (clusters[3:10] == -1).all()


def test_what_is_known_of_nobody_leaves_every_cut_as_it_was():
    positions, kinds = clouds()
    tree = ward_dendrogram(positions)
    same = guided_dendrogram(tree, positions, guidance(np.full(len(kinds), -1)))
    for k in (1, 2, 5, 17):
        assert np.array_equal(cut(same, k), cut(tree, k))


def test_inputs_of_different_lengths_are_refused():
    positions, _ = clouds(30)
    with pytest.raises(ShapeError, match="29 labels"):
        guided_dendrogram(ward_dendrogram(positions), positions, guidance([-1] * 29))
