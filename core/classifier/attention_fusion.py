"""Attention fusion: every modality looks at the others, then all meet in a joint layer."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from core.classifier.modality_branch import ModalityBranch
from core.classifier.modality_fusion import ModalityFusion

_MAX_HEADS = 4


class AttentionFusion(ModalityFusion):
    """Cross-attention from each modality to the others, concatenated with the originals, then a dense layer with ReLU.

    A branch turns each modality into one token of a common width. A token attends to the tokens of the other
    modalities which the product has; where it has no other, nothing is attended and the originals stand alone. With
    two modalities there is one token to look at, so that each receives a learned view of the other.

    Args:
        dimensions: Length of each modality's embedding by name; order does not matter.
        modality_width: Length of a token; four heads share it where it divides by four.
        width: Length of the fused features.
        modality_dropout: Chance that a product loses a modality while training.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013 (attention fusion)
    """

    def __init__(
        self, dimensions: Mapping[str, int], modality_width: int, width: int, modality_dropout: float = 0.0
    ) -> None:
        branches = {name: ModalityBranch(dimensions[name], modality_width) for name in sorted(dimensions)}
        super().__init__(branches, width, modality_dropout)
        self.n_heads = math.gcd(modality_width, _MAX_HEADS)
        self.projection = nn.Linear(modality_width, 3 * modality_width)
        self.joint = nn.Linear(len(branches) * (2 * modality_width + 1), width)

    def fuse(self, hidden: Sequence[Tensor], present: Tensor) -> Tensor:
        """See `ModalityFusion.fuse`."""
        tokens = torch.stack(list(hidden), dim=1)  # M x (B, W) -> (B, M, W)
        attended = self.attend(tokens, present)
        return torch.relu(self.joint(torch.cat([tokens.flatten(1), attended.flatten(1), present.float()], dim=1)))

    def attend(self, tokens: Tensor, present: Tensor) -> Tensor:
        """What each modality takes from the others.

        Args:
            tokens: One token per modality. Shape: (n_products, n_modalities, modality_width).
            present: Which modalities each product has. Shape: (n_products, n_modalities).

        Returns:
            Zero for a modality that is missing or stands alone. Shape: (n_products, n_modalities, modality_width).
        """
        # (B, M, 3W) -> (B, M, 3, H, W / H) -> 3 x (B, H, M, W / H)
        heads = self.projection(tokens).unflatten(2, (3, self.n_heads, -1))
        queries, keys, values = heads.permute(2, 0, 3, 1, 4)
        seen = _seen(present)
        is_active = seen.any(dim=2, keepdim=True)
        # A row without keys has no softmax: it looks at everything here and is silenced below.
        mask = (seen | ~is_active)[:, None]  # (B, M, M) -> (B, 1, M, M)
        attended = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        return attended.transpose(1, 2).flatten(2) * is_active  # (B, H, M, W / H) -> (B, M, W)


def _seen(present: Tensor) -> Tensor:
    """Which modality looks at which: the others, both present. Shape: (B, M) -> (B, M, M)."""
    others = ~torch.eye(present.shape[1], dtype=torch.bool)
    return present[:, :, None] & present[:, None, :] & others
