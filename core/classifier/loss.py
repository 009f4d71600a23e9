"""What training makes small: the negative log-likelihood of the true paths."""

from collections.abc import Sequence

import torch
from torch import Tensor

from core.classifier.masking import LevelMask


def hierarchical_loss(
    log_conditionals: Sequence[Tensor],
    class_ids: Tensor,
    masks: Sequence[LevelMask],
    label_smoothing: float = 0.0,
    class_weights: Sequence[Tensor] | None = None,
    logit_adjustments: Sequence[Tensor] | None = None,
) -> Tensor:
    """Mean negative log-likelihood of the true paths, each level masked by the true parent where the mask is enforced.

    Args:
        log_conditionals: Per level, log-probability of each class among those it competes with.
            Shapes: (n_products, n_classes).
        class_ids: True classes. Shape: (n_products, depth).
        masks: Per level, which child may follow which parent.
        label_smoothing: Share of the target spread evenly over all classes that compete with the true one, and itself.
        class_weights: Per level, how much a product of each class counts. Shapes: (n_classes,).
        logit_adjustments: Per level, what is added to each class's logit before the softmax. Shapes: (n_classes,).

    Returns:
        A scalar: the sum over levels.

    Source:
        Ozyegen et al. 2022 (dynamic masking); Menon et al. 2021, https://arxiv.org/abs/2007.07314 (adjustment)
    """
    total = torch.zeros(())
    for level, (scores, mask) in enumerate(zip(log_conditionals, masks, strict=True)):
        true_ids = class_ids[:, level]
        if logit_adjustments is not None:
            scores = mask.log_softmax(scores + logit_adjustments[level])
        loss = -scores.gather(1, true_ids[:, None])[:, 0]
        if label_smoothing:
            parent_ids = class_ids[:, level - 1] if level else torch.zeros_like(true_ids)
            competitors = mask.competitors(parent_ids).to(scores.dtype)
            spread = -(scores * competitors).sum(dim=1) / competitors.sum(dim=1)
            loss = (1 - label_smoothing) * loss + label_smoothing * spread
        total = total + (loss if class_weights is None else loss * class_weights[level][true_ids]).mean()
    return total
