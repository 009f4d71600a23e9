"""A tree of merges that obeys the curator, so that every cut of it does.

What belongs together is joined first, at a height of -inf that no cut undoes; what must be apart is joined last, at
+inf that no cut keeps. Between the two, everything else merges in the order and at the heights of the tree as it was
found, and follows its neighbourhood.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.discovery.dendrogram import Dendrogram
from core.discovery.guidance import UNKNOWN, Guidance, Separation
from core.domain.arrays import AnyArray, DoubleArray, FloatArray, IntArray
from core.domain.errors import ShapeError

STRAY_DENSITY = 0.5
"""Seeds less than this times as dense as at their group's home are strays: products around them do not follow."""


def guided_dendrogram(dendrogram: Dendrogram, reduced: FloatArray, guidance: Guidance) -> Dendrogram:
    """Rearrange a tree so that every cut of it respects what is known.

    Seeds of one group are joined before anything else. The tree's merges follow in their order: two parts without
    seeds merge as they did; a part without seeds joins the nearest group on the other side, if that group's seeds are
    about as dense there as where the group is at home, so that a stray draws no whole neighbourhood after it; parts
    that must stay apart do not merge. What is left in the end is joined at an infinite height.

    Args:
        dendrogram: The tree as it was found; noise sits on leaf -1, where no seed stays.
        reduced: The space it was built in. Shape: (n_products, n_components).
        guidance: Labels, and what must be apart. A label outweighs a separation that contradicts it.

    Returns:
        A tree over the same products. A leaf that holds seeds of two groups is parted among them.

    Raises:
        ShapeError: If the inputs differ in length.

    Source:
        Instance-level constraints in agglomerative clustering: Davidson & Ravi 2005,
        https://doi.org/10.1007/11564126_11 (the constraints; here they act on a finished tree).
    """
    if not len(guidance.labels) == len(reduced) == dendrogram.n_products:
        raise ShapeError(
            f"Expected one label and one position per product, got {len(guidance.labels)} labels and {len(reduced)} "
            f"positions for {dendrogram.n_products} products.",
            "Collect the guidance for the products of the run.",
        )
    members = _members_by_leaf(dendrogram)
    bits = _Bits.of(guidance.labels, guidance.separations)
    growth = _Growth(reduced, guidance.labels, bits, _home_densities(dendrogram, members, guidance.labels))
    parts = [growth.add_leaf(positions) for positions in members]
    growth.add_leaf(np.flatnonzero((guidance.labels >= 0) & (dendrogram.leaf_of_product < 0)))
    growth.join_seeds()
    parts = [growth.settle(part, 0.0) for part in parts]
    for left, right, height in dendrogram.linkage[:, :3].tolist():
        parts.append(growth.merge(parts[int(left)], parts[int(right)], height))
        parts[int(left)] = parts[int(right)] = {}
    growth.close(parts[-1], float(dendrogram.linkage[-1, 2]) if len(dendrogram.linkage) else 0.0)
    return Dendrogram(np.array(growth.rows).reshape(-1, 4), growth.leaf_of_product, dendrogram.method)


def fewest_clusters(dendrogram: Dendrogram) -> int:
    """The coarsest cut that keeps apart what must be apart; 1 for a tree that nobody guided."""
    return 1 + int(np.isposinf(dendrogram.linkage[:, 2]).sum())


@dataclass(frozen=True, slots=True)
class _Bits:
    """What each product is and what it may not be with, as bits of whole numbers: groups first, then separations."""

    holds: list[int]
    bars: list[int]

    @classmethod
    def of(cls, labels: IntArray, separations: Sequence[Separation]) -> "_Bits":
        n_groups = int(labels.max(initial=UNKNOWN)) + 1
        every_group = (1 << n_groups) - 1
        holds = [1 << label if label >= 0 else 0 for label in labels.tolist()]
        bars = [every_group & ~held if held else 0 for held in holds]
        for index, separation in enumerate(separations):
            bit = 1 << (n_groups + index)
            for position in separation.movers.tolist():
                holds[position] |= bit
            for position in separation.stayers.tolist():
                bars[position] |= bit
        return cls(holds, bars)


@dataclass(slots=True)
class _Entity:
    """A growing cluster of the new tree: its topmost node there, and what it may merge with."""

    node: int
    count: int
    holds: int
    bars: int
    n_seeds: int

    def may_join(self, other: "_Entity") -> bool:
        return not (self.holds & other.bars or other.holds & self.bars)


@dataclass(slots=True)
class _Local:
    """The share of an entity inside one part of the old tree."""

    total: DoubleArray
    count: int
    n_seeds: int

    def plus(self, other: "_Local") -> "_Local":
        return _Local(self.total + other.total, self.count + other.count, self.n_seeds + other.n_seeds)


_Part = dict[int, _Local]
"""A subtree of the old tree: the entities that have products in it."""


