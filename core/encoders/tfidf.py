"""Text encoder without a download: word and character n-gram TF-IDF, reduced by a truncated SVD.

The fitted state is one safetensors file with JSON in its header, so that loading never runs code from it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from core.domain.arrays import FloatArray
from core.domain.errors import EncoderUnavailableError
from core.domain.progress import Progress
from core.encoders.ngrams import NgramOptions, NgramTfidf, tokenise

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FILE_NAME = "tfidf.safetensors"
_FORMAT = "1"
_BATCH = 8192
_TINY_CORPUS = 200


@dataclass(frozen=True, slots=True)
class TfidfParameters:
    """Everything that decides a fit, besides the texts. Weights scale the two L2-normalised n-gram families."""

    n_dimensions: int = 256
    word_ngrams: tuple[int, int] = (1, 2)
    char_ngrams: tuple[int, int] = (3, 5)
    max_features: int = 60_000
    word_weight: float = 1.0
    char_weight: float = 0.7
    n_iterations: int = 4
    seed: int = 0


TITLES = TfidfParameters()
BRANDS = TfidfParameters(n_dimensions=64)


class TfidfEncoder:
    """A fitted TF-IDF + SVD text encoder. Made by `fit` or `load`.

    Args:
        parameters: What it was fitted with.
        words: Word n-grams.
        chars: Character n-grams.
        components: Rows of the SVD. Shape: (n_dimensions, n_words + n_chars).
        version: Hash of the parameters and of the texts it was fitted on.
    """

    name = "tfidf"

    def __init__(
        self, parameters: TfidfParameters, words: NgramTfidf, chars: NgramTfidf, components: FloatArray, version: str
    ) -> None:
        self.parameters, self.version = parameters, version
        self._words, self._chars = words, chars
        self._directions = np.ascontiguousarray(components.T)  # as a product with sparse rows reads it

    @property
    def n_dimensions(self) -> int:
        """Length of an embedding: what was asked for, or less where the texts hold less."""
        return self._directions.shape[1]

    @classmethod
    def fit(cls, texts: Sequence[str], progress: Progress, parameters: TfidfParameters = TITLES) -> Self:
        """Learn n-grams, their rarity and the SVD from texts.

        An n-gram must be in two texts to count, or in one where there are fewer than 200 texts.

        Args:
            texts: A catalogue's titles, or brands. Without a word in them every embedding is zero.
            progress: Hears of each stage.
            parameters: Sizes and weights.

        Returns:
            The fitted encoder.
        """
        documents = [tokenise(text) for text in texts]
        min_documents = 1 if len(documents) < _TINY_CORPUS else 2
        progress.report(0.0, "Counting words")
        words = NgramTfidf.fit(documents, _word_options(parameters), min_documents)
        progress.report(0.1, "Counting character n-grams")
        chars = NgramTfidf.fit(documents, _char_options(parameters), min_documents)
        progress.report(0.2, "Reducing n-grams")
        components = _components(_weighted(documents, words, chars, parameters), parameters)
        progress.report(1.0, "Text encoder fitted")
        return cls(parameters, words, chars, components, _version(parameters, documents))

    def encode(self, texts: Sequence[str], progress: Progress) -> FloatArray:
        """Embed texts; one without a known n-gram becomes the zero vector. Shape: (n_texts, n_dimensions)."""
        from sklearn.preprocessing import normalize

        embeddings = np.zeros((len(texts), self.n_dimensions), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            progress.report(start / len(texts), "Encoding texts")
            documents = [tokenise(text) for text in texts[start : start + _BATCH]]
            weighted = _weighted(documents, self._words, self._chars, self.parameters)
            embeddings[start : start + _BATCH] = normalize(weighted @ self._directions)
        return embeddings

    def save(self, folder: Path) -> None:
        """Write the fitted state into `folder` as one file, by a temporary file and a rename."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        fitted = {"parameters": asdict(self.parameters), "words": self._words.terms, "chars": self._chars.terms}
        header = {"format": _FORMAT, "version": self.version, "fitted": json.dumps(fitted)}
        components = np.ascontiguousarray(self._directions.T)
        arrays = {"components": components, "word_idf": self._words.idf, "char_idf": self._chars.idf}
        temporary = folder / f"{FILE_NAME}.tmp"
        save_file(arrays, temporary, metadata=header)
        temporary.replace(folder / FILE_NAME)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Runs no code from the file.

        Raises:
            EncoderUnavailableError: If the folder holds no fitted encoder that can be read.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(folder / FILE_NAME, framework="numpy") as file:
                header = file.metadata() or {}
                fitted = json.loads(header["fitted"])
                parameters = _parameters(fitted["parameters"])
                words = NgramTfidf(_word_options(parameters), fitted["words"], file.get_tensor("word_idf"))
                chars = NgramTfidf(_char_options(parameters), fitted["chars"], file.get_tensor("char_idf"))
                return cls(parameters, words, chars, file.get_tensor("components"), header["version"])
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as fault:
            raise EncoderUnavailableError(
                f"Expected a fitted text encoder in {folder}, got: {fault}.", "Encode the catalogue again."
            ) from fault


def _word_options(parameters: TfidfParameters) -> NgramOptions:
    return NgramOptions("word", parameters.word_ngrams, parameters.max_features)


def _char_options(parameters: TfidfParameters) -> NgramOptions:
    return NgramOptions("char_wb", parameters.char_ngrams, parameters.max_features)


def _parameters(values: dict[str, Any]) -> TfidfParameters:
    return TfidfParameters(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})


def _version(parameters: TfidfParameters, documents: Sequence[str]) -> str:
    digest = hashlib.sha256(json.dumps([_FORMAT, asdict(parameters)]).encode())
    for document in documents:
        digest.update(document.encode() + b"\n")
    return digest.hexdigest()[:16]


def _weighted(
    documents: Sequence[str], words: NgramTfidf, chars: NgramTfidf, parameters: TfidfParameters
) -> "csr_array":
    """Both families side by side. Shape: (n_documents, n_words + n_chars)."""
    from scipy.sparse import csr_array, hstack

    families = [
        parameters.word_weight * words.transform(documents),
        parameters.char_weight * chars.transform(documents),
    ]
    return csr_array(hstack(families, dtype=np.float32))


def _components(weighted: "csr_array", parameters: TfidfParameters) -> FloatArray:
    """Right singular vectors, largest first; one zero row where there is nothing to reduce."""
    from sklearn.decomposition import TruncatedSVD

    n_components = min(parameters.n_dimensions, *weighted.shape)
    if n_components == 0:
        return np.zeros((1, weighted.shape[1]), dtype=np.float32)
    svd = TruncatedSVD(n_components, n_iter=parameters.n_iterations, random_state=parameters.seed)
    return np.ascontiguousarray(svd.fit(weighted).components_, dtype=np.float32)
