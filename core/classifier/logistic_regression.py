"""Logistic regression by scikit-learn, for sets that are too small to train a layer by steps."""

import numpy as np
import torch
from torch import Tensor, nn

_INVERSE_REGULARISATION = 0.3
_MAX_ITERATIONS = 1000


def fit_logistic_regression(layer: nn.Linear, inputs: Tensor, class_ids: Tensor) -> None:
    """Find a softmax regression's weights of the least regularised loss, and put them into a layer.

    The strength of the regularisation suits catalogues of 100 to 1,000 titles: probabilities are nearly calibrated,
    and wrong labels are not learnt by heart.

    Args:
        layer: One output per class; changed in place. A single class leaves it as it is.
        inputs: Centred, with a mean variance of one over the dimensions. Shape: (n_products, n_dimensions).
        class_ids: Every class from 0 on at least once. Shape: (n_products,).

    Source:
        https://scikit-learn.org/stable/modules/linear_model.html#logistic-regression
    """
    from sklearn.linear_model import LogisticRegression

    if layer.out_features < 2:
        return
    regression = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=_MAX_ITERATIONS)
    regression.fit(inputs.numpy().astype(np.float64), class_ids.numpy())
    weight, bias = regression.coef_, regression.intercept_
    if layer.out_features == 2:  # one row, of the second class: half of it for, half against
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))
