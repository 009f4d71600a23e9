"""Which products train, which choose the best epoch, and which only test."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.domain.arrays import IntArray
from core.domain.errors import ShapeError

FRACTIONS = (0.64, 0.16, 0.20)
MIN_PRODUCTS_TO_HOLD_OUT = 3
_TRAIN, _VALIDATION, _TEST = range(3)


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers of the three parts, each ascending; together every product once."""

    train: IntArray
    validation: IntArray
    test: IntArray

    @property
    def sizes(self) -> dict[str, int]:
        """Number of products in each part."""
        return {"train": len(self.train), "validation": len(self.validation), "test": len(self.test)}


def stratified_split(
    labels: Sequence[Hashable], groups: Sequence[Hashable] | IntArray | None = None, seed: int = 0
) -> Split:
    """Split 64 / 16 / 20 within each label, keeping groups whole and small labels in training.

    Every label has a product in training. A label of one or two products is only there. A group with several labels
    counts as the rarest of them.

    Args:
        labels: Label of each product, such as its path; must sort.
        groups: Products with equal values never part, so that a duplicate cannot leak from training into the test;
            None where every product stands alone.
        seed: Decides who goes where.

    Returns:
        The three parts; validation and test may be empty where all labels are small.

    Raises:
        ShapeError: If there are no products, or not one group per product.

    Source:
        Gross et al. 2025, https://arxiv.org/abs/2508.20013 (the fractions)
    """
    if not labels or (groups is not None and len(groups) != len(labels)):
        raise ShapeError(
            f"Expected one group for each of at least one label, got {len(labels)} labels and "
            f"{len(groups) if groups is not None else 'no'} groups.",
            "Pass labels and groups of the same products.",
        )
    members = group_members(labels, groups)
    parts = np.full(len(labels), _TRAIN)
    generator = np.random.default_rng(seed)
    counts = Counter(labels)
    for label, groups_of_label in strata(labels, members).items():
        if counts[label] >= MIN_PRODUCTS_TO_HOLD_OUT:
            _share_out(groups_of_label, parts, generator)
    _give_every_label_to_training(labels, members, parts)
    return Split(*(np.flatnonzero(parts == part).astype(np.int64) for part in (_TRAIN, _VALIDATION, _TEST)))


def duplicate_groups(*keys: Sequence[str | None]) -> IntArray:
    """Group products that share any key, also through a chain of others.

    Args:
        keys: One sequence per kind of key, such as image hashes and normalised titles, each with one value per
            product; None or an empty string joins nobody.

    Returns:
        Group of each product, from 0. Shape: (n_products,).

    Raises:
        ShapeError: If there are no keys or their lengths differ.
    """
    if len({len(key) for key in keys}) != 1:
        raise ShapeError(f"Expected keys of one length, got {[len(key) for key in keys]}.", "Pass one value a product.")
    n_products = len(keys[0])
    vertices: dict[tuple[int, str], int] = {}
    edges = [
        (row, n_products + vertices.setdefault((kind, value), len(vertices)))
        for kind, key in enumerate(keys)
        for row, value in enumerate(key)
        if value
    ]
    size = n_products + len(vertices)
    rows, columns = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(edges), dtype=np.int8), (rows, columns)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    return np.unique(component[:n_products], return_inverse=True)[1].astype(np.int64)


def group_members(labels: Sequence[Hashable], groups: Sequence[Hashable] | IntArray | None) -> list[list[int]]:
    """Row numbers of each group, in the order of their first products; each product alone where groups is None."""
    if groups is None:
        return [[row] for row in range(len(labels))]
    members: dict[Hashable, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    return list(members.values())


def strata(labels: Sequence[Hashable], members: list[list[int]]) -> dict[Hashable, list[list[int]]]:
    """Groups by the rarest of their labels, labels ascending.

    Args:
        labels: Label of each product.
        members: Row numbers of each group; see `group_members`.

    Returns:
        Label → row numbers of each of its groups.
    """
    counts = Counter(labels)
    found: dict[Hashable, list[list[int]]] = defaultdict(list)
    for rows in members:
        rarest = min((labels[row] for row in rows), key=lambda label: (counts[label], label))
        found[rarest].append(rows)
    return {label: found[label] for label in sorted(found)}


def _share_out(groups: list[list[int]], parts: IntArray, generator: np.random.Generator) -> None:
    """Give each group, large ones first, to the part that misses most products of its share."""
    shuffled = [groups[i] for i in generator.permutation(len(groups))]
    missing = np.array(FRACTIONS) * sum(len(rows) for rows in groups)
    for rows in sorted(shuffled, key=len, reverse=True):
        part = int(np.argmax(missing))
        parts[rows] = part
        missing[part] -= len(rows)


def _give_every_label_to_training(labels: Sequence[Hashable], members: list[list[int]], parts: IntArray) -> None:
    trained = {labels[row] for row in np.flatnonzero(parts == _TRAIN)}
    for rows in members:
        if not trained.issuperset(labels[row] for row in rows):
            parts[rows] = _TRAIN
            trained.update(labels[row] for row in rows)