class _Growth:
    """The new tree while it grows. Entity `label` holds the seeds of that group; others are numbered after them."""

    def __init__(self, reduced: FloatArray, labels: IntArray, bits: _Bits, densities: dict[int, float]) -> None:
        self._reduced, self._labels, self._bits, self._densities = reduced, labels, bits, densities
        self._entities: dict[int, _Entity] = {}
        self._seed_leaves: dict[int, list[tuple[int, int]]] = {}
        self._next_entity = int(labels.max(initial=UNKNOWN)) + 1
        self._n_leaves = 0
        self.leaf_of_product = np.full(len(labels), UNKNOWN, dtype=np.int64)
        self.rows: list[tuple[float, float, float, float]] = []

    def add_leaf(self, positions: IntArray) -> _Part:
        """The products of one old leaf, on as many new leaves as what is known of them asks for."""
        alike: dict[tuple[int, int], list[int]] = {}
        for position in positions.tolist():
            alike.setdefault((self._bits.holds[position], self._bits.bars[position]), []).append(position)
        part: _Part = {}
        for _, together in sorted(alike.items()):
            key, local = self._place(np.array(together, dtype=np.int64))
            part[key] = part[key].plus(local) if key in part else local
        return part

    def _place(self, positions: IntArray) -> tuple[int, _Local]:
        """Products of which the same is known, on a leaf of their own."""
        leaf, self._n_leaves = self._n_leaves, self._n_leaves + 1
        self.leaf_of_product[positions] = leaf
        first = int(positions[0])
        label, holds, bars = int(self._labels[first]), self._bits.holds[first], self._bits.bars[first]
        n_seeds = len(positions) if label >= 0 else 0
        if label >= 0:
            key = label
            self._seed_leaves.setdefault(label, []).append((leaf, len(positions)))
        else:
            key, self._next_entity = self._next_entity, self._next_entity + 1
        known = self._entities.setdefault(key, _Entity(leaf, len(positions), 0, 0, 0))
        known.holds |= holds
        known.bars = (known.bars | bars) & ~known.holds
        known.n_seeds += n_seeds
        return key, _Local(self._reduced[positions].astype(np.float64).sum(axis=0), len(positions), n_seeds)

    def join_seeds(self) -> None:
        """Every group becomes one node, where no cut reaches."""
        for label, leaves in sorted(self._seed_leaves.items()):
            entity = self._entities[label]
            (entity.node, entity.count), *others = leaves
            for leaf, count in others:
                self._append(entity, leaf, count, -np.inf)

    def merge(self, left: _Part, right: _Part, height: float) -> _Part:
        """Two old parts become one."""
        part = dict(left)
        for key, local in right.items():
            part[key] = part[key].plus(local) if key in part else local
        return self.settle(part, height)

    def settle(self, part: _Part, height: float, is_strict: bool = True) -> _Part:
        """Whatever may join inside a part does."""
        while (pair := self._next_pair(part, is_strict)) is not None:
            free, target = pair
            gone = self._entities.pop(free)
            entity = self._entities[target]
            self._append(entity, gone.node, gone.count, height)
            entity.holds |= gone.holds
            entity.bars |= gone.bars
            part[target] = part[target].plus(part.pop(free))
        return part

    def close(self, everything: _Part, height: float) -> None:
        """Join the last free parts to what they may join, and where no cut looks, what must be apart."""
        self.settle(everything, height, is_strict=False)
        first, *others = [self._entities[key] for key in sorted(self._entities)]
        for other in others:
            self._append(first, other.node, other.count, np.inf)

    def _next_pair(self, part: _Part, is_strict: bool) -> tuple[int, int] | None:
        """A free entity of a part and the nearest that it may join there."""
        if len(part) == 1:
            return None
        size = sum(local.count for local in part.values())
        for key in sorted(part):
            entity = self._entities[key]
            if entity.n_seeds:
                continue
            open_to = [
                other
                for other, local in part.items()
                if other != key
                and entity.may_join(self._entities[other])
                and not (is_strict and self._is_stray(other, local, size))
            ]
            if open_to:
                return key, min(open_to, key=lambda other: (_distance(part[key], part[other]), other))
        return None

    def _is_stray(self, key: int, local: _Local, size: int) -> bool:
        """Whether a group has only strays in a part of so many products."""
        return key in self._densities and local.n_seeds < STRAY_DENSITY * self._densities[key] * size

    def _append(self, entity: _Entity, node: int, count: int, height: float) -> None:
        entity.count += count
        self.rows.append((min(entity.node, node), max(entity.node, node), height, entity.count))
        entity.node = self._n_leaves + len(self.rows) - 1


def _distance(one: _Local, other: _Local) -> float:
    return float(np.linalg.norm(one.total / one.count - other.total / other.count))


def _home_densities(dendrogram: Dendrogram, members: Sequence[AnyArray], labels: IntArray) -> dict[int, float]:
    """Share of each group's seeds among all products of the lowest part of the tree that holds half of its seeds."""
    placed = labels[dendrogram.leaf_of_product >= 0]
    total = Counter(placed[placed >= 0].tolist())
    counts = [Counter(own[own >= 0].tolist()) for own in (labels[positions] for positions in members)]
    sizes = [len(positions) for positions in members]
    found: dict[int, float] = {}
    for node in range(len(members) + len(dendrogram.linkage)):
        if node >= len(members):
            left, right = dendrogram.linkage[node - len(members), :2].astype(int).tolist()
            small, large = sorted((counts[left], counts[right]), key=len)
            large.update(small)
            counts.append(large)
            sizes.append(sizes[left] + sizes[right])
            counts[left] = counts[right] = Counter()
        for label, n_seeds in counts[node].items():
            if label not in found and 2 * n_seeds >= total[label]:
                found[label] = n_seeds / sizes[node]
    return found


def _members_by_leaf(dendrogram: Dendrogram) -> list[AnyArray]:
    order = np.argsort(dendrogram.leaf_of_product, kind="stable")
    leaves = dendrogram.leaf_of_product[order]
    bounds = np.searchsorted(leaves, np.arange(dendrogram.n_leaves + 1))
    return [order[bounds[leaf] : bounds[leaf + 1]] for leaf in range(dendrogram.n_leaves)]
