"""The labelled products that experiments run on, with their embeddings computed when first asked for."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from core.classifier.word_path import WORDS
from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import TooFewProductsError
from core.domain.progress import NullProgress, Progress
from core.experiments.settings import CUT_UP, LEAVE_OUT

Path = tuple[str, ...]


class Source(NamedTuple):
    """One embedding of every product: of which modality, by which encoder."""

    modality: str
    encoder: str


TITLE_WORDS = Source(WORDS, "hashed")
"""Not an embedding: the ids of a title's words, which travel like one."""


class Embedder(Protocol):
    """Gives the embeddings of a catalogue's products."""

    def version(self, source: Source, progress: Progress) -> str:
        """Identity of the encoder's weights, which are trained first where they must be."""

    def embed(self, source: Source, progress: Progress) -> FloatArray:
        """Embeddings, zero where a product lacks the modality. Shape: (n_products of the whole catalogue, d)."""


@dataclass(frozen=True, eq=False)
class LabelledCatalogue:
    """Products with known paths. Sequences and arrays are in one order.

    Attributes:
        product_ids: Shape: (n_products,).
        paths: Node ids from below the root; empty for a product that is to be sorted and teaches nothing.
        platforms: Where each product is offered.
        groups: Products of one group are duplicates of each other. Shape: (n_products,).
        modalities: Those that the catalogue has.
        image_encoder: The encoder that stands for images where none is named; "" without images.
        text_encoder: The same for texts.
        embedder: Gives embeddings.
        rows: Which rows of the embedder's products these are. Shape: (n_products,).
        content: Digest of the texts and images of the products.
        truth: Label of each product that no classifier learns from; "" where it is not known.
        notes: What was done to the data, for the reader of the table.
    """

    product_ids: IntArray
    paths: tuple[Path, ...]
    platforms: tuple[str, ...]
    groups: IntArray
    modalities: tuple[str, ...]
    image_encoder: str
    text_encoder: str
    embedder: Embedder
    rows: IntArray
    content: str = ""
    truth: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    _memory: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.product_ids)

    def source(self, modality: str) -> Source:
        """The embedding that stands for a modality."""
        return Source(modality, self.image_encoder if modality == "image" else self.text_encoder)

    def features(self, sources: Sequence[Source], progress: Progress | None = None) -> dict[str, FloatArray]:
        """Embeddings by modality, computed once. Shapes: (n_products, its dimension)."""
        return {source.modality: self._embedded(source, progress or NullProgress()) for source in sources}

    def _embedded(self, source: Source, progress: Progress) -> FloatArray:
        return self.remember(source, lambda: self.embedder.embed(source, progress)[self.rows])

    def remember(self, key: Any, compute: Callable[[], Any]) -> Any:
        """What `compute` gave the first time it was asked under this key: several rows of a table may share it."""
        if key not in self._memory:
            self._memory[key] = compute()
        return self._memory[key]

    def take(self, rows: IntArray) -> "LabelledCatalogue":
        """Some of the products, in the order of their row numbers given."""
        return replace(
            self,
            product_ids=self.product_ids[rows],
            paths=tuple(self.paths[row] for row in rows),
            platforms=tuple(self.platforms[row] for row in rows),
            groups=self.groups[rows],
            rows=self.rows[rows],
            truth=tuple(self.truth[row] for row in rows) if self.truth else (),
            _memory={},
        )

    def with_paths(self, paths: Sequence[Path]) -> "LabelledCatalogue":
        """The same products under other paths; embeddings that are there are kept."""
        kept = {key: value for key, value in self._memory.items() if isinstance(key, Source)}
        return replace(self, paths=tuple(paths), _memory=kept)

    def digest(self) -> str:
        """Changes with the products, their texts and images, paths, platforms, groups and truth."""
        facts = [self.product_ids.tolist(), self.paths, self.platforms, self.groups.tolist(), self.truth, self.content]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def without_rare_paths(catalogue: LabelledCatalogue, min_products: int, treatment: str) -> LabelledCatalogue:
    """Products whose path at least `min_products` share, the paths of others cut up first where that is asked for.

    Args:
        catalogue: The products.
        min_products: A path needs so many.
        treatment: `leave_out` or `cut_up`; see `core.experiments.settings.ExperimentSettings`.

    Raises:
        TooFewProductsError: If fewer than two paths have enough products.
    """
    paths = cut_up(catalogue.paths, min_products) if treatment == CUT_UP else catalogue.paths
    counts = Counter(paths)
    kept = np.array([row for row, path in enumerate(paths) if path and counts[path] >= min_products], dtype=np.int64)
    n_paths = len({paths[row] for row in kept})
    if n_paths < 2:
        raise TooFewProductsError(
            f"An experiment needs two categories with at least {min_products} products each, found {n_paths} among "
            f"{len(catalogue):,} labelled products.",
            "Lower min_products, or approve or import more products.",
        )
    n_all = len({path for path in catalogue.paths if path})
    n_cut = sum(before != after for before, after in zip(catalogue.paths, paths, strict=True))
    notes = [
        f"{len(kept):,} products in {n_paths:,} categories of at least {min_products} products; "
        f"{len(catalogue) - len(kept):,} products of rarer ones left out ({n_all:,} categories before)."
    ]
    if treatment != LEAVE_OUT:
        notes.append(f"{n_cut:,} products of rarer categories count for the nearest category above with enough.")
    return replace(replace(catalogue, paths=tuple(paths)).take(kept), notes=(*catalogue.notes, *notes))


def cut_up(paths: Sequence[Path], min_products: int) -> tuple[Path, ...]:
    """Each path up to its deepest node that has `min_products` products at or below it; () where none has."""
    below = Counter(path[:end] for path in paths for end in range(1, len(path) + 1))
    cut = []
    for path in paths:
        end = len(path)
        while end and below[path[:end]] < min_products:
            end -= 1
        cut.append(path[:end])
    return tuple(cut)
