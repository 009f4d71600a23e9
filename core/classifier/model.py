"""The masked hierarchical classifier: fused modalities, shared features, one head per level."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.classifier.fusion import LateFusion
from core.classifier.label_tree import LabelTree
from core.classifier.masking import LevelMask
from core.classifier.parameters import TrainingParameters


class MaskedHierarchicalClassifier(nn.Module):
    """Predicts a class per level, each level seeing the shared features and the level above.

    What a level sees of the level above is the probability of reaching each class there, the same in training as in
    prediction. So no level depends on a choice made above it, and the best path over the whole tree is exact.

    Args:
        fusion: Turns modalities into features of `fusion.width`.
        tree: The classes and which may follow which.
        parameters: Widths and dropout.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013; Ozyegen et al. 2022 (dynamic masking)
    """

    def __init__(self, fusion: LateFusion, tree: LabelTree, parameters: TrainingParameters) -> None:
        super().__init__()
        self.fusion = fusion
        self.shared = _dense(fusion.width, parameters.shared_width, parameters.dropout)
        seen = [0, *tree.n_classes]
        self.levels = nn.ModuleList(
            nn.Sequential(
                _dense(parameters.shared_width + n_above, parameters.level_width, parameters.dropout),
                nn.Linear(parameters.level_width, n_classes),
            )
            for n_above, n_classes in zip(seen, tree.n_classes, strict=False)
        )
        self.masks = [LevelMask(mask) for mask in tree.masks]

    def forward(self, features: Mapping[str, Tensor]) -> list[Tensor]:
        """Log-probability of each class among its siblings.

        Args:
            features: Embedding of every modality; a zero vector where it is missing. Shapes: (n_products, dimension).

        Returns:
            Per level, shape (n_products, n_classes).
        """
        shared = self.shared(self.fusion(features))
        seen, above = shared, shared.new_zeros(len(shared), 1)  # above level 1 there is the root, reached for certain
        log_conditionals = []
        for level, mask in zip(self.levels, self.masks, strict=True):
            log_conditionals.append(mask.log_softmax(level(seen)))
            above = mask.reach(log_conditionals[-1], above)
            seen = torch.cat([shared, above.exp()], dim=1)
        return log_conditionals


def hierarchical_loss(
    log_conditionals: Sequence[Tensor],
    class_ids: Tensor,
    masks: Sequence[LevelMask],
    label_smoothing: float = 0.0,
    class_weights: Sequence[Tensor] | None = None,
) -> Tensor:
    """Mean negative log-likelihood of the true paths, each level masked by the true parent.

    Args:
        log_conditionals: Per level, log-probability of each class among its siblings. Shapes: (n_products, n_classes).
        class_ids: True classes. Shape: (n_products, depth).
        masks: Per level, which child may follow which parent.
        label_smoothing: Share of the target spread evenly over all children of the true parent.
        class_weights: Per level, how much a product of each class counts. Shapes: (n_classes,).

    Returns:
        A scalar: the sum over levels.
    """
    total = torch.zeros(())
    for level, (scores, mask) in enumerate(zip(log_conditionals, masks, strict=True)):
        true_ids = class_ids[:, level]
        loss = -scores.gather(1, true_ids[:, None])[:, 0]
        if label_smoothing:
            parent_ids = class_ids[:, level - 1] if level else torch.zeros_like(true_ids)
            siblings = mask.allowed[parent_ids].to(scores.dtype)
            spread = -(scores * siblings).sum(dim=1) / siblings.sum(dim=1)
            loss = (1 - label_smoothing) * loss + label_smoothing * spread
        total = total + (loss if class_weights is None else loss * class_weights[level][true_ids]).mean()
    return total


def build_model(dimensions: Mapping[str, int], tree: LabelTree, parameters: TrainingParameters) -> nn.Module:
    """An untrained classifier.

    Args:
        dimensions: Length of each modality's embedding by name.
        tree: The classes and which may follow which.
        parameters: Fusion, widths and dropout.

    Returns:
        A `MaskedHierarchicalClassifier` whose weights come from torch's global generator.
    """
    fusion = LateFusion(dimensions, parameters.modality_width, parameters.shared_width, parameters.modality_dropout)
    return MaskedHierarchicalClassifier(fusion, tree, parameters)


def _dense(n_in: int, n_out: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU(), nn.Dropout(dropout))
