"""HiClass on the same embeddings: the library that hierarchical classifiers are compared with. Worker only."""

from collections.abc import Sequence

import numpy as np

from core.domain.arrays import FloatArray
from core.experiments.catalogue import Path

PEER = "HiClass LocalClassifierPerParentNode, logistic regression"
MAX_ITERATIONS = 1000


def hiclass_paths(
    train_features: FloatArray, train_paths: Sequence[Path], test_features: FloatArray, seed: int
) -> list[Path]:
    """Paths that HiClass predicts, with a logistic regression for every parent.

    A path that ends early is padded with empty names, as HiClass wants it. HiClass cannot choose to stop at a node that
    has children.

    Args:
        train_features: Embeddings to learn from. Shape: (n_train, d).
        train_paths: Node ids from below the root, one path per product.
        test_features: Embeddings to predict. Shape: (n_test, d).
        seed: Of the regressions.

    Returns:
        One path per test product.

    Source:
        Miranda et al. 2023, https://arxiv.org/abs/2112.06560
    """
    from hiclass import LocalClassifierPerParentNode
    from sklearn.linear_model import LogisticRegression

    depth = max(map(len, train_paths))
    padded = np.array([[*path, *[""] * (depth - len(path))] for path in train_paths])
    regression = LogisticRegression(max_iter=MAX_ITERATIONS, random_state=seed)
    peer = LocalClassifierPerParentNode(local_classifier=regression)
    peer.fit(train_features, padded)
    predicted = np.asarray(peer.predict(test_features)).reshape(len(test_features), -1)
    return [tuple(str(node_id) for node_id in row if node_id) for row in predicted]
