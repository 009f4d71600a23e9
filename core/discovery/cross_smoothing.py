"""Lets each modality borrow from its products' neighbours in the others, before they are put together.

Two trainers of the same cut may share no word of their titles, and two boots no colour: words and images each part
what the other holds together. A product's words averaged with those of its look-alikes, and its look averaged with
that of the products that are called alike, keep what both agree on. A product without a title gets one this way.
"""

from collections.abc import Mapping

import numpy as np

from core.domain.arrays import BoolArray, FloatArray, IntArray

N_NEIGHBORS = 10
N_LENDERS = 20_000
"""Above this many products, neighbours are looked for among so many of them, drawn at random: all pairs of 100,000
would take a minute, and neighbours in a sample agree as well."""


def smooth_across(features: Mapping[str, FloatArray], n_neighbors: int = N_NEIGHBORS) -> dict[str, FloatArray]:
    """Average each product's features with those of its neighbours in every other modality.

    One step of cross diffusion: x_a becomes x_a + mean over the neighbours in b of x_a, for every other modality b,
    and is L2-normalised again.

    Args:
        features: Unit vectors per modality, zero where a product lacks it. Shapes: (n_products, k).
        n_neighbors: How many neighbours; fewer where there are fewer products.

    Returns:
        The same modalities and shapes. A product that lacks a modality takes its neighbours' mean; one without
        neighbours stays as it is.

    Source:
        Wang et al. 2014, similarity network fusion, https://doi.org/10.1038/nmeth.2810 (the idea, not the iteration)
    """
    has = {name: np.any(rows, axis=1) for name, rows in features.items()}
    smoothed = {name: rows.copy() for name, rows in features.items()}
    for other, seen in features.items():
        for name, rows in features.items():
            if name == other or not (lenders := has[other] & has[name]).any():
                continue
            borrowers = np.flatnonzero(has[other])
            neighbors = _nearest(seen, borrowers, lenders, n_neighbors)  # (n_borrowers, n_neighbors)
            for column in neighbors.T:
                smoothed[name][borrowers] += rows[column] / np.float32(neighbors.shape[1])
    return {name: _normalised(rows) for name, rows in smoothed.items()}


def _nearest(seen: FloatArray, borrowers: IntArray, lenders: BoolArray, n_neighbors: int) -> IntArray:
    """Positions of the nearest lenders of each borrower, itself left out where others are there."""
    from sklearn.neighbors import NearestNeighbors

    positions = np.flatnonzero(lenders)
    if len(positions) > N_LENDERS:
        positions = np.sort(np.random.default_rng(len(positions)).choice(positions, N_LENDERS, replace=False))
    n_wanted = min(n_neighbors + 1, len(positions))
    index = NearestNeighbors(n_neighbors=n_wanted, algorithm="brute").fit(seen[positions])
    found = positions[index.kneighbors(seen[borrowers], return_distance=False)]  # (n_borrowers, n_wanted)
    if n_wanted == 1:
        return found
    is_self = found == borrowers[:, None]
    is_self[~is_self.any(axis=1), -1] = True  # itself is no lender, or lost among duplicates: drop the farthest
    return found[~is_self].reshape(len(borrowers), n_wanted - 1)


def _normalised(rows: FloatArray) -> FloatArray:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
