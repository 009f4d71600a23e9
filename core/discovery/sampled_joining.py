"""HDBSCAN for many images: fitted on a sample, and carried over to the others."""

from collections.abc import Callable

import numpy as np
from sklearn.neighbors import NearestNeighbors

from core.domain.arrays import DoubleArray, FloatArray, IntArray

N_SAMPLED = 20_000
"""As many as a run clusters exactly: up to here every image is fitted."""
N_CORE = 5
"""Of HDBSCAN: the distance to this nearest neighbour says how dense it is around an image."""
JoiningDistances = Callable[[FloatArray], tuple[IntArray, DoubleArray]]


def sampled_joining(
    components: FloatArray, fit: JoiningDistances, seed: int, n_sampled: int = N_SAMPLED
) -> tuple[IntArray, DoubleArray]:
    """Labels and joining distances of all images from a fit on some of them.

    An image outside the sample joins the image of the sample that it reaches at the smallest mutual reachability
    distance. It takes that one's label, unless every member of that cluster joined earlier: then it has none.

    Args:
        components: Shape: (n, k).
        fit: Gives HDBSCAN's label and the joining distance of each row it is given.
        seed: Decides the sample.
        n_sampled: Up to so many images, all are fitted.

    Returns:
        Label of each image, -1 for none, and the distance at which it joins others. Shapes: (n,).

    Source:
        Campello et al. 2015, mutual reachability; the prediction follows McInnes and Healy 2017, approximate_predict.
    """
    if len(components) <= n_sampled:
        return fit(components)
    sampled = np.sort(np.random.default_rng(seed).choice(len(components), n_sampled, replace=False))
    is_other = np.ones(len(components), dtype=bool)
    is_other[sampled] = False
    labels, distances = np.empty(len(components), dtype=np.int64), np.empty(len(components))
    labels[sampled], distances[sampled] = fit(components[sampled])
    search = NearestNeighbors(n_neighbors=N_CORE + 1, algorithm="brute").fit(components[sampled])
    core = search.kneighbors(components[sampled])[0][:, -1]  # itself is the first
    apart, found = search.kneighbors(components[is_other], N_CORE)  # (n_other, N_CORE)
    reach = np.maximum(np.maximum(apart, core[found]), apart[:, -1:])
    nearest = reach.argmin(axis=1)
    rows = np.arange(len(nearest))
    joined, at = labels[sampled][found[rows, nearest]], reach[rows, nearest]
    latest = np.zeros(int(labels[sampled].max(initial=-1)) + 2)  # the last one stands for label -1
    np.maximum.at(latest, labels[sampled], distances[sampled])
    labels[is_other] = np.where(at <= latest[joined], joined, -1)
    distances[is_other] = at
    return labels, distances
