"""A temperature per level that makes confidences mean what they say."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from core.classifier.label_tree import LabelTree
from core.domain.arrays import AnyArray, BoolArray, DoubleArray, IntArray

_LOG_BOUNDS = (np.log(0.05), np.log(20.0))
_PRIOR_STRENGTH = 5.0


def fit_temperatures(
    log_conditionals: Sequence[AnyArray], class_ids: IntArray, tree: LabelTree, is_masked: bool = True
) -> tuple[float, ...]:
    """The temperature of each level under which the true classes are most likely, given their true parents.

    As the likelihood of a path is the product over its levels, these together fit the whole path's confidence.
    A mild prior at 1 keeps a handful of products from pushing a temperature to an extreme.

    Args:
        log_conditionals: Per level, the log-probability (or any logit) of each class among its siblings.
            Shapes: (n_products, n_classes of the level).
        class_ids: True classes. Shape: (n_products, depth).
        tree: The classes' tree.
        is_masked: Whether only siblings compete; False where all classes of a level do.

    Returns:
        One positive temperature per level; 1 where no product has a choice.

    Source:
        Guo et al. 2017, https://arxiv.org/abs/1706.04599
    """
    temperatures = []
    for level, logits in enumerate(log_conditionals):
        parents = class_ids[:, level - 1] if level else np.zeros(len(class_ids), dtype=np.int64)
        allowed = tree.masks[level][parents] if is_masked else np.ones(logits.shape, dtype=np.bool_)
        temperatures.append(_fit_level(np.asarray(logits), class_ids[:, level], allowed))
    return tuple(temperatures)


def _fit_level(logits: AnyArray, true_ids: IntArray, allowed: BoolArray) -> float:
    has_choice = allowed.sum(axis=1) > 1
    if not has_choice.any():
        return 1.0
    logits, true_ids, allowed = logits[has_choice].astype(np.float64), true_ids[has_choice], allowed[has_choice]
    margins = _pack(logits - logits[np.arange(len(logits)), true_ids][:, None], allowed)

    def loss(log_temperature: float) -> float:
        nll = logsumexp(margins / np.exp(log_temperature), axis=1).sum()
        return float(nll + _PRIOR_STRENGTH * log_temperature**2)

    return float(np.exp(minimize_scalar(loss, bounds=_LOG_BOUNDS, method="bounded").x))


def _pack(margins: DoubleArray, allowed: BoolArray) -> DoubleArray:
    """Move each row's siblings to the left and cut the rest. Shape: (n, n_classes) -> (n, most siblings)."""
    width = int(allowed.sum(axis=1).max())
    order = np.argsort(~allowed, axis=1, kind="stable")[:, :width]
    return np.take_along_axis(np.where(allowed, margins, -np.inf), order, axis=1)
