"""A straight way from a title's words to the logits, beside the deep one through embeddings."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

WORDS = "title_words"
"""Name among the features of the hashed word ids of titles, zeros after the last. Shape: (n_products, max ids)."""
N_BUCKETS = 32_768
"""Word ids are below this."""


class WordPath(nn.Module):
    """One learned weight per hashed word and class, summed over a title's words: the wide part of wide and deep.

    Memorises what the deep part has no room for, such as a rare word that occurs in one category only. Weights start
    at zero and words are dropped at random while training, so that no single word decides alone where others would.

    Args:
        n_buckets: Number of ids, 0 (no word) among them.
        n_classes: Number of classes of each level.
        word_dropout: Chance that a word is left out while training.

    Source:
        Cheng et al. 2016, https://arxiv.org/abs/1606.07792
    """

    def __init__(self, n_buckets: int, n_classes: Sequence[int], word_dropout: float) -> None:
        super().__init__()
        self.sizes = list(n_classes)
        self.word_dropout = word_dropout
        self.weights = nn.EmbeddingBag(n_buckets, sum(self.sizes), mode="sum", padding_idx=0, sparse=True)
        nn.init.zeros_(self.weights.weight)

    def forward(self, word_ids: Tensor) -> tuple[Tensor, ...]:
        """What the words add to the logits of each level; nothing where a title has none.

        Args:
            word_ids: Whole numbers, of any dtype. Shape: (n_products, max ids).

        Returns:
            Per level, shape (n_products, n_classes).
        """
        ids = word_ids.long()
        if self.training and self.word_dropout:
            ids = ids * (torch.rand(ids.shape) >= self.word_dropout)
        n_words = (ids > 0).sum(dim=1, keepdim=True).clamp_min(1)
        # Divided by the root, as long titles would shout otherwise. (B, L) -> (B, all classes) -> per level (B, C)
        return (self.weights(ids) / n_words.sqrt()).split(self.sizes, dim=1)
