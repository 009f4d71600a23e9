"""Text encoder of any transformers model, from weights on this machine: masked mean of the last hidden state.

Serves `hf-text:NAME_OR_FOLDER` (BERT, ALBERT, DistilBERT, sentence encoders) and `roberta`, which is the same with
default weights. Title and brand are encoded separately: each field of a product is a call and an embedding of its own,
and nothing is concatenated before the model reads it.

Source: Reimers & Gurevych 2019, https://arxiv.org/abs/1908.10084; Liu et al. 2019, https://arxiv.org/abs/1907.11692
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import nn

from core.domain.arrays import FloatArray
from core.domain.progress import Progress
from core.encoders.hf_loading import load_hf_model
from core.encoders.local_weights import find_text_model, hash_files, stay_offline
from core.encoders.torch_device import autocast, default_device
from core.encoders.workers import encode_batches

MAX_TOKENS = 256
_BATCH = 32


class HfTextEncoder:
    """Embeds texts by a transformers model; an empty text is the zero vector. Made by `load`.

    Args:
        name: Name in the registry, such as `hf-text:intfloat/multilingual-e5-small`.
        network: In evaluation mode on its device.
        tokenizer: Of the same model.
        version: Hash of weights and tokenizer.
    """

    def __init__(self, name: str, network: nn.Module, tokenizer: Any, version: str) -> None:
        self.name, self.version = name, version
        self.n_dimensions = int(network.config.hidden_size)
        self._network, self._tokenizer = network, tokenizer
        self._max_tokens = min(MAX_TOKENS, _n_positions(network), tokenizer.model_max_length)

    @classmethod
    def load(cls, name: str) -> Self:
        """Load by registry name. Runs no code from the model's folder.

        Raises:
            EncoderUnavailableError: If the model is not on this machine, or cannot be read.
        """
        folder = find_text_model(name)
        stay_offline()
        from transformers import AutoTokenizer

        tokenizer, network = load_hf_model(name, folder, AutoTokenizer)
        files = [file for file in folder.iterdir() if file.is_file()]
        return cls(name, network.eval().to(default_device()), tokenizer, hash_files(files, MAX_TOKENS))

    def encode(self, texts: Sequence[str], progress: Progress) -> FloatArray:
        """Embed texts, cut off after 256 tokens. Shape: (n_texts, n_dimensions), L2-normalised."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # alike lengths need little padding
        embeddings = np.zeros((len(texts), self.n_dimensions), dtype=np.float32)
        by_length = [texts[index] for index in order]
        embeddings[order] = encode_batches(by_length, self._embed, _BATCH, self.n_dimensions, progress)
        embeddings[[not text.strip() for text in texts]] = 0
        return embeddings

    def _embed(self, texts: Sequence[str]) -> FloatArray:
        device = self._network.device
        inputs = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=self._max_tokens, return_tensors="pt"
        ).to(device)
        with torch.inference_mode(), autocast(device):
            hidden = self._network(**inputs).last_hidden_state.float()
        mask = inputs["attention_mask"][:, :, None].float()
        mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)  # (B, L, C) -> (B, C)
        return nn.functional.normalize(mean, dim=1).cpu().numpy()


def _n_positions(network: nn.Module) -> int:
    """Tokens the model takes; RoBERTa and its kin count positions from the padding's index on."""
    table = getattr(getattr(network, "embeddings", None), "position_embeddings", None)
    if isinstance(table, nn.Embedding):
        return table.num_embeddings if table.padding_idx is None else table.num_embeddings - table.padding_idx - 1
    return getattr(network.config, "max_position_embeddings", MAX_TOKENS)
