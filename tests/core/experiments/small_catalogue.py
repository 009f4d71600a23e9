"""Products of five paths on three platforms, with embeddings that tell the paths apart."""

from zlib import crc32

import numpy as np

from core.experiments.catalogue import LabelledCatalogue
from core.experiments.settings import ExperimentSettings

PATHS = (("shoes", "boots"), ("shoes", "heels"), ("shoes",), ("bags", "totes"), ("bags", "clutches"))
QUICK = ExperimentSettings(min_products=5, max_epochs=6, folds=3)


class CentredEmbedder:
    """Every path has a centre of its own in every embedding; counts what it embeds."""

    def __init__(self, paths, n_dimensions=8):
        self._paths, self._n_dimensions, self.embedded = paths, n_dimensions, []

    def version(self, source, progress):
        return f"v1-{source.encoder}"

    def embed(self, source, progress):
        self.embedded.append(source)
        generator = np.random.default_rng(crc32(repr(source).encode()))
        centres = {path: generator.normal(size=self._n_dimensions) for path in PATHS}
        noise = generator.normal(scale=0.15, size=(len(self._paths), self._n_dimensions))
        rows = np.array([centres[path] for path in self._paths]) + noise
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def make_catalogue(n_products: int = 150) -> LabelledCatalogue:
    """Products of five paths on three platforms; every tenth is a duplicate of the one before."""
    paths = tuple(PATHS[row % len(PATHS)] for row in range(n_products))
    numbers = np.arange(n_products)
    return LabelledCatalogue(
        product_ids=numbers + 100,
        paths=paths,
        platforms=tuple(("market", "market", "shop a", "shop b")[row // len(PATHS) % 4] for row in range(n_products)),
        groups=np.where(numbers % 50 == 45, numbers - 5, numbers),
        modalities=("title", "image"),
        image_encoder="aligned",
        text_encoder="tfidf",
        embedder=CentredEmbedder(paths),
        rows=numbers,
        content="as made",
    )
