"""The dynamic mask: only children of the chosen parent compete. And its absence, for comparison."""

import torch
from torch import Tensor

from core.classifier.label_tree import LabelTree
from core.domain.arrays import BoolArray


class LevelMask:
    """Which class of a level may follow which class of the level above.

    Args:
        allowed: True where a class is a child of a parent; every class has one parent. Shape: (n_parents, n_classes).
        is_stop: True where a class is a stop: a path ends above it; None where no class is. Shape: (n_classes,).

    Attributes:
        allowed: The same as a tensor.
        is_stop: The same as a tensor.
        parents: Parent of each class. Shape: (n_classes,).
        is_enforced: Whether classes of other parents are out of the running.

    Source:
        Ozyegen et al. 2022 (dynamic masking)
    """

    is_enforced = True

    def __init__(self, allowed: BoolArray, is_stop: BoolArray | None = None) -> None:
        self.allowed = torch.from_numpy(allowed)
        self.is_stop = torch.zeros(allowed.shape[1], dtype=torch.bool) if is_stop is None else torch.from_numpy(is_stop)
        self.parents = torch.from_numpy(allowed.argmax(axis=0))
        # An only child is certain, and deep ragged trees are full of them: only the others take part in the softmax.
        self._contested = (self.allowed.sum(dim=1) > 1)[self.parents].nonzero()[:, 0]
        families, self._family = self.parents[self._contested].unique(return_inverse=True)
        self._n_families = len(families)

    def competitors(self, parent_ids: Tensor) -> Tensor:
        """Which classes compete under the chosen parent.

        Args:
            parent_ids: Chosen parent of each product. Shape: (n_products,).

        Returns:
            True where a class may be chosen. Shape: (n_products, n_classes).
        """
        return self.allowed[parent_ids]

    def mask_logits(self, logits: Tensor, parent_ids: Tensor) -> Tensor:
        """Set the logit of every child whose parent is not the chosen one to minus infinity.

        Args:
            logits: Score of each class. Shape: (n_products, n_classes).
            parent_ids: Chosen parent of each product. Shape: (n_products,).

        Returns:
            Masked logits. Shape: (n_products, n_classes).
        """
        return logits.masked_fill(~self.competitors(parent_ids), -torch.inf)

    def log_softmax(self, logits: Tensor) -> Tensor:
        """Log-probability of each class among its siblings: the masked log-softmax under every parent at once.

        Adding a constant to all siblings changes nothing, so log-probabilities may be passed as logits again.

        Args:
            logits: Score of each class. Shape: (n_products, n_classes).

        Returns:
            Log-probabilities; those of each parent's children sum to one. Shape: (n_products, n_classes).
        """
        # Gather and scatter along rows, unlike indexing, have gradients that are the same on every run.
        n_products = len(logits)
        contested = self._contested.expand(n_products, -1)  # (C',) -> (B, C')
        family = self._family.expand(n_products, -1)  # (C',) -> (B, C')
        scores = logits.gather(1, contested)
        maxima = logits.new_full((n_products, self._n_families), -torch.inf)
        maxima = maxima.scatter_reduce(1, family, scores.detach(), "amax")
        scores = scores - maxima.gather(1, family)
        sums = logits.new_zeros(n_products, self._n_families).scatter_add(1, family, scores.exp())
        return torch.zeros_like(logits).scatter(1, contested, scores - sums.log().gather(1, family))

    def reach(self, log_conditionals: Tensor, above: Tensor) -> Tensor:
        """Log-probability of reaching each class from the root.

        Args:
            log_conditionals: Log-probability of each class among its siblings. Shape: (n_products, n_classes).
            above: The same as returned, for the level above; zeros for the root. Shape: (n_products, n_parents).

        Returns:
            Shape: (n_products, n_classes); the probabilities of each product sum to one.
        """
        return log_conditionals + above.gather(1, self.parents.expand(len(above), -1))

    def descend(self, above: Tensor, chosen: Tensor) -> Tensor:
        """Log-confidence of a path down to this level.

        Args:
            above: The same down to the level above; zeros for the root. Shape: (n_products,).
            chosen: Log-probability of the class chosen on this level. Shape: (n_products,).

        Returns:
            The probability of both, as a child's is conditional on its parent. Shape: (n_products,).
        """
        return above + chosen


class OpenLevel(LevelMask):
    """A level of the unmasked baseline: all of its classes compete, whatever was chosen above.

    It knows the tree like `LevelMask`, so that what breaks it can be counted, but does not enforce it.
    """

    is_enforced = False

    def competitors(self, parent_ids: Tensor) -> Tensor:
        """All classes. Shape: (n_products,) -> (n_products, n_classes)."""
        return torch.ones(len(parent_ids), self.allowed.shape[1], dtype=torch.bool)

    def log_softmax(self, logits: Tensor) -> Tensor:
        """Log-probability of each class among all of its level. Shape: (n_products, n_classes)."""
        return logits.log_softmax(dim=1)

    def reach(self, log_conditionals: Tensor, above: Tensor) -> Tensor:
        """The log-probabilities themselves: they are not conditional on a parent. Shape: (n_products, n_classes)."""
        return log_conditionals

    def descend(self, above: Tensor, chosen: Tensor) -> Tensor:
        """The less certain of both: each level's probability already includes its ancestors. Shape: (n_products,)."""
        return torch.minimum(above, chosen)


def level_masks(tree: LabelTree, is_masked: bool = True) -> list[LevelMask]:
    """The mask of each level of a tree.

    Args:
        tree: The classes and which may follow which.
        is_masked: Whether the tree is enforced; False is the unmasked baseline.

    Returns:
        One per level, from level 1 down.
    """
    kind = LevelMask if is_masked else OpenLevel
    return [kind(allowed, is_stop) for allowed, is_stop in zip(tree.masks, tree.stops, strict=True)]
