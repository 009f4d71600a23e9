"""Step 1 of the cascade: set aside images that do not belong with the others. Worker only: imports hdbscan."""

import warnings
from typing import NamedTuple

import numpy as np

from core.discovery.choices import check_choice
from core.discovery.features import present_rows
from core.discovery.heartbeat import run_with_heartbeat
from core.discovery.image_filter_kmeans import kmeans_candidates
from core.discovery.reduction import principal_components
from core.discovery.sampled_joining import sampled_joining
from core.domain.arrays import AnyArray, BoolArray, DoubleArray, FloatArray, IntArray
from core.domain.discovery import IMAGE_FILTERS, OutlierReason
from core.domain.errors import ShapeError
from core.domain.progress import NullProgress, Progress

MINIMUM_PRODUCTS = 60
"""With fewer images there is no telling a rare product from an incoherent one."""
MAXIMUM_SHARE = 0.05
"""At most this share of the products is set aside: the filter would rather miss an image than lose a group."""
N_COMPONENTS = 50
"""Enough to keep an odd image odd: on few components it falls among the others."""
MINIMUM_DEVIATIONS = 2.5
"""How many robust standard deviations beyond the usual, on a logarithmic scale, an image must stand apart."""
BACKDROP_DEVIATIONS = 0.5
"""What a background counts at most: a wholly busy one among clean ones brings an image so much nearer to the limit, a
clean one among busy ones so much further from it. So it can tip the scale, never fill it."""
CLEARLY_BUSIER = 0.25
"""A background this much less clean than is usual in the category is named as a reason."""
TITLES = {"hdbscan": "HDBSCAN", "kmeans": "K-Means"}


class FilteredImages(NamedTuple):
    """What the filter says of each product.

    Attributes:
        is_noise: What is set aside. Shape: (n_products,).
        outlier_scores: How far apart each image stands, in [0, 1]. Shape: (n_products,).
        reasons: An `OutlierReason` per product. Shape: (n_products,).
        method: Which filter was used and what it did, for people.
    """

    is_noise: BoolArray
    outlier_scores: FloatArray
    reasons: IntArray
    method: str


def filter_incoherent_images(
    image_embedding: AnyArray | None,
    n_products: int,
    seed: int,
    maximum_share: float = MAXIMUM_SHARE,
    progress: Progress | None = None,
    method: str = "hdbscan",
    backdrop: FloatArray | None = None,
) -> FilteredImages:
    """Find the few images that clearly belong to no group of the category.

    With `hdbscan` a product is a candidate where HDBSCAN puts its image in no cluster, and what counts is the distance
    at which it joins others. GLOSH, the library's own score, compares with the densest spot of the nearest cluster
    instead: beside a few near-duplicates it takes ordinary products for outliers. For `kmeans` see
    `kmeans_candidates`. Either way a candidate is noise where its distance is far above what is usual in the category.
    A background busier than is usual there makes a candidate more suspect, a cleaner one less.

    Args:
        image_embedding: One vector per product, zero where there is no image; None without images. Shape: (n, d).
        n_products: Number of products n.
        seed: For the PCA of large inputs and for K-Means.
        maximum_share: At most this share of all products is noise, those furthest apart first.
        progress: Told that it works.
        method: "hdbscan", "kmeans", or "none" which sets nothing aside.
        backdrop: Cleanliness of each image's background in [0, 1], NaN where unknown. Shape: (n,).

    Returns:
        The noise flags with their reasons, and scores 1 - usual distance / own distance, in [0, 1], 0 up to the usual.
        No noise below `MINIMUM_PRODUCTS` images.

    Raises:
        ParameterError: If there is no such method.
        ShapeError: If `backdrop` has another length.

    Source:
        Gross et al. 2025, step 1, https://arxiv.org/abs/2508.20013; HDBSCAN: Campello et al. 2015.
    """
    check_choice("image filter", method, IMAGE_FILTERS)
    _check_backdrop(backdrop, n_products)
    present = np.zeros(n_products, dtype=bool) if image_embedding is None else present_rows(image_embedding)
    if method == "none" or present.sum() < MINIMUM_PRODUCTS:
        return _nothing(n_products, "none" if method == "none" else f"none, fewer than {MINIMUM_PRODUCTS} images")
    images = np.asarray(image_embedding, dtype=np.float32)[present]
    unit_images = images / np.linalg.norm(images, axis=1, keepdims=True)
    is_candidate, distances = run_with_heartbeat(
        lambda _: _candidates(principal_components(unit_images, N_COMPONENTS, seed), method, seed),
        progress or NullProgress(),
        "Looking for images that do not belong",
    )
    busyness = np.zeros(len(images)) if backdrop is None else _busyness(backdrop[present])
    excess = _log_excess(distances)
    suspicion = _with_background(excess, busyness)
    result = _nothing(n_products, "")
    flagged = _clear_outliers(excess, suspicion, is_candidate, int(maximum_share * n_products))
    result.is_noise[present] = flagged
    result.outlier_scores[present] = 1.0 - np.exp(-np.maximum(suspicion, 0.0))
    reason = np.where(busyness >= CLEARLY_BUSIER, OutlierReason.BUSY_BACKGROUND, OutlierReason.UNLIKE)
    result.reasons[present] = np.where(flagged, reason, OutlierReason.NONE)
    with_backgrounds = ", with backgrounds" if backdrop is not None else ""
    return result._replace(method=f"{TITLES[method]}{with_backgrounds}: {flagged.sum():,} of {len(images):,} images")


