"""Classify a table of products from their embeddings, saying how far it is."""

from collections.abc import Mapping

from core.classifier.trained import PathPredictor
from core.domain.arrays import FloatArray
from core.domain.classifier import PredictedPath
from core.domain.errors import ShapeError
from core.domain.progress import NullProgress, Progress

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
        predicted += classifier.predict(part, decode)
        progress.report(len(predicted) / n_products, f"Classified {len(predicted):,} of {n_products:,} products")
    return predicted
