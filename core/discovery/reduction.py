"""Fewer dimensions: PCA, UMAP for clustering, UMAP for the map. Worker only: imports umap."""

import io
import warnings
from contextlib import suppress
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from tqdm import tqdm

from core.discovery.heartbeat import Pulse, run_with_heartbeat
from core.domain.arrays import AnyArray, FloatArray
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import JobCancelledError, TooFewProductsError
from core.domain.progress import NullProgress, Progress

MINIMUM_PRODUCTS = 8
"""Below this many products there is nothing to discover."""
UMAP_MINIMUM = 15
"""Below this many different products neighbourhoods say nothing, and PCA is used."""
SPECTRAL_MINIMUM = 200
"""Below this many products UMAP starts from PCA: the spectral start is unreliable on tiny graphs."""
EXACT_NEIGHBOURS = 4096
"""Below this many products UMAP would compare every pair in Python, seconds of it; one matrix product does as well."""
N_EPOCHS = 300


def check_enough_products(n_products: int) -> None:
    """Refuse a category too small to hold groups.

    Raises:
        TooFewProductsError: Below `MINIMUM_PRODUCTS`.
    """
    if n_products < MINIMUM_PRODUCTS:
        raise TooFewProductsError(
            f"A discovery needs at least {MINIMUM_PRODUCTS} products, this category holds {n_products}.",
            "Import more products, or choose the parent category.",
        )


def principal_components(features: AnyArray, n_components: int, seed: int) -> FloatArray:
    """Centred features on their leading principal components.

    Args:
        features: Shape: (n, d).
        n_components: Wanted; fewer where n or d allow no more.
        seed: For the randomised solver that large inputs take.

    Returns:
        Shape: (n, min(n_components, n, d)).
    """
    width = min(n_components, *features.shape)
    with np.errstate(invalid="ignore"):  # where nothing varies, the share of variance is 0 / 0; the result is zeros
        components = PCA(width, random_state=seed).fit_transform(np.asarray(features, dtype=np.float32))
    return components.astype(np.float32)


def reduce_for_clustering(
    features: FloatArray, parameters: DiscoveryParameters, progress: Progress | None = None
) -> FloatArray:
    """Reduce combined features to the space that is clustered (10-d UMAP with `min_dist` 0).

    Args:
        features: Combined modality features. Shape: (n_products, d).
        parameters: Gives `n_components`, `n_neighbors` and the seed.
        progress: Told the share of epochs done.

    Returns:
        Finite positions; PCA positions where fewer than `UMAP_MINIMUM` products differ. Shape: (n_products, k).

    Raises:
        TooFewProductsError: Below `MINIMUM_PRODUCTS` products.

    Source:
        McInnes et al. 2018, https://arxiv.org/abs/1802.03426
    """
    return _umap(features, parameters, parameters.n_components, 0.0, progress or NullProgress(), "Reducing features")


def project_for_map(
    features: FloatArray, parameters: DiscoveryParameters, progress: Progress | None = None
) -> FloatArray:
    """Project combined features onto the map (2-d UMAP). Same rules and errors as `reduce_for_clustering`.

    Returns:
        Map coordinates. Shape: (n_products, 2).
    """
    return _umap(features, parameters, 2, 0.1, progress or NullProgress(), "Drawing the map")


def _umap(
    features: FloatArray,
    parameters: DiscoveryParameters,
    n_components: int,
    min_dist: float,
    progress: Progress,
    message: str,
) -> FloatArray:
    check_enough_products(len(features))
    n_distinct = len(np.unique(features, axis=0))
    if n_distinct < UMAP_MINIMUM:
        return _padded(principal_components(features, n_components, parameters.seed), n_components)
    reducer = {
        "n_components": min(n_components, features.shape[1], n_distinct - 2),
        "n_neighbors": min(parameters.n_neighbors, len(features) - 1),
        "min_dist": min_dist,
        "metric": "cosine",
        "init": "spectral" if n_distinct >= SPECTRAL_MINIMUM else "pca",
        "n_epochs": N_EPOCHS,
        "random_state": parameters.seed,
        "n_jobs": 1,
        "disconnection_distance": 3.0,  # beyond any cosine distance: opposite products must not become NaN
    }
    embedded = run_with_heartbeat(lambda pulse: _fit_umap(features, reducer, pulse), progress, message)
    return _padded(_finite(embedded), n_components)


def _fit_umap(features: FloatArray, reducer: dict[str, Any], pulse: Pulse) -> FloatArray:
    bar = {"file": _EpochWriter(pulse), "bar_format": "{n}/{total} ", "mininterval": 0.5, "disable": False}
    if len(features) < EXACT_NEIGHBOURS:
        reducer = {**reducer, "precomputed_knn": _nearest_neighbours(features, reducer["n_neighbors"])}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spectral start falling back, and the like: the result is checked instead
        import umap  # takes seconds to import, and only real reductions need it

        try:
            return umap.UMAP(**reducer, tqdm_kwds=bar).fit_transform(features).astype(np.float32)
        except JobCancelledError:
            _release_bar_lock()
            raise


def _release_bar_lock() -> None:
    """Let go of tqdm's global lock: a bar whose write raised keeps it, and every later bar would wait for ever."""
    with suppress(AssertionError, RuntimeError):  # this thread does not hold it
        tqdm.get_lock().release()


def _nearest_neighbours(features: FloatArray, n_neighbors: int) -> tuple[AnyArray, FloatArray]:
    """Exact cosine neighbours of each product, itself among them, and their distances. Shapes: (n, n_neighbors)."""
    search = NearestNeighbors(n_neighbors=n_neighbors, metric="cosine", algorithm="brute").fit(features)
    distances, neighbours = search.kneighbors(features)
    return neighbours, distances.astype(np.float32)


class _EpochWriter(io.TextIOBase):
    """A stream for UMAP's progress bar that turns "120/300" into a beat."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    def write(self, text: str) -> int:
        """Read the epoch out of what the bar prints."""
        done, slash, total = text.strip().partition("/")
        if slash and done.isdecimal() and total.isdecimal():
            self._pulse.beat(int(done) / max(int(total), 1))
        return len(text)


def _finite(embedded: FloatArray) -> FloatArray:
    """Positions with any lost product set to the middle of the others."""
    lost = ~np.isfinite(embedded).all(axis=1)
    if lost.any():
        embedded[lost] = embedded[~lost].mean(axis=0) if not lost.all() else 0.0
    return embedded


def _padded(positions: FloatArray, width: int) -> FloatArray:
    missing = width - positions.shape[1]
    return np.pad(positions, ((0, 0), (0, missing))) if missing > 0 else positions
