"""What makes up for classes of very unequal size."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.classifier.masking import LevelMask


def effective_number_weights(class_ids: Tensor, masks: Sequence[LevelMask], beta: float) -> list[Tensor] | None:
    """Weight of each class by the effective number of its products, averaging one over products.

    Args:
        class_ids: Classes of the training products. Shape: (n_products, depth).
        masks: Per level, the classes.
        beta: In [0, 1); 0 turns weighting off.

    Returns:
        Per level, shape (n_classes,); None where off.

    Source:
        Cui et al. 2019, https://arxiv.org/abs/1901.05555
    """
    if beta == 0:
        return None
    weights = []
    for true_ids, counts in zip(class_ids.T, _counts(class_ids, masks), strict=True):
        raw = (1 - beta) / (1 - beta**counts)
        weights.append((raw / raw[true_ids].mean()).float())
    return weights


def logit_adjustments(class_ids: Tensor, masks: Sequence[LevelMask], tau: float) -> list[Tensor] | None:
    """What is added to each class's logit in training: tau times the log of its share among those it competes with.

    A classifier that had to overcome these shares in training is, without them, free of them: it favours no class for
    being frequent. A class without products counts as one product.

    Args:
        class_ids: Classes of the training products. Shape: (n_products, depth).
        masks: Per level, which classes compete: the children of one parent, or all where the mask is not enforced.
        tau: At least 0; 0 turns adjustment off, 1 makes up for frequency wholly.

    Returns:
        Per level, shape (n_classes,); None where off.

    Source:
        Menon et al. 2021, https://arxiv.org/abs/2007.07314 (equation 10)
    """
    if tau == 0:
        return None
    counts = _counts(class_ids, masks)
    return [
        (tau * mask.log_softmax(n.log()[None])[0]).float()  # (C,) -> (1, C) -> (C,)
        for n, mask in zip(counts, masks, strict=True)
    ]


def _counts(class_ids: Tensor, masks: Sequence[LevelMask]) -> list[Tensor]:
    return [
        torch.bincount(true_ids, minlength=len(mask.parents)).clamp_min(1).double()
        for true_ids, mask in zip(class_ids.T, masks, strict=True)
    ]
