"""Fewer dimensions: PCA, UMAP for clustering, UMAP for the map. Worker only: imports umap."""

import io
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors
from tqdm import tqdm

from core.discovery.heartbeat import Pulse, run_with_heartbeat
from core.domain.arrays import AnyArray, BoolArray, FloatArray, IntArray
from core.domain.discovery import DiscoveryParameters
from core.domain.errors import JobCancelledError, TooFewProductsError
from core.domain.progress import NullProgress, Progress

MINIMUM_PRODUCTS = 8
"""Below this many products there is nothing to discover."""
UMAP_MINIMUM = 15
"""Below this many different products neighbourhoods say nothing, and PCA is used."""
SPECTRAL_MINIMUM = 200
"""Below this many products UMAP starts from PCA: the spectral start is unreliable on tiny graphs."""
N_LANDMARKS = 20_000
"""Above this many products UMAP is fitted on so many of them, drawn at random, and the others are placed among them."""
N_ANCHORS = 15
"""How many landmarks say where another product belongs."""
N_EPOCHS, N_EPOCHS_OF_MANY, MANY_LANDMARKS = 300, 200, 10_000
"""Large graphs settle in fewer epochs: UMAP's own rule."""
PLACED_AT_ONCE, MEDIAN_STEPS, SMALLEST_DISTANCE = 8_192, 8, 1e-6


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The neighbourhood graph that both reductions start from.

    Attributes:
        landmarks: Positions of the products UMAP is fitted on, rising; all of them below the limit. Shape: (m,).
        found: Nearest landmarks of each landmark, itself first, as indices into `landmarks`. Shape: (m, n_neighbors).
        distances: Their cosine distances. Shape: (m, n_neighbors).
        is_other: Products that are no landmarks. Shape: (n_products,).
        anchors: Nearest landmarks of each of those, as indices; None where there are none. Shape: (n_other, n_anchors).
    """

    landmarks: IntArray
    found: IntArray
    distances: FloatArray
    is_other: BoolArray
    anchors: IntArray | None


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


def neighbourhood(features: FloatArray, parameters: DiscoveryParameters, n_landmarks: int = N_LANDMARKS) -> Neighbours:
    """Find the nearest products of each, once for both reductions.

    Args:
        features: Combined modality features. Shape: (n_products, d).
        parameters: Gives `n_neighbors` and the seed.
        n_landmarks: Above this many products a random choice of so many stands for all.

    Returns:
        Exact cosine neighbours among the landmarks.
    """
    n_products = len(features)
    if n_products <= n_landmarks:
        landmarks = np.arange(n_products, dtype=np.int64)
    else:
        generator = np.random.default_rng(parameters.seed)
        landmarks = np.sort(generator.choice(n_products, n_landmarks, replace=False))
    directions = _directions(features)
    search = NearestNeighbors(n_neighbors=min(parameters.n_neighbors, len(landmarks) - 1), algorithm="brute")
    search.fit(directions[landmarks])
    distances, found = search.kneighbors(directions[landmarks])
    is_other = np.ones(n_products, dtype=bool)
    is_other[landmarks] = False
    search.set_params(n_neighbors=min(N_ANCHORS, len(landmarks)))
    anchors = search.kneighbors(directions[is_other], return_distance=False) if is_other.any() else None
    return Neighbours(landmarks, found, (distances**2 / 2).astype(np.float32), is_other, anchors)


def reduce_for_clustering(
    features: FloatArray,
    parameters: DiscoveryParameters,
    progress: Progress | None = None,
    neighbours: Neighbours | None = None,
) -> FloatArray:
    """Reduce combined features to the space that is clustered (10-d UMAP with `min_dist` 0).

    UMAP is fitted on the landmarks; every other product takes the place where most of its nearest landmarks are.

    Args:
        features: Combined modality features. Shape: (n_products, d).
        parameters: Gives `n_components`, `n_neighbors` and the seed.
        progress: Told the share of epochs done.
        neighbours: What `neighbourhood` gave for these features; None finds them.

    Returns:
        Finite positions; PCA positions where fewer than `UMAP_MINIMUM` products differ. Shape: (n_products, k).

    Raises:
        TooFewProductsError: Below `MINIMUM_PRODUCTS` products.

    Source:
        McInnes et al. 2018, https://arxiv.org/abs/1802.03426; landmarks: de Silva and Tenenbaum 2004.
    """
    shape = (parameters.n_components, 0.0)
    return _umap(features, parameters, shape, neighbours, progress or NullProgress(), "Reducing features")


def project_for_map(
    features: FloatArray,
    parameters: DiscoveryParameters,
    progress: Progress | None = None,
    neighbours: Neighbours | None = None,
) -> FloatArray:
    """Project combined features onto the map (2-d UMAP). Same rules and errors as `reduce_for_clustering`.

    Returns:
        Map coordinates. Shape: (n_products, 2).
    """
    return _umap(features, parameters, (2, 0.1), neighbours, progress or NullProgress(), "Drawing the map")


def _umap(
    features: FloatArray,
    parameters: DiscoveryParameters,
    shape: tuple[int, float],
    neighbours: Neighbours | None,
    progress: Progress,
    message: str,
) -> FloatArray:
    check_enough_products(len(features))
    n_components, min_dist = shape
    n_distinct = len(np.unique(features, axis=0))
    if n_distinct < UMAP_MINIMUM:
        return _padded(principal_components(features, n_components, parameters.seed), n_components)

    def fit(pulse: Pulse) -> FloatArray:
        near = neighbours or neighbourhood(features, parameters)
        reducer = {
            "n_components": min(n_components, features.shape[1], n_distinct - 2),
            "n_neighbors": near.found.shape[1],
            "min_dist": min_dist,
            "metric": "cosine",
            "init": "spectral" if n_distinct >= SPECTRAL_MINIMUM else "pca",
            "n_epochs": N_EPOCHS if len(near.landmarks) <= MANY_LANDMARKS else N_EPOCHS_OF_MANY,
            "random_state": parameters.seed,
            "n_jobs": 1,
            "disconnection_distance": 3.0,  # beyond any cosine distance: opposite products must not become NaN
            "precomputed_knn": (near.found, near.distances),
        }
        return _placed(_finite(_fit_umap(features[near.landmarks], reducer, pulse)), near)

    return _padded(run_with_heartbeat(fit, progress, message), n_components)


def _placed(embedded: FloatArray, near: Neighbours) -> FloatArray:
    """Positions of all products: the landmarks' own, and for others the median of their nearest landmarks'.

    A mean would draw threads between the groups: the geometric median stays where most of the neighbours are.
    """
    if near.anchors is None:
        return embedded
    others = np.empty((len(near.anchors), embedded.shape[1]), dtype=np.float32)
    for start in range(0, len(others), PLACED_AT_ONCE):
        around = embedded[near.anchors[start : start + PLACED_AT_ONCE]]  # (n, n_anchors, k)
        centres = np.median(around, axis=1)  # (n, k)
        for _ in range(MEDIAN_STEPS):  # Weiszfeld's iteration
            apart = np.linalg.norm(around - centres[:, None], axis=2)  # (n, n_anchors)
            weights = 1 / np.maximum(apart, SMALLEST_DISTANCE)
            centres = (weights[:, :, None] * around).sum(axis=1) / weights.sum(axis=1)[:, None]
        others[start : start + PLACED_AT_ONCE] = centres
    positions = np.empty((len(near.is_other), embedded.shape[1]), dtype=np.float32)
    positions[near.landmarks], positions[near.is_other] = embedded, others
    return positions


def _fit_umap(features: FloatArray, reducer: dict[str, Any], pulse: Pulse) -> FloatArray:
    bar = {"file": _EpochWriter(pulse), "bar_format": "{n}/{total} ", "mininterval": 0.5, "disable": False}
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


def _directions(features: FloatArray) -> FloatArray:
    """Unit vectors whose squared distances are twice the cosine distances; a product without features is like none."""
    norms = np.linalg.norm(features, axis=1, keepdims=True)
    is_empty = norms == 0
    units = np.divide(features, norms, out=np.zeros_like(features), where=~is_empty)
    return np.hstack([units, is_empty.astype(features.dtype)])


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
