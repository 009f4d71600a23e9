"""From probabilities per level to one path per product, and whether the tree holds it."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.classifier.masking import LevelMask
from core.domain.arrays import BoolArray, IntArray

Decoded = tuple[Tensor, Tensor]
"""Class ids and cumulative log-confidences of the chosen path, both of shape (n_products, depth)."""


def decode_greedy(log_conditionals: Sequence[Tensor], masks: Sequence[LevelMask]) -> Decoded:
    """Choose level by level the most likely child of the parent chosen before, or class of the level where unmasked.

    Args:
        log_conditionals: Per level, log-probability of each class among those it competes with.
            Shapes: (n_products, n_classes).
        masks: Per level, which child may follow which parent.

    Returns:
        Class ids and cumulative log-confidences. Shapes: (n_products, depth).
    """
    parent_ids = torch.zeros(len(log_conditionals[0]), dtype=torch.int64)
    above = torch.zeros(len(parent_ids))
    chosen, confidences = [], []
    for scores, mask in zip(log_conditionals, masks, strict=True):
        confidence, parent_ids = mask.mask_logits(scores, parent_ids).max(dim=1)
        above = mask.descend(above, confidence)
        chosen.append(parent_ids)
        confidences.append(above)
    return torch.stack(chosen, dim=1), torch.stack(confidences, dim=1)


def decode_best_path(log_conditionals: Sequence[Tensor], masks: Sequence[LevelMask]) -> Decoded:
    """Choose the path whose product of probabilities is the greatest of all paths.

    Without an enforced mask there are no paths to choose from, only a class per level: that is `decode_greedy`.

    Args:
        log_conditionals: Per level, log-probability of each class among those it competes with.
            Shapes: (n_products, n_classes).
        masks: Per level, which child may follow which parent.

    Returns:
        Class ids and cumulative log-confidences. Shapes: (n_products, depth).
    """
    if not all(mask.is_enforced for mask in masks):
        return decode_greedy(log_conditionals, masks)
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


def invalid_paths(class_ids: IntArray, masks: Sequence[LevelMask]) -> BoolArray:
    """Which products got a path that the tree does not hold: a node that is no child of the node above it.

    A path is read down to its first stop. A stop of another node only ends it there.

    Args:
        class_ids: Class chosen on each level. Shape: (n_products, depth).
        masks: Per level, which child may follow which parent, and which classes are stops; enforced or not.

    Returns:
        True where the path is invalid. Shape: (n_products,).
    """
    ids = torch.from_numpy(class_ids)
    parent_ids = torch.zeros(len(ids), dtype=torch.int64)
    has_ended, is_invalid = torch.zeros(2, len(ids), dtype=torch.bool)
    for child_ids, mask in zip(ids.T, masks, strict=True):
        has_ended = has_ended | mask.is_stop[child_ids]
        is_invalid = is_invalid | (~has_ended & ~mask.allowed[parent_ids, child_ids])
        parent_ids = child_ids
    return is_invalid.numpy()
