"""A trained classifier rewritten for prediction: the same function in fewer passes over memory."""

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_linear_bn_eval

from core.classifier.modality_branch import ModalityBranch
from core.classifier.modality_fusion import ModalityFusion
from core.classifier.model import MaskedHierarchicalClassifier
from core.classifier.word_path import WORDS


class PredictionNetwork:
    """Gives what the classifier gives in evaluation mode, calibrated, up to the rounding of float32.

    Scales and batch normalisations are folded into the dense layers beside them, the levels' first layers are one
    multiplication, and what a deepest level says is not prepared for a level below. The words' weights are shared with
    the classifier, the rest is a copy: train the classifier further, and this one does not follow.

    Args:
        model: The classifier.
        temperatures: By which each level's confidences are calibrated.
    """

    def __init__(self, model: MaskedHierarchicalClassifier, temperatures: Sequence[float]) -> None:
        model.eval()
        self._temperatures, self._masks, self._words = tuple(temperatures), model.masks, model.words
        with torch.no_grad():
            self._fusion = _folded_fusion(model.fusion)
            self._shared = fuse_linear_bn_eval(*model.shared[:2])
            dense = [fuse_linear_bn_eval(*level[0][:2]) for level in model.levels]
            self._heads = [copy.deepcopy(level[1]) for level in model.levels]
            n_shared, self._width = self._shared.out_features, dense[0].out_features
            self._weight = torch.cat([layer.weight[:, :n_shared] for layer in dense])  # (levels x width, shared)
            self._bias = torch.cat([layer.bias for layer in dense])
            self._above = [layer.weight[:, n_shared:].T.contiguous() for layer in dense]  # (n_above, width)

    def __call__(self, features: Mapping[str, Tensor]) -> list[Tensor]:
        """Calibrated log-probability of each class among those it competes with.

        Args:
            features: As for the classifier. Shapes: (n_products, dimension).

        Returns:
            Per level, shape (n_products, n_classes).
        """
        with torch.inference_mode():
            shared = functional.linear(self._fusion(features), self._shared.weight, self._shared.bias).relu_()
            hidden = functional.linear(shared, self._weight, self._bias).split(self._width, dim=1)
            by_words = self._words(features[WORDS]) if self._words is not None else None
            reached, calibrated = shared.new_zeros(len(shared), 1), []
            for level, (mask, temperature) in enumerate(zip(self._masks, self._temperatures, strict=True)):
                seen = hidden[level] if level == 0 else torch.addmm(hidden[level], reached.exp(), self._above[level])
                logits = self._heads[level](seen.relu())
                if by_words is not None:
                    logits = logits + by_words[level]
                calibrated.append(mask.log_softmax(logits / temperature))
                if level + 1 < len(self._masks):
                    reached = mask.reach(mask.log_softmax(logits), reached)
            return calibrated


class _FoldedBranch(nn.Module):
    """A `ModalityBranch` whose centre and scale are in its dense layer."""

    def __init__(self, branch: ModalityBranch) -> None:
        super().__init__()
        self.weight = branch.dense.weight / branch.scale
        self.bias = branch.dense.bias - self.weight @ branch.centre

    def forward(self, embeddings: Tensor, present: Tensor) -> Tensor:
        """See `ModalityBranch.forward`."""
        return functional.linear(embeddings, self.weight, self.bias).relu_().mul_(present[:, None])


def _folded_fusion(fusion: ModalityFusion) -> ModalityFusion:
    folded = copy.deepcopy(fusion)
    for i, branch in enumerate(folded.branches):
        if isinstance(branch, ModalityBranch):
            folded.branches[i] = _FoldedBranch(branch)
    return folded
