"""Step 1 of the cascade: set aside images that do not belong with the others. Worker only: imports hdbscan."""

import warnings
from typing import NamedTuple

import numpy as np

from core.discovery.features import present_rows
from core.discovery.heartbeat import run_with_heartbeat
from core.discovery.reduction import principal_components
from core.domain.arrays import AnyArray, BoolArray, FloatArray, IntArray
from core.domain.progress import NullProgress, Progress

MINIMUM_PRODUCTS = 60
"""With fewer images there is no telling a rare product from an incoherent one."""
MAXIMUM_SHARE = 0.05
"""At most this share of the products is set aside: the filter would rather miss an image than lose a group."""
N_COMPONENTS = 50
"""Enough to keep an odd image odd: on few components it falls among the others."""
MINIMUM_DEVIATIONS = 3.5
"""How many robust standard deviations above the usual an outlier score must lie."""


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

    A product is noise where HDBSCAN puts its image in no cluster and its GLOSH outlier score is far above the usual.

    Args:
        image_embedding: One vector per product, zero where there is no image; None without images. Shape: (n, d).
        n_products: Number of products n.
        seed: For the PCA of large inputs.
        maximum_share: At most this share of all products is noise, the strongest outliers first.
        progress: Told that it works.

    Returns:
        The noise flags and the GLOSH scores in [0, 1]; no noise below `MINIMUM_PRODUCTS` images.

    Source:
        Gross et al. 2025, step 1, https://arxiv.org/abs/2508.20013; GLOSH: Campello et al. 2015.
    """
    result = FilteredImages(np.zeros(n_products, dtype=bool), np.zeros(n_products, dtype=np.float32))
    present = np.zeros(n_products, dtype=bool) if image_embedding is None else present_rows(image_embedding)
    if present.sum() < MINIMUM_PRODUCTS:
        return result
    images = np.asarray(image_embedding, dtype=np.float32)[present]
    components = principal_components(
        images / np.linalg.norm(images, axis=1, keepdims=True), N_COMPONENTS, seed
    )  # (n_present, k)
    labels, scores = run_with_heartbeat(
        lambda _: _outlier_scores(components), progress or NullProgress(), "Looking for images that do not belong"
    )
    flagged = _clear_outliers(scores, labels < 0, int(maximum_share * n_products))
    result.is_noise[present] = flagged
    result.outlier_scores[present] = scores
    return result


def _outlier_scores(components: FloatArray) -> tuple[IntArray, FloatArray]:
    """HDBSCAN's label and the GLOSH score of each image."""
    import hdbscan

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # identical images have infinite density; their score becomes 0 below
        model = hdbscan.HDBSCAN(min_cluster_size=max(5, len(components) // 100), min_samples=5, core_dist_n_jobs=1).fit(
            components.astype(np.float64)
        )
        scores = np.clip(np.nan_to_num(model.outlier_scores_), 0.0, 1.0)
    return model.labels_.astype(np.int64), scores.astype(np.float32)


def _clear_outliers(scores: FloatArray, unclustered: BoolArray, at_most: int) -> BoolArray:
    """Unclustered images whose score is extreme, on a scale where scores near 1 spread out again."""
    # 1 - score is a ratio of densities, so its logarithm is what has comparable steps.
    spread = -np.log(np.maximum(1.0 - scores.astype(np.float64), 1e-6))
    usual = np.median(spread)
    deviation = 1.4826 * np.median(np.abs(spread - usual))  # a robust standard deviation
    is_clear = unclustered & (spread > usual + MINIMUM_DEVIATIONS * deviation) & (spread > 0)
    strongest = np.argsort(np.where(is_clear, -spread, np.inf), kind="stable")[: min(at_most, int(is_clear.sum()))]
    flagged = np.zeros(len(scores), dtype=bool)
    flagged[strongest] = True
    return flagged
