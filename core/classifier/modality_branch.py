"""What is done to one modality before it meets the others."""

import torch
from torch import Tensor, nn

_TINY = 1e-6


class ModalityScale(nn.Module):
    """Puts one modality on equal terms with the others, and silences it for products that lack it.

    Inputs are centred per dimension and scaled by one factor, both learned from the training products that have the
    modality, so that encoders of different scales may meet.

    Args:
        dimension: Length of the modality's embedding.
    """

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("scale", torch.ones(()))

    def fit_scale(self, embeddings: Tensor) -> None:
        """Learn centre and scale from training products. Shape: (n_products, dimension)."""
        present = embeddings[is_present(embeddings)]
        if len(present):
            self.centre.copy_(present.mean(dim=0))
            self.scale.copy_((present - self.centre).square().mean().sqrt().clamp_min(_TINY))

    def forward(self, embeddings: Tensor, present: Tensor) -> Tensor:
        """Scaled embeddings; zero where `present` is False. Shapes: (B, dimension), (B,) -> (B, dimension)."""
        return self._scaled(embeddings) * present[:, None]

    def _scaled(self, embeddings: Tensor) -> Tensor:
        return (embeddings - self.centre) / self.scale


class ModalityBranch(ModalityScale):
    """A dense layer with ReLU on one scaled modality, silent for products that lack it.

    Args:
        dimension: Length of the modality's embedding.
        width: Length of the output.
    """

    def __init__(self, dimension: int, width: int) -> None:
        super().__init__(dimension)
        self.dense = nn.Linear(dimension, width)

    def forward(self, embeddings: Tensor, present: Tensor) -> Tensor:
        """Hidden features; zero where `present` is False. Shapes: (B, dimension), (B,) -> (B, width)."""
        return torch.relu(self.dense(self._scaled(embeddings))) * present[:, None]


def is_present(embeddings: Tensor) -> Tensor:
    """Which products have the modality: those whose embedding is not all zero. Shape: (B, D) -> (B,)."""
    return (embeddings != 0).any(dim=1)
