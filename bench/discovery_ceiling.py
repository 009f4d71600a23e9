"""What a supervised model can learn from the same features: no clustering can be expected to do better."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.arrays import AnyArray

N_FOLDS = 5
INVERSE_REGULARISATION = 10.0


def supervised_ceiling(embeddings: Mapping[str, AnyArray], truth: Sequence[str], seed: int = 0) -> float:
    """Accuracy of a logistic regression taught on four fifths of the true labels, on the fifth that it has not seen.

    Every product is in the unseen fifth once. What is missing to 1 is what the labels contradict each other in, and
    what the features do not show.

    Args:
        embeddings: Per modality, one vector per product. They are concatenated. Shapes: (n_products, d).
        truth: True label of each product. Shape: (n_products,).
        seed: Deals the products into fifths.

    Returns:
        Share of the products that are predicted right, in [0, 1].
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold, cross_val_predict

    features = np.hstack([_unit_variance(embedding) for embedding in embeddings.values()])
    labels = np.asarray(truth, dtype=str)
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=300)
    folds = KFold(N_FOLDS, shuffle=True, random_state=seed)
    return float((cross_val_predict(model, features, labels, cv=folds) == labels).mean())


def _unit_variance(embedding: AnyArray) -> AnyArray:
    """Centred, and scaled as a whole so that products are one apart on average: directions keep their weight."""
    centred = np.asarray(embedding, dtype=np.float64) - embedding.mean(axis=0)
    return centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-12)
