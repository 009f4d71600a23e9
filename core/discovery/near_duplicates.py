"""Products that a catalogue holds more than once: equal images, equal titles, images hardly apart."""

import re
import unicodedata
from collections.abc import Hashable, Sequence
from enum import IntEnum

import numpy as np

from core.domain.arrays import FloatArray, IntArray
from core.domain.errors import ShapeError

_BLOCK = 1024


class DuplicateReason(IntEnum):
    """What a product has in common with the first of its group; the surest is asked first."""

    NONE = 0
    SAME_IMAGE = 1
    SAME_TITLE = 2
    ALIKE = 3


def title_key(title: str, brand: str) -> str | None:
    """What titles that differ in case, marks and spacing only have in common, with the brand; None for no words."""
    words = _words(title)
    return f"{_words(brand)}\n{words}" if words else None


def duplicate_groups(
    images: Sequence[Hashable | None],
    titles: Sequence[Hashable | None],
    vectors: FloatArray,
    threshold: float | None,
    title_threshold: float,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Put each product to the first one that it repeats.

    Every product is compared with the first of each group alone, so that a chain of small steps never joins two
    products that are far apart. Shops give one title to many products: an equal title counts where the images are not
    clearly different, too.

    Args:
        images: What tells images apart, one per product; None for a product without. Length: n_products.
        titles: What tells titles apart. Length: n_products.
        vectors: Embeddings of the images, of unit length; zero rows where there is none. Shape: (n_products, d).
        threshold: Least cosine similarity of images that count as one; None compares equal keys alone.
        title_threshold: Least cosine similarity of images of one title.

    Returns:
        Index of the first of each product's group, its own where it repeats none; a `DuplicateReason` each; the
        cosine similarity with that first one, 0 where the reason is no likeness. Shapes: (n_products,).

    Raises:
        ShapeError: If the lengths differ.
    """
    n = len(images)
    if len(titles) != n or len(vectors) != n:
        raise ShapeError(
            f"Expected a title and a vector for each of {n} images, got {len(titles)} and {len(vectors)}.",
            "Pass one of each per product.",
        )
    groups = _Groups(vectors, title_threshold)
    for start in range(0, n, _BLOCK):
        end = min(start + _BLOCK, n)
        near = {} if threshold is None else _near_pairs(vectors, start, end, threshold)
        for index in range(start, end):
            groups.place(index, images[index], titles[index], near.get(index))
    return groups.firsts, groups.reasons, groups.similarities


class _Groups:
    """Groups as they grow, product by product."""

    def __init__(self, vectors: FloatArray, title_threshold: float) -> None:
        n = len(vectors)
        self.firsts, self.reasons = np.arange(n), np.zeros(n, dtype=np.int64)
        self.similarities = np.zeros(n, dtype=np.float32)
        self._vectors, self._title_threshold = vectors, title_threshold
        self._has_vector = vectors.any(axis=1)
        self._by_image: dict[Hashable, int] = {}
        self._by_title: dict[Hashable, list[int]] = {}

    def place(
        self, index: int, image: Hashable | None, title: Hashable | None, near: tuple[IntArray, FloatArray] | None
    ) -> None:
        """Put the next product to a group, or make it the first of its own."""
        same_title = self._same_title(index, title)
        if image is not None and image in self._by_image:
            self._join(index, self._by_image[image], DuplicateReason.SAME_IMAGE)
        elif same_title is not None:
            self._join(index, same_title, DuplicateReason.SAME_TITLE)
        elif near is not None:
            self._join_nearest(index, *near)
        first = int(self.firsts[index])
        if image is not None:
            self._by_image.setdefault(image, first)
        if title is not None and first not in self._by_title.setdefault(title, []):
            self._by_title[title].append(first)

    def _join(self, index: int, first: int, reason: DuplicateReason, similarity: float = 0.0) -> None:
        self.firsts[index], self.reasons[index], self.similarities[index] = first, reason, similarity

    def _same_title(self, index: int, title: Hashable | None) -> int | None:
        """The group of the same title whose first looks most alike; the earliest where there is no telling."""
        known = self._by_title.get(title, []) if title is not None else []
        if not known:
            return None
        scores = self._vectors[known] @ self._vectors[index]
        comparable = self._has_vector[known] & self._has_vector[index]
        scores = np.where(comparable, scores, self._title_threshold)
        best = int(np.argmax(scores))
        return known[best] if scores[best] >= self._title_threshold else None

    def _join_nearest(self, index: int, earlier: IntArray, scores: FloatArray) -> None:
        is_first = self.firsts[earlier] == earlier
        if is_first.any():
            best = int(np.argmax(np.where(is_first, scores, -np.inf)))
            self._join(index, int(earlier[best]), DuplicateReason.ALIKE, float(scores[best]))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _near_pairs(vectors: FloatArray, start: int, end: int, threshold: float) -> dict[int, tuple[IntArray, FloatArray]]:
    """Index of each product of a block → the earlier ones it is near to, and how near."""
    scores = vectors[start:end] @ vectors[:end].T  # (B, d) @ (d, end) -> (B, end)
    rows, columns = np.nonzero(scores >= threshold)
    is_earlier = columns < rows + start
    rows, columns = rows[is_earlier], columns[is_earlier]
    bounds = np.searchsorted(rows, np.arange(end - start + 1))
    return {
        start + row: (columns[bounds[row] : bounds[row + 1]], scores[row, columns[bounds[row] : bounds[row + 1]]])
        for row in np.unique(rows)
    }
