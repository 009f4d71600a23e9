"""Step 1 of the cascade: set aside images that do not belong with the others. Worker only: imports hdbscan."""

import warnings
from typing import NamedTuple

import numpy as np

from core.discovery.features import present_rows
from core.discovery.heartbeat import run_with_heartbeat
from core.discovery.reduction import principal_components
from core.domain.arrays import AnyArray, BoolArray, DoubleArray, FloatArray, IntArray
from core.domain.progress import NullProgress, Progress

MINIMUM_PRODUCTS = 60
"""With fewer images there is no telling a rare product from an incoherent one."""
MAXIMUM_SHARE = 0.05
"""At most this share of the products is set aside: the filter would rather miss an image than lose a group."""
N_COMPONENTS = 50
"""Enough to keep an odd image odd: on few components it falls among the others."""
MINIMUM_DEVIATIONS = 2.5
"""How many robust standard deviations beyond the usual, on a logarithmic scale, an image must stand apart."""


class FilteredImages(NamedTuple):
    """What the filter says of each product. Shapes: (n_products,)."""

    is_noise: BoolArray
    outlier_scores: FloatArray


def filter_incoherent_images(
    image_embedding: AnyArray | None,
    n_products: int,
    seed: int,
    maximum_share: float = MAXIMUM_SHARE,
    progress: Progress | None = None,
) -> FilteredImages:
    """Find the few images that clearly belong to no group of the category.

    A product is noise where HDBSCAN puts its image in no cluster and joins it to others only at a distance far above
    what is usual in the category. GLOSH, the library's own score, compares with the densest spot of the nearest
    cluster instead: beside a few near-duplicates it takes ordinary products for outliers.

    Args:
        image_embedding: One vector per product, zero where there is no image; None without images. Shape: (n, d).
        n_products: Number of products n.
        seed: For the PCA of large inputs.
        maximum_share: At most this share of all products is noise, those furthest apart first.
        progress: Told that it works.

    Returns:
        The noise flags, and scores 1 - usual distance / own distance, in [0, 1], 0 up to the usual. No noise below
        `MINIMUM_PRODUCTS` images.

    Source:
        Gross et al. 2025, step 1, https://arxiv.org/abs/2508.20013; HDBSCAN: Campello et al. 2015.
    """
    result = FilteredImages(np.zeros(n_products, dtype=bool), np.zeros(n_products, dtype=np.float32))
    present = np.zeros(n_products, dtype=bool) if image_embedding is None else present_rows(image_embedding)
    if present.sum() < MINIMUM_PRODUCTS:
        return result
    images = np.asarray(image_embedding, dtype=np.float32)[present]
    unit_images = images / np.linalg.norm(images, axis=1, keepdims=True)
    components = principal_components(unit_images, N_COMPONENTS, seed)  # (n_present, k)
    labels, distances = run_with_heartbeat(
        lambda _: _joining_distances(components), progress or NullProgress(), "Looking for images that do not belong"
    )
    excess = _log_excess(distances)
    result.is_noise[present] = _clear_outliers(excess, labels < 0, int(maximum_share * n_products))
    result.outlier_scores[present] = 1.0 - np.exp(-np.maximum(excess, 0.0))
    return result


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


def _clear_outliers(excess: DoubleArray, unclustered: BoolArray, at_most: int) -> BoolArray:
    """Unclustered images far beyond the usual, the furthest `at_most` of them."""
    flagged = np.zeros(len(excess), dtype=bool)
    apart = excess[np.isfinite(excess)]
    if len(apart) == 0:
        return flagged
    deviation = np.quantile(apart, 0.8413)  # one standard deviation above the median, were this a normal law
    is_clear = unclustered & (excess > MINIMUM_DEVIATIONS * deviation) & (excess > 0)
    furthest = np.argsort(np.where(is_clear, -excess, np.inf), kind="stable")[: min(at_most, int(is_clear.sum()))]
    flagged[furthest] = True
    return flagged
