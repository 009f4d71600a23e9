"""Late fusion: a hidden layer per modality, then a joint one."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.classifier.modality_branch import ModalityBranch
from core.classifier.modality_fusion import ModalityFusion


class LateFusion(ModalityFusion):
    """A branch per modality, concatenated with the flags of what is present, then a dense layer with ReLU.

    Args:
        dimensions: Length of each modality's embedding by name; order does not matter.
        modality_width: Length of each branch's output.
        width: Length of the fused features.
        modality_dropout: Chance that a product loses a modality while training.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013 (late fusion)
    """

    def __init__(
        self, dimensions: Mapping[str, int], modality_width: int, width: int, modality_dropout: float = 0.0
    ) -> None:
        branches = {name: ModalityBranch(dimensions[name], modality_width) for name in sorted(dimensions)}
        super().__init__(branches, width, modality_dropout)
        self.joint = nn.Linear(len(branches) * (modality_width + 1), width)

    def fuse(self, hidden: Sequence[Tensor], present: Tensor) -> Tensor:
        """See `ModalityFusion.fuse`."""
        return torch.relu(self.joint(torch.cat([*hidden, present.float()], dim=1)))
