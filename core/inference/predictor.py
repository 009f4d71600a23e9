"""Classify a table of products from their embeddings, saying how far it is."""

from collections.abc import Mapping

import numpy as np

from core.classifier.trained import PathPredictor
from core.domain.arrays import FloatArray, IntArray
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError
from core.domain.progress import NullProgress, Progress
from core.encoders.workers import Workers

BATCH = 1024
"""Products that a core takes at a time: what they need on their way through the network fits its cache."""
_PRODUCTS_BETWEEN_REPORTS = 32_768


def classify_features(
    classifier: PathPredictor,
    features: Mapping[str, FloatArray],
    decode: str | None = None,
    progress: Progress | None = None,
) -> list[PredictedPath]:
    """The calibrated path of each product, in input order.

    Args:
        classifier: A trained classifier.
        features: Embedding of each modality; a zero vector where a product lacks it, and a modality left out where
            all do. Shapes: (n_products, its dimension).
        decode: `best_path` or `greedy`; as the classifier does by itself where None.
        progress: Told after every 32,768 products.

    Returns:
        One path per product.

    Raises:
        ShapeError: If the embeddings do not fit each other or the classifier.
        JobCancelledError: If `progress` says so.
    """
    progress = progress or NullProgress()
    lengths = {len(array) for array in features.values()}
    if len(lengths) != 1:
        raise ShapeError(
            f"Expected embeddings of the same products, got {sorted(lengths)} of them.", "Encode the products again."
        )
    n_products = lengths.pop()
    predicted: list[PredictedPath] = []
    for start in range(0, n_products, _PRODUCTS_BETWEEN_REPORTS):
        part = {name: array[start : start + _PRODUCTS_BETWEEN_REPORTS] for name, array in features.items()}
        predicted += classifier.to_paths(*predict_arrays(classifier, part, decode))
        progress.report(len(predicted) / n_products, f"Classified {len(predicted):,} of {n_products:,} products")
    return predicted


def predict_arrays(
    classifier: PathPredictor, features: Mapping[str, FloatArray], decode: str | None = None
) -> tuple[IntArray, FloatArray]:
    """What the classifier's own `predict_arrays` gives, by all cores, each at a batch of its own.

    Cores that share one multiplication wait for each other, which is slow where anything else runs on the machine.

    Args:
        classifier: A trained classifier.
        features: As for `classify_features`.
        decode: As for `classify_features`.

    Returns:
        Class ids of the classifier's tree, and the cumulative confidence down to each level.
        Shapes: (n_products, depth).

    Raises:
        ShapeError: If the embeddings do not fit each other or the classifier.
    """
    starts = range(0, max(len(array) for array in features.values()), BATCH)
    if len(starts) < 2:
        return classifier.predict_arrays(features, decode)
    parts = [{name: array[start : start + BATCH] for name, array in features.items()} for start in starts]
    with Workers() as workers:
        decoded = workers.run(lambda part: classifier.predict_arrays(part, decode, BATCH), parts)
    return np.concatenate([ids for ids, _ in decoded]), np.concatenate([scores for _, scores in decoded])
