"""The products that stand for a cluster."""

import numpy as np

from core.discovery.medoids import medoids, rank_by_centrality

POINTS = np.array([[0, 0], [4, 0], [1, 0], [10, 0], [14, 0], [12, 0], [6, 0]], dtype=np.float32)
CLUSTERS = np.array([0, 0, 0, 1, 1, 1, -1])


def test_distances_are_to_the_centre_of_the_own_cluster():
    found = rank_by_centrality(POINTS, CLUSTERS)
    centres = [POINTS[c == CLUSTERS].mean(axis=0) for c in (0, 1)]
    assert np.allclose(found[:6], [np.linalg.norm(p - centres[c]) for p, c in zip(POINTS, CLUSTERS[:6], strict=False)])


def test_noise_is_measured_to_the_nearest_centre():
    assert np.isclose(rank_by_centrality(POINTS, CLUSTERS)[6], 6 - 5 / 3)


def test_noise_alone_has_no_distance():
    assert rank_by_centrality(POINTS, np.full(7, -1)).tolist() == [0] * 7
    assert medoids(np.zeros(7), np.full(7, -1), 3) == []


def test_medoids_come_nearest_first_and_never_hold_noise():
    found = medoids(rank_by_centrality(POINTS, CLUSTERS), CLUSTERS, 2)
    assert [positions.tolist() for positions in found] == [[2, 0], [5, 3]]


def test_a_small_cluster_gives_fewer_medoids():
    assert [len(positions) for positions in medoids(np.arange(4.0), np.array([0, 0, 0, 1]), 2)] == [2, 1]
