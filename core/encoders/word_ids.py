"""The words of a text as hashed ids, for models that learn a weight for every word; nothing is fitted or stored."""

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.domain.arrays import FloatArray
from core.encoders.ngrams import tokenise

N_WORD_BUCKETS = 32_768
MAX_WORD_IDS = 28


def word_ids(texts: Sequence[str], n_buckets: int = N_WORD_BUCKETS, max_ids: int = MAX_WORD_IDS) -> FloatArray:
    """Hash the words and pairs of neighbouring words of each text.

    A dense embedding of a few hundred numbers has no room for the rare words that settle what a product is ("sipper",
    "jegging"); an id for each has.

    Args:
        texts: Any strings; an empty one gives a row of zeros.
        n_buckets: Ids are below this. Different words may share one.
        max_ids: Ids of a text; further ones are left out, pairs first.

    Returns:
        Distinct ids from 1 in the order of the text, words before pairs, then zeros. Whole numbers as float32, like the
        embeddings that they travel with. Shape: (n_texts, max_ids).

    Source:
        Weinberger et al. 2009, https://arxiv.org/abs/0902.2206 (feature hashing)
    """
    ids = np.zeros((len(texts), max_ids), dtype=np.float32)
    known: dict[str, int] = {}
    for row, text in enumerate(texts):
        words = tokenise(text).split()
        grams = [*words, *(f"{first} {second}" for first, second in pairwise(words))]
        for gram in grams:
            if gram not in known:
                known[gram] = 1 + zlib.crc32(gram.encode()) % (n_buckets - 1)
        found = list(dict.fromkeys(known[gram] for gram in grams))[:max_ids]
        ids[row, : len(found)] = found
    return ids
