"""Early fusion: all embeddings side by side, then one dense layer."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.classifier.modality_branch import ModalityScale
from core.classifier.modality_fusion import ModalityFusion


class EarlyFusion(ModalityFusion):
    """The scaled embeddings, concatenated with the flags of what is present, then a dense layer with ReLU.

    Args:
        dimensions: Length of each modality's embedding by name; order does not matter.
        width: Length of the fused features.
        modality_dropout: Chance that a product loses a modality while training.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013 (early fusion)
    """

    def __init__(self, dimensions: Mapping[str, int], width: int, modality_dropout: float = 0.0) -> None:
        branches = {name: ModalityScale(dimension) for name, dimension in dimensions.items()}
        super().__init__(branches, width, modality_dropout)
        self.joint = nn.Linear(sum(dimensions.values()) + len(dimensions), width)

    def fuse(self, hidden: Sequence[Tensor], present: Tensor) -> Tensor:
        """See `ModalityFusion.fuse`."""
        return torch.relu(self.joint(torch.cat([*hidden, present.float()], dim=1)))
