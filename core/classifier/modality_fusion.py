"""What every fusion shares: which modalities a product has, and which it trains without."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.classifier.modality_branch import ModalityScale, is_present


class ModalityFusion(nn.Module, ABC):
    """Turns the embeddings of any subset of modalities into one vector of features.

    In training every product loses each of its modalities with a given chance, never the last one, so that the
    classifier does not lean on one modality alone.

    Args:
        branches: What is done to each modality by name; order does not matter.
        width: Length of the fused features.
        modality_dropout: Chance that a product loses a modality while training.
    """

    def __init__(self, branches: Mapping[str, ModalityScale], width: int, modality_dropout: float) -> None:
        super().__init__()
        self.names = tuple(sorted(branches))
        self.width = width
        self.modality_dropout = modality_dropout
        self.branches = nn.ModuleList(branches[name] for name in self.names)

    def fit_scale(self, features: Mapping[str, Tensor]) -> None:
        """Learn each modality's centre and scale from training products. Shapes: (n_products, its dimension)."""
        for name, branch in zip(self.names, self.branches, strict=True):
            branch.fit_scale(features[name])

    def forward(self, features: Mapping[str, Tensor]) -> Tensor:
        """Fused features of a batch; a zero vector means that the modality is missing.

        Args:
            features: Embedding of every modality. Shapes: (n_products, its dimension).

        Returns:
            Shape: (n_products, width).
        """
        present = torch.stack([is_present(features[name]) for name in self.names], dim=1)  # (B, M)
        if self.training:
            present = self._drop(present)
        hidden = [
            branch(features[name], present[:, i])
            for i, (name, branch) in enumerate(zip(self.names, self.branches, strict=True))
        ]
        return self.fuse(hidden, present)

    @abstractmethod
    def fuse(self, hidden: Sequence[Tensor], present: Tensor) -> Tensor:
        """Fused features from each modality's branch.

        Args:
            hidden: Output of each branch, in the order of `names`. Shapes: (n_products, its width).
            present: Which modalities each product has. Shape: (n_products, n_modalities).

        Returns:
            Shape: (n_products, width).
        """

    def _drop(self, present: Tensor) -> Tensor:
        kept = present & (torch.rand(present.shape) >= self.modality_dropout)
        return torch.where(kept.any(dim=1, keepdim=True), kept, present)
