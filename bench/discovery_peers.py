"""The peers of the discovery benchmark, on the same images and titles in the same process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.discovery_methods import Outcome, encode_images
from bench.discovery_workspace import HiddenCategory
from bench.peers import (
    BERTOPIC,
    KMEANS,
    TitleEmbedding,
    bertopic_cuts,
    embed_titles,
    image_kmeans_cuts,
    topic_kmeans_cuts,
)
from core.services.context import Context


@dataclass
class KMeansPeer:
    """Plain SimCLR and K-Means: the embeddings as they are."""

    image_encoder: str = "simclr"
    name: str = KMEANS
    version: str = ""

    def prepare(self, context: Context, categories: Sequence[HiddenCategory]) -> None:
        """Train the image encoder where that is due, and encode all images."""
        self.version = encode_images(context, categories, self.image_encoder)[0]

    def settings(self, seed: int) -> dict[str, Any]:
        """The version of the image encoder and the seed."""
        return {"method": self.name, "image version": self.version, "seed": seed}

    def run(self, context: Context, category: HiddenCategory, seed: int, counts: Sequence[int]) -> Outcome:
        """K-Means once for each number of clusters."""
        images = encode_images(context, [category], self.image_encoder)[1]
        return Outcome(_ids(category), {self.name: image_kmeans_cuts(images, counts, seed)})


@dataclass
class BertopicPeer:
    """BERTopic on the titles, cut to each number of topics.

    Args:
        embedding: How it sees a title.
        takes_kmeans: Whether K-Means finds the topics instead of HDBSCAN: exactly as many as wanted, and no outliers.
    """

    embedding: TitleEmbedding
    takes_kmeans: bool = False

    @property
    def name(self) -> str:
        """Names the embedding, and K-Means where it is used."""
        return f"{BERTOPIC}, {self.embedding}" + (", K-Means" if self.takes_kmeans else "")

    def prepare(self, context: Context, categories: Sequence[HiddenCategory]) -> None:
        """Embed all titles once, where a network does that.

        Raises:
            EncoderUnavailableError: If bertopic or the network is not installed.
        """
        for category in categories:
            embed_titles(self.embedding, _titles(category), context.features)

    def settings(self, seed: int) -> dict[str, Any]:
        """The embedding and the seed."""
        return {"method": self.name, "seed": seed}

    def run(self, context: Context, category: HiddenCategory, seed: int, counts: Sequence[int]) -> Outcome:
        """HDBSCAN's topics come with outliers left out, and with outliers placed by `reduce_outliers`."""
        titles = _titles(category)
        embeddings = embed_titles(self.embedding, titles, context.features)
        if self.takes_kmeans:
            return Outcome(_ids(category), {self.name: topic_kmeans_cuts(titles, embeddings, counts, seed)})
        kept, placed = bertopic_cuts(titles, embeddings, counts, seed)
        return Outcome(_ids(category), {self.name: kept, f"{self.name}, outliers placed": placed})


def _ids(category: HiddenCategory) -> list[int]:
    return [product.id for product in category.products]


def _titles(category: HiddenCategory) -> list[str]:
    return [product.title for product in category.products]
