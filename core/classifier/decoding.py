"""From probabilities per level to one path per product."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.classifier.masking import LevelMask

Decoded = tuple[Tensor, Tensor]
"""Class ids and cumulative log-confidences of the chosen path, both of shape (n_products, depth)."""


def decode_greedy(log_conditionals: Sequence[Tensor], masks: Sequence[LevelMask]) -> Decoded:
    """Choose level by level the most likely child of the parent chosen before.

    Args:
        log_conditionals: Per level, log-probability of each class among its siblings. Shapes: (n_products, n_classes).
        masks: Per level, which child may follow which parent.

    Returns:
        Class ids and cumulative log-confidences. Shapes: (n_products, depth).
    """
    parent_ids = torch.zeros(len(log_conditionals[0]), dtype=torch.int64)
    chosen, confidences = [], []
    for scores, mask in zip(log_conditionals, masks, strict=True):
        confidence, parent_ids = mask.mask_logits(scores, parent_ids).max(dim=1)
        chosen.append(parent_ids)
        confidences.append(confidence)
    return torch.stack(chosen, dim=1), torch.stack(confidences, dim=1).cumsum(dim=1)


def decode_best_path(log_conditionals: Sequence[Tensor], masks: Sequence[LevelMask]) -> Decoded:
    """Choose the path whose product of probabilities is the greatest of all paths.

    Args:
        log_conditionals: Per level, log-probability of each class among its siblings. Shapes: (n_products, n_classes).
        masks: Per level, which child may follow which parent.

    Returns:
        Class ids and cumulative log-confidences. Shapes: (n_products, depth).
    """
    reached = [torch.zeros(len(log_conditionals[0]), 1)]
    for scores, mask in zip(log_conditionals, masks, strict=True):
        reached.append(mask.reach(scores, reached[-1]))
    # Every class of the deepest level is the end of one whole path, so the best of them is the best path.
    class_ids = reached[-1].argmax(dim=1)
    chosen, confidences = [], []
    for scores, mask in zip(reversed(reached[1:]), reversed(masks), strict=True):
        chosen.append(class_ids)
        confidences.append(scores.gather(1, class_ids[:, None])[:, 0])
        class_ids = mask.parents[class_ids]
    return torch.stack(chosen[::-1], dim=1), torch.stack(confidences[::-1], dim=1)


DECODERS: dict[str, Callable[[Sequence[Tensor], Sequence[LevelMask]], Decoded]] = {
    "best_path": decode_best_path,
    "greedy": decode_greedy,
}
