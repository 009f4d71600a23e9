"""What a simulated curator starts from, apart from how it is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.discovery.dendrogram import Dendrogram
from core.domain.arrays import AnyArray, DoubleArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Case:
    """One discovery of one category, and the truth that was hidden from it. Arrays hold one row per product.

    Attributes:
        truth: True kind of each product, from 0. Shape: (n_products,).
        kinds: Name of each kind.
        blocks: Whatever describes the products, by name: what the ceiling and every classifier read.
            Shapes: (n_products, d).
        features: The blocks side by side, each of unit variance. Shape: (n_products, sum of the widths).
        clustered: The features that were clustered. Shape: (n_products, d).
        reduced: Positions in the space that was clustered: says who is typical. Shape: (n_products, k).
        dendrogram: What clusters are cut from; noise sits on leaf -1.
        n_clusters: The cut that the discovery suggests.
        seed: Decides every sample.
    """

    truth: IntArray
    kinds: tuple[str, ...]
    blocks: Mapping[str, AnyArray]
    features: DoubleArray
    clustered: FloatArray
    reduced: FloatArray
    dendrogram: Dendrogram
    n_clusters: int
    seed: int


def make_case(
    true_labels: Sequence[str],
    modalities: Mapping[str, AnyArray],
    clustered: FloatArray,
    reduced: FloatArray,
    dendrogram: Dendrogram,
    n_clusters: int,
    seed: int,
) -> Case:
    """Put a case together.

    Args:
        true_labels: Shape: (n_products,).
        modalities: Embeddings by name. Shapes: (n_products, d).
        clustered: See `Case`; the classifier reads it too.
        reduced: See `Case`; the classifier reads it too.
        dendrogram: See `Case`.
        n_clusters: See `Case`.
        seed: See `Case`.
    """
    kinds, truth = np.unique(np.asarray(true_labels, dtype=str), return_inverse=True)
    blocks = {**modalities, "clustered": clustered, "reduced": reduced}
    features = np.hstack([_unit_variance(block) for block in blocks.values()])
    names = tuple(kinds.tolist())
    return Case(truth.astype(np.int64), names, blocks, features, clustered, reduced, dendrogram, n_clusters, seed)


def _unit_variance(block: AnyArray) -> DoubleArray:
    """Centred, and scaled as a whole so that products are one apart on average: directions keep their weight."""
    centred = np.asarray(block, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    return centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-12)