def _nothing(n_products: int, method: str) -> FilteredImages:
    return FilteredImages(
        np.zeros(n_products, dtype=bool),
        np.zeros(n_products, dtype=np.float32),
        np.zeros(n_products, dtype=np.int64),
        method,
    )


def _check_backdrop(backdrop: FloatArray | None, n_products: int) -> None:
    if backdrop is not None and backdrop.shape != (n_products,):
        raise ShapeError(
            f"Backgrounds expected one figure for each of {n_products} products, got shape {backdrop.shape}.",
            "Measure the backgrounds of the same products.",
        )


def _candidates(components: FloatArray, method: str, seed: int) -> tuple[BoolArray, DoubleArray]:
    """Which images may be set aside, and how far each is from the others."""
    if method == "kmeans":
        return kmeans_candidates(components, seed)
    labels, distances = sampled_joining(components, _joining_distances, seed)
    return labels < 0, distances


def _busyness(backdrop: FloatArray) -> DoubleArray:
    """How much busier than usual each background is, in [-1, 1]; 0 where unknown. Shape: (n,)."""
    known = np.isfinite(backdrop)
    usual = np.median(backdrop[known]) if known.any() else 0.0
    return np.where(known, usual - backdrop, 0.0)


def _joining_distances(components: FloatArray) -> tuple[IntArray, DoubleArray]:
    """HDBSCAN's label of each image, and the distance at which the image joins others."""
    import hdbscan

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")  # identical images join at distance 0, which divides by zero inside
        model = hdbscan.HDBSCAN(min_cluster_size=max(5, len(components) // 100), min_samples=5, core_dist_n_jobs=1)
        tree = model.fit(components.astype(np.float64)).condensed_tree_.to_numpy()
    leaves = tree[tree["child_size"] == 1]
    distances = np.zeros(len(components))
    distances[leaves["child"]] = 1.0 / leaves["lambda_val"]
    return model.labels_.astype(np.int64), distances


def _log_excess(distances: DoubleArray) -> DoubleArray:
    """Logarithm of each distance over the median of those that are not 0; -inf for 0. Shape: (n,)."""
    apart = distances > 0
    if not apart.any():
        return np.full(len(distances), -np.inf)
    return np.log(distances / np.median(distances[apart]), out=np.full(len(distances), -np.inf), where=apart)


def _with_background(excess: DoubleArray, busyness: DoubleArray) -> DoubleArray:
    """The excess of images beyond the usual, moved by what their background says. Shape: (n,)."""
    shift = BACKDROP_DEVIATIONS * max(_deviation(excess), 0.0) * busyness
    return np.where(excess > 0, np.maximum(excess + shift, 0.0), excess)


def _deviation(excess: DoubleArray) -> float:
    """One standard deviation above the median, were this a normal law; 0 where all images are alike."""
    apart = excess[np.isfinite(excess)]
    return float(np.quantile(apart, 0.8413)) if len(apart) else 0.0


def _clear_outliers(excess: DoubleArray, suspicion: DoubleArray, is_candidate: BoolArray, at_most: int) -> BoolArray:
    """Candidates far beyond the usual, the most suspect `at_most` of them."""
    flagged = np.zeros(len(excess), dtype=bool)
    is_clear = is_candidate & (suspicion > MINIMUM_DEVIATIONS * _deviation(excess)) & (excess > 0)
    furthest = np.argsort(np.where(is_clear, -suspicion, np.inf), kind="stable")[: min(at_most, int(is_clear.sum()))]
    flagged[furthest] = True
    return flagged
