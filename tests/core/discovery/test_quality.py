"""Figures of a cut."""

import numpy as np
import pytest

from core.discovery.quality import ari, cluster_silhouettes, nmi, purity, simplified_silhouette
from core.domain.errors import ShapeError


def slow_silhouette(points, cluster_ids) -> list[float]:
    """Straight from the definition, one product at a time."""
    centres = {c: points[cluster_ids == c].mean(axis=0) for c in set(cluster_ids.tolist()) - {-1}}
    values = []
    for point, own in zip(points, cluster_ids.tolist(), strict=True):
        if own == -1:
            values.append(0.0)
            continue
        a = np.linalg.norm(point - centres[own])
        b = min(np.linalg.norm(point - centre) for c, centre in centres.items() if c != own)
        values.append((b - a) / max(a, b))
    return values


def test_the_silhouette_is_its_definition():
    generator = np.random.default_rng(0)
    points = generator.normal(size=(120, 4)).astype(np.float32)
    cluster_ids = generator.integers(-1, 5, 120)
    found = simplified_silhouette(points, cluster_ids)
    assert np.allclose(found, slow_silhouette(points.astype(np.float64), cluster_ids), atol=1e-6)
    means = cluster_silhouettes(found, cluster_ids)
    assert np.allclose(means, [found[cluster_ids == c].mean() for c in range(5)])


def test_far_groups_have_a_silhouette_near_one_and_swapped_products_one_below_zero():
    points = np.array([[0, 0], [0, 1], [100, 0], [100, 1]], dtype=np.float32)
    assert simplified_silhouette(points, np.array([0, 0, 1, 1])).min() > 0.99
    swapped = np.repeat(points, 3, axis=0)
    ids = np.array([0] * 5 + [1] + [1] * 5 + [0])
    assert simplified_silhouette(swapped, ids)[5] < 0


def test_one_cluster_or_identical_products_have_a_silhouette_of_zero():
    assert simplified_silhouette(np.ones((4, 2), dtype=np.float32), np.zeros(4, dtype=np.int64)).tolist() == [0] * 4
    assert simplified_silhouette(np.ones((4, 2), dtype=np.float32), np.array([0, 0, 1, 1])).tolist() == [0] * 4


def test_lengths_must_fit():
    with pytest.raises(ShapeError):
        simplified_silhouette(np.ones((4, 2), dtype=np.float32), np.zeros(3, dtype=np.int64))
    with pytest.raises(ShapeError):
        purity(np.zeros(3, dtype=np.int64), ["a", "b"])
    with pytest.raises(ShapeError):
        purity(np.zeros(0, dtype=np.int64), [])


def test_purity_counts_the_majority_of_each_cluster():
    assert purity(np.array([0, 0, 0, 1, 1]), ["a", "a", "b", "b", "b"]) == pytest.approx(4 / 5)


def test_hiding_a_product_as_noise_never_raises_the_purity():
    generator = np.random.default_rng(0)
    cluster_ids, labels = generator.integers(0, 4, 60), generator.choice(list("abc"), 60)
    for hidden in range(60):
        fewer = cluster_ids.copy()
        fewer[hidden] = -1
        assert purity(fewer, labels) <= purity(cluster_ids, labels)
    assert purity(np.full(60, -1), labels) == 0.0


def test_renumbered_truth_has_perfect_agreement():
    labels = list("aabbcc")
    cluster_ids = np.array([2, 2, 0, 0, 1, 1])
    assert purity(cluster_ids, labels) == 1.0
    assert nmi(cluster_ids, labels) == pytest.approx(1.0)
    assert ari(cluster_ids, labels) == pytest.approx(1.0)


def test_chance_agreement_has_a_rand_index_near_zero():
    generator = np.random.default_rng(0)
    assert abs(ari(generator.integers(0, 5, 2_000), generator.choice(list("abcde"), 2_000))) < 0.02
