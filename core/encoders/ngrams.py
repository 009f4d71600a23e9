"""TF-IDF over one family of n-grams: words, or characters inside word boundaries.

Scikit-learn counts. Character n-grams are counted once per distinct word and spread to the texts by a matrix
product, which gives the counts of its `char_wb` analyser at a fraction of the cost.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from core.domain.arrays import FloatArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class NgramOptions:
    """Which n-grams to keep: shortest and longest, in how many texts at least, how many at most."""

    analyzer: Literal["word", "char_wb"]
    ngram_range: tuple[int, int]
    max_features: int = 60_000


@dataclass(frozen=True, slots=True)
class NgramTfidf:
    """A fitted family. `terms` are its n-grams in alphabetical order; `idf` how rare each is, shape (n_terms,)."""

    options: NgramOptions
    terms: list[str]
    idf: FloatArray
    _columns: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_columns", {term: column for column, term in enumerate(self.terms)})

    @classmethod
    def fit(cls, documents: Sequence[str], options: NgramOptions, min_documents: int) -> Self:
        """Keep the n-grams found in at least `min_documents` tokenised texts, the most widespread first."""
        counts, terms = _count(documents, options)
        n_documents = np.bincount(counts.indices, minlength=len(terms))
        widespread = np.argsort(-n_documents, kind="stable")[: options.max_features]
        kept = np.sort(widespread[n_documents[widespread] >= min_documents])
        idf = np.log((1 + len(documents)) / (1 + n_documents[kept])) + 1
        return cls(options, [terms[index] for index in kept], idf.astype(np.float32))

    def transform(self, documents: Sequence[str]) -> "csr_array":
        """Sublinear TF-IDF of tokenised texts, each row of length 1 or 0. Shape: (n_documents, n_terms)."""
        from scipy.sparse import csr_array
        from sklearn.preprocessing import normalize

        counts, _ = _count(documents, self.options, self._columns)
        weights = (1 + np.log(counts.data)) * self.idf[counts.indices]
        weighted = csr_array((weights.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape)
        return normalize(weighted) if weighted.nnz else weighted


def tokenise(text: str) -> str:
    """Words of a text, compatibility-normalised and case-folded, with single blanks between them."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _count(
    documents: Sequence[str], options: NgramOptions, columns: dict[str, int] | None = None
) -> tuple["csr_array", list[str]]:
    """Occurrences of each n-gram in each document, and which n-grams; where columns are given, those alone, unnamed."""
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import CountVectorizer

    units, occurrences = (documents, None) if options.analyzer == "word" else _distinct_words(documents)
    if columns == {} or not any(units):
        return csr_array((len(documents), len(columns or {})), dtype=np.float32), []
    counter = CountVectorizer(
        analyzer=options.analyzer,
        ngram_range=options.ngram_range,
        lowercase=False,
        vocabulary=columns,
        dtype=np.float32,
        **({"token_pattern": r"\S+"} if options.analyzer == "word" else {}),
    )
    counts = counter.fit_transform(units)
    if occurrences is not None:
        counts = occurrences @ counts
    return csr_array(counts), [] if columns else list(counter.get_feature_names_out())


def _distinct_words(documents: Sequence[str]) -> tuple[list[str], "csr_array"]:
    """Words in alphabetical order, and how often each is in each document: (n_documents, n_words)."""
    from scipy.sparse import csr_array

    split = [document.split() for document in documents]
    words = sorted({word for tokens in split for word in tokens})
    position = {word: index for index, word in enumerate(words)}
    columns = np.array([position[word] for tokens in split for word in tokens], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum([len(tokens) for tokens in split], dtype=np.int64)])
    ones = np.ones(len(columns), dtype=np.float32)
    return words, csr_array((ones, columns, starts), shape=(len(documents), len(words)))
