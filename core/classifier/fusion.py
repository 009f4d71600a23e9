"""How the modalities of a product meet."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

_TINY = 1e-6


class ModalityBranch(nn.Module):
    """A dense layer with ReLU on one modality, silent for products that lack it.

    Inputs are centred per dimension and scaled by one factor, both learned from the training products that have the
    modality, so that encoders of different scales meet on equal terms.

    Args:
        dimension: Length of the modality's embedding.
        width: Length of the output.
    """

    def __init__(self, dimension: int, width: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("scale", torch.ones(()))
        self.dense = nn.Linear(dimension, width)

    def fit_scale(self, embeddings: Tensor) -> None:
        """Learn centre and scale from training products. Shape: (n_products, dimension)."""
        present = embeddings[is_present(embeddings)]
        if len(present):
            self.centre.copy_(present.mean(dim=0))
            self.scale.copy_((present - self.centre).square().mean().sqrt().clamp_min(_TINY))

    def forward(self, embeddings: Tensor, present: Tensor) -> Tensor:
        """Hidden features; zero where `present` is False. Shapes: (B, dimension), (B,) -> (B, width)."""
        hidden = torch.relu(self.dense((embeddings - self.centre) / self.scale))
        return hidden * present[:, None]


class LateFusion(nn.Module):
    """A branch per modality, concatenated with the flags of what is present, then a dense layer with ReLU.

    In training every product loses each of its modalities with a given chance, never the last one, so that the
    classifier does not lean on one modality alone.

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
        super().__init__()
        self.names = tuple(sorted(dimensions))
        self.width = width
        self.modality_dropout = modality_dropout
        self.branches = nn.ModuleList(ModalityBranch(dimensions[name], modality_width) for name in self.names)
        self.joint = nn.Linear(len(self.names) * (modality_width + 1), width)

    def fit_scale(self, features: Mapping[str, Tensor]) -> None:
        """Learn each branch's centre and scale from training products."""
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
        return torch.relu(self.joint(torch.cat([*hidden, present.float()], dim=1)))

    def _drop(self, present: Tensor) -> Tensor:
        kept = present & (torch.rand(present.shape) >= self.modality_dropout)
        return torch.where(kept.any(dim=1, keepdim=True), kept, present)


def is_present(embeddings: Tensor) -> Tensor:
    """Which products have the modality: those whose embedding is not all zero. Shape: (B, D) -> (B,)."""
    return (embeddings != 0).any(dim=1)
